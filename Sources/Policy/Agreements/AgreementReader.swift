import Core
import Yams

/// An agreement as a person writes it, read with the place of everything: every fault is found, not the first alone.
struct AgreementReader {
    private let root: Node?
    private(set) var faults: [AgreementFault] = []

    /// Longer texts are no agreement of a person's.
    private static let longest = 1 << 20

    init(yaml: String) {
        guard yaml.utf8.count <= Self.longest else {
            root = nil
            faults = [AgreementFault("(document)", "is longer than \(Self.longest) bytes")]
            return
        }
        do {
            root = try Yams.compose(yaml: yaml)
        } catch {
            root = nil
            faults = [Self.fault(error)]
            return
        }
        guard let root else {
            faults = [AgreementFault("(document)", "must be a mapping of fields", line: 1, column: 1)]
            return
        }
        check(root, AgreementFields.whole, "")
    }

    /// The fault with the place of its field, or of the nearest thing that has it.
    func located(_ fault: AgreementFault) -> AgreementFault {
        guard fault.line == nil, var node = root else { return fault }
        var mark = node.mark
        for step in fault.field.split(separator: ".") {
            if step.hasPrefix("["), let place = Int(step.dropFirst().dropLast()), let items = node.sequence,
                items.indices.contains(place)
            {
                node = items[place]
                mark = node.mark ?? mark
            } else if let pair = node.mapping?.first(where: { $0.key.string == String(step) }) {
                node = pair.value
                mark = pair.key.mark ?? mark
            } else {
                break
            }
        }
        return fault.at(line: mark?.line, column: mark?.column)
    }

    private mutating func note(_ path: String, _ message: String, _ node: Node) {
        faults.append(
            AgreementFault(
                path.isEmpty ? "(document)" : path, message, line: node.mark?.line ?? 1,
                column: node.mark?.column ?? 1))
    }

    private mutating func check(_ node: Node, _ shape: FieldShape, _ path: String) {
        switch shape {
        case .record(let fields): check(record: node, fields, path)
        case .mapping(let item):
            guard let mapping = node.mapping else { return note(path, "must be a mapping of names", node) }
            if mapping.isEmpty { note(path, "must name at least one", node) }
            for (key, value) in mapping {
                let name = key.string ?? "?"
                if !TextForm.column.matches(name) || name == "*" { note("\(path).\(name)", "is no name", key) }
                check(value, item, "\(path).\(name)")
            }
        case .list(let item, let least, let isDistinct):
            check(list: node, of: item, least: least, isDistinct: isDistinct, path)
        case .text, .formatted, .choice, .whole, .date: check(scalar: node, shape, path)
        }
    }

    private mutating func check(record node: Node, _ fields: [AgreementField], _ path: String) {
        guard let mapping = node.mapping else { return note(path, "must be a mapping of fields", node) }
        var seen: Set<String> = []
        for (key, value) in mapping {
            let name = key.string ?? "?"
            let full = path.isEmpty ? name : "\(path).\(name)"
            guard let field = fields.first(where: { $0.name == name }) else {
                note(
                    full, "is not a field of an agreement" + Self.question(name, among: fields.map(\.name)),
                    key)
                continue
            }
            seen.insert(name)
            check(value, field.shape, full)
        }
        for field in fields where field.isRequired && !seen.contains(field.name) {
            note(path.isEmpty ? field.name : "\(path).\(field.name)", "is missing", node)
        }
    }

    private mutating func check(
        list node: Node, of item: FieldShape, least: Int, isDistinct: Bool, _ path: String
    ) {
        guard let items = node.sequence else { return note(path, "must be a list", node) }
        if items.count < least { note(path, "must name at least one", node) }
        var seen: Set<String> = []
        for (place, value) in items.enumerated() {
            check(value, item, "\(path).[\(place)]")
            if isDistinct, let text = value.string, !seen.insert(text).inserted {
                note("\(path).[\(place)]", "stands twice", value)
            }
        }
    }

    private mutating func check(scalar node: Node, _ shape: FieldShape, _ path: String) {
        guard case .scalar(let scalar) = node else { return note(path, "must be a single value", node) }
        let isPlain = scalar.style == .plain || scalar.style == .any
        guard !(isPlain && (scalar.string.isEmpty || ["null", "~"].contains(scalar.string.lowercased())))
        else { return note(path, "is empty", node) }
        if let message = Self.fault(of: scalar.string, shape) { note(path, message, node) }
    }

    /// What is wrong with a value; nil where nothing is.
    private static func fault(of text: String, _ shape: FieldShape) -> String? {
        switch shape {
        case .text: return text.allSatisfy(\.isWhitespace) ? "must not be empty" : nil
        case .formatted(let form): return form.matches(text) ? nil : form.words
        case .choice(let values, let refused):
            if let reason = refused[text] { return "\(text) \(reason)" }
            guard !values.contains(text) else { return nil }
            let open = values.filter { refused[$0] == nil }.joined(separator: ", ")
            return "cannot be read: not one of the values allowed here (\(open))"
                + question(text, among: values)
        case .whole(let least):
            guard let number = Int(text) else { return "must be a whole number" }
            return number >= least ? nil : "must be at least \(least)"
        case .date:
            return CivilDate(text) == nil ? "cannot be read: not a day that exists, YYYY-MM-DD" : nil
        case .list, .mapping, .record: return nil
        }
    }

    private static func question(_ name: String, among names: [String]) -> String {
        Spelling.nearest(to: name, among: names).map { ": did you mean \($0)?" } ?? ""
    }

    private static func fault(_ error: any Error) -> AgreementFault {
        switch error as? YamlError {
        case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
            .composer(_, let problem, let mark, _):
            AgreementFault("(document)", "not YAML: \(problem)", line: mark.line, column: mark.column)
        case .duplicatedKeysInMapping(let names, let context):
            AgreementFault(
                "(document)", "not YAML: \(names.sorted().joined(separator: ", ")) stands twice",
                line: context.mark.line, column: context.mark.column)
        default: AgreementFault("(document)", "not YAML: it cannot be read", line: 1, column: 1)
        }
    }
}

extension AgreementFields {
    /// Where and why a text is not YAML; says nothing of what stands there.
    static func place(of error: YamlError) -> String {
        switch error {
        case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
            .composer(_, let problem, let mark, _):
            "line \(mark.line), column \(mark.column): \(problem)"
        default: "it cannot be read"
        }
    }
}
