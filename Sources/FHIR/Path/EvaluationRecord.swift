/// What an evaluation looked at and made of what, so that it need not be repeated for documents of the same shape.
///
/// INVARIANT: used by one evaluator, for one document.
final class EvaluationRecord {
    /// Values whose content decided where a path leads.
    private(set) var examined: Set<Int> = []
    /// Computed texts by where they begin: the texts that they were put together from.
    private var parts: [UnsafePointer<UInt8>: [Tape.Text]] = [:]
    /// The texts of the document by where they begin.
    private let nodes: [UnsafePointer<UInt8>: Int]
    /// Whether something happened that another document of the shape might do otherwise.
    private(set) var isLost = false

    init(_ tape: Tape) {
        var nodes: [UnsafePointer<UInt8>: Int] = [:]
        var node = Tape.root
        let end = tape.next(Tape.root)
        while node < end {
            switch tape.kind(node) {
            case Tape.Kind.string:
                if let start = tape.text(node).baseAddress { nodes[start] = node }
                node += 1
            case Tape.Kind.signed, Tape.Kind.unsigned, Tape.Kind.double: node += 2
            default: node += 1
            }
        }
        self.nodes = nodes
    }

    func examine(_ node: Int) { examined.insert(node) }

    func lose() { isLost = true }

    func examine(_ item: PathItem) {
        if case .node(let node, _) = item { examine(node) }
    }

    /// Notes that a text was put together from others.
    func compose(_ text: Tape.Text, of others: [Tape.Text]) {
        guard let start = text.baseAddress else { return }
        parts[start] = others.flatMap { other in other.baseAddress.flatMap { parts[$0] } ?? [other] }
    }

    /// What a text consists of; nil where that cannot be told.
    func pieces(of text: Tape.Text, _ tape: Tape, _ program: PathProgram) -> [ShapedRows.Piece]? {
        guard let start = text.baseAddress else { return [] }
        var pieces: [ShapedRows.Piece] = []
        for part in parts[start] ?? [text] {
            guard let start = part.baseAddress else { continue }
            if let node = nodes[start], tape.text(node).count == part.count {
                pieces.append(.node(node))
            } else if program.isLiteral(part) {
                pieces.append(.literal(part))
            } else {
                return nil
            }
        }
        return pieces
    }
}

extension PathProgram {
    /// Whether what a step gives is told by a document's shape: the same nodes, or values that do not depend on what the
    /// nodes contain (but for those that the evaluation notes as looked at).
    func isStructural(_ index: Int32) -> Bool {
        guard index >= 0 else { return true }
        let step = self[index]
        switch step.operation {
        case .this, .resource, .rowIndex, .index, .nothing, .literal: return true
        case .member, .typedMember, .shadowedMember, .resourceType, .ofResourceType, .ofDataType, .children,
            .descendants, .first, .last, .tail, .single, .exists, .empty, .count, .not, .hasValue, .whereTrue,
            .existsWhere, .allTrue, .select, .combine, .and, .or, .xor, .implies, .equal, .equalText,
            .notEqual, .firstOf, .iif:
            return [step.first, step.second, step.third, step.fourth].allSatisfy(isStructural)
        case .item, .skip, .take, .extensionByURL:
            return isStructural(step.first) && self[step.second].operation == .literal
        default: return false
        }
    }

    /// Whether what a step gives is structural, or texts put together from such that are as long as they are, whatever
    /// they contain.
    func isTextual(_ index: Int32) -> Bool {
        guard index >= 0 else { return true }
        let step = self[index]
        switch step.operation {
        case .concatenate:
            return (step.first..<step.first + step.detail).allSatisfy { isTextual(self[$0].first) }
        case .join: return isTextual(step.first) && self[step.second].operation == .literal
        case .select: return isStructural(step.first) && isTextual(step.second)
        case .combine: return isTextual(step.first) && isTextual(step.second)
        case .iif:
            return isStructural(step.first) && isStructural(step.fourth) && isTextual(step.second)
                && isTextual(step.third)
        case .resourceKey: return isStructural(step.first)
        default: return isStructural(index)
        }
    }
}
