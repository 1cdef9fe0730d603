/// A value while a path is evaluated: a node of the tape, or a computed primitive. Trivial to copy.
enum PathItem {
    case empty
    case node(Int, TypeHint)
    case boolean(Bool)
    case integer(Int64)
    /// With the digits written after the point; -1 where the value alone tells.
    case decimal(Double, places: Int8)
    /// Bytes of the tape, of the program or of the evaluator's arena.
    case text(Tape.Text, TypeHint)

    var isEmpty: Bool {
        if case .empty = self { return true }
        return false
    }
}

/// One step of a compiled path; steps name one another by index. Trivial to copy.
struct PathStep {
    enum Operation: UInt8 {
        case this, resource, rowIndex, index, nothing, literal
        case member, shadowedMember, typedMember, resourceType, ofResourceType, ofDataType, isType, asType
        case children, descendants
        case item, first, last, tail, skip, take, single
        case whereTrue, existsWhere, allTrue, select, descend, iif, firstOf
        case exists, empty, count, not, hasValue
        case allAre, anyIs, distinct, isDistinct, union, combine, intersect, exclude, subset, superset
        case extensionByURL, resourceKey, referenceKey
        case join, split, length, substring, startsWith, endsWith, containsText, indexOf, upper, lower, trim
        case replace, characters, matches
        case lowBoundary, highBoundary, precision, component
        case convert, isConvertible
        case absolute, ceiling, floor, round, truncate, squareRoot, naturalLogarithm, logarithm, exponential
        case power
        case negate, add, subtract, multiply, divide, wholeDivide, remainder, concatenate
        /// `equalText`: an element of the focus and a literal that is no time.
        case equal, equalText, notEqual, equivalent, notEquivalent, less, lessOrEqual, greater, greaterOrEqual
        case isIn, contains
        case and, or, xor, implies
    }

    var operation: Operation
    /// Steps: source or left, argument or right, further arguments; -1 where there is none.
    var first: Int32 = -1
    var second: Int32 = -1
    var third: Int32 = -1
    var fourth: Int32 = -1
    /// Of `literal`; the name of `member` and its kin.
    var value: PathItem = .empty
    var hint: TypeHint = .none
    /// A pattern of the program, a component of a date, the value that `allAre` and `anyIs` ask for.
    var detail: Int32 = 0
    /// Where this is a chain of names from the resource (or from the focus, if that is the resource): its number in
    /// `ElementChains`.
    var chain: Int32 = -1
    /// If there is a choice element with its type in the chain, the chain of its name without the type.
    var plainChain: Int32 = -1
    /// Whether the chain begins at `%resource`, whatever the focus is.
    var isFromResource = false
}

/// A step where it stands in its program: passed on without being copied.
///
/// INVARIANT: it lives as long as its program, and is valid until the next step is added.
struct PlacedStep {
    private let step: UnsafePointer<PathStep>

    @inline(__always)
    init(_ step: UnsafePointer<PathStep>) { self.step = step }

    var operation: PathStep.Operation { step.pointee.operation }
    var first: Int32 { step.pointee.first }
    var second: Int32 { step.pointee.second }
    var third: Int32 { step.pointee.third }
    var fourth: Int32 { step.pointee.fourth }
    var value: PathItem { step.pointee.value }
    var hint: TypeHint { step.pointee.hint }
    var detail: Int32 { step.pointee.detail }
    var chain: Int32 { step.pointee.chain }
    var plainChain: Int32 { step.pointee.plainChain }
    var isFromResource: Bool { step.pointee.isFromResource }
}

/// The compiled paths of one view: steps in one array, names and literals in one place.
///
/// INVARIANT: nothing changes once the view is compiled; the texts live as long as the program.
final class PathProgram: @unchecked Sendable {
    private var steps = UnsafeMutableBufferPointer<PathStep>.allocate(capacity: 64)
    private var count = 0
    private var texts: [String: Tape.Text] = [:]
    private(set) var patterns: [PathPattern] = []
    private(set) var chains = ElementChains()

    deinit {
        for text in texts.values { text.deallocate() }
        steps.deallocate()
    }

    @inline(__always)
    subscript(index: Int32) -> PlacedStep { PlacedStep(UnsafePointer(steps.baseAddress! + Int(index))) }

    func add(_ step: PathStep) -> Int32 {
        if count == steps.count {
            let larger = UnsafeMutableBufferPointer<PathStep>.allocate(capacity: count * 2)
            _ = larger.initialize(from: steps)
            steps.deallocate()
            steps = larger
        }
        steps.initializeElement(at: count, to: step)
        count += 1
        return Int32(count - 1)
    }

    /// Notes of a step that follows an element's name where it is in the chains, if it goes on from the resource.
    func join(_ step: inout PathStep, _ name: Tape.Text) {
        let source = self[step.first]
        switch source.operation {
        case .resource, .this:
            step.chain = chains.chain(ElementChains.resource, name)
            step.isFromResource = source.operation == .resource
        case .member, .typedMember:
            guard source.chain >= 0 else { return }
            step.chain = chains.chain(source.chain, name)
            step.isFromResource = source.isFromResource
            step.plainChain = source.plainChain
        default: return
        }
    }

    /// The same of a choice element with its type; of two of them in one chain the second is looked for in documents.
    func join(_ step: inout PathStep, _ key: Tape.Text, plain name: Tape.Text) {
        guard self[step.first].plainChain < 0 else { return }
        var plain = step
        join(&plain, name)
        join(&step, key)
        step.plainChain = plain.chain
    }

    /// Steps that stand one after the other and say where the operands of another are.
    /// - Returns: the first of them.
    func add(operands: [Int32]) -> Int32 {
        for operand in operands { _ = add(PathStep(operation: .nothing, first: operand)) }
        return Int32(count - operands.count)
    }

    func add(_ pattern: PathPattern) -> Int32 {
        patterns.append(pattern)
        return Int32(patterns.count - 1)
    }

    /// Whether a text is one of the program's own.
    func isLiteral(_ text: Tape.Text) -> Bool {
        texts.values.contains { $0.baseAddress == text.baseAddress && $0.count == text.count }
    }

    /// The bytes of a name or literal, kept for the program's life.
    func text(_ string: String) -> Tape.Text {
        if let known = texts[string] { return known }
        let bytes = Array(string.utf8)
        let made = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: max(bytes.count, 1))
        _ = made.initialize(fromContentsOf: bytes)
        let text = Tape.Text(start: made.baseAddress, count: bytes.count)
        texts[string] = text
        return text
    }
}
