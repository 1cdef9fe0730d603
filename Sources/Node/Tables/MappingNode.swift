internal import Query
internal import Yams

/// A place in a mapping's document: reads what should stand there, or says with path and line what does not.
struct MappingNode {
    let file: String
    let path: String
    let node: Yams.Node

    var line: Int { node.mark?.line ?? 1 }

    func fault(_ message: String) -> MappingFault {
        MappingFault(mapping: file, line: line, path: path, message: message)
    }

    // MARK: - Mappings

    /// The members; every key must be one of `known`.
    func members(_ known: [String]? = nil) throws(MappingFault) -> [(key: String, value: MappingNode)] {
        guard case .mapping(let mapping) = node else { throw fault("must be names with values") }
        var members: [(key: String, value: MappingNode)] = []
        for (key, value) in mapping {
            guard let name = key.scalar?.string else { throw fault("has a key that is no text") }
            let inner = MappingNode(file: file, path: path.isEmpty ? name : "\(path).\(name)", node: value)
            if let known, !known.contains(name) {
                let near = Suggestion.nearest(to: name, among: known)
                let hint =
                    near.isEmpty
                    ? "known are \(known.joined(separator: ", "))"
                    : "did you mean \(near.joined(separator: ", "))?"
                throw MappingFault(
                    mapping: file, line: key.mark?.line, path: inner.path,
                    message: "is not known here; \(hint)")
            }
            members.append((name, inner))
        }
        return members
    }

    // MARK: - Values

    func string() throws(MappingFault) -> String {
        guard let scalar = node.scalar else { throw fault("must be a text") }
        return scalar.string
    }

    func text() throws(MappingFault) -> TableMapping.Text {
        let text = try string()
        guard !text.isEmpty else { throw fault("is empty") }
        return TableMapping.Text(text: text, line: line)
    }

    func number() throws(MappingFault) -> Double {
        guard let number = Double(try string()), number.isFinite else { throw fault("must be a number") }
        return number
    }

    func whole() throws(MappingFault) -> Int {
        guard let number = Int(try string()) else { throw fault("must be a whole number") }
        return number
    }

    func items() throws(MappingFault) -> [MappingNode] {
        guard case .sequence(let sequence) = node else { throw fault("must be a list") }
        return sequence.enumerated().map { index, item in
            MappingNode(file: file, path: "\(path)[\(index)]", node: item)
        }
    }

    /// A list, or one value that stands for a list of one.
    func texts() throws(MappingFault) -> [TableMapping.Text] {
        if node.scalar != nil { return [try text()] }
        var all: [TableMapping.Text] = []
        for item in try items() { all.append(try item.text()) }
        return all
    }

    func strings() throws(MappingFault) -> [String] {
        if node.scalar != nil { return [try string()] }
        var all: [String] = []
        for item in try items() { all.append(try item.string()) }
        return all
    }

    func choice<Choice: RawRepresentable & CaseIterable>(_: Choice.Type) throws(MappingFault) -> Choice
    where Choice.RawValue == String {
        let text = try string()
        guard let choice = Choice(rawValue: text) else {
            throw fault("must be one of \(Choice.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        return choice
    }
}
