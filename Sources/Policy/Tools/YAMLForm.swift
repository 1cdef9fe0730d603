import Yams

/// Reads YAML that a person wrote, and names the place of what is wrong: file, line, item and field.
struct YAMLForm {
    let file: String
    /// The list whose items have a `name`, and what one of them is called in messages.
    let itemKey: String
    let itemName: String

    /// - Throws: `PolicyFault` where the text is not YAML, or not a mapping.
    func root(of yaml: String) throws -> Node {
        do {
            if let node = try Yams.compose(yaml: yaml), node.mapping != nil { return node }
        } catch let error as YamlError {
            throw PolicyFault(file, "not YAML: \(AgreementFields.place(of: error))")
        }
        throw PolicyFault(file, "1: must be a mapping of fields")
    }

    /// Refuses fields that are not known. Paths are written `cases[].request`; a path that is not among them is
    /// not looked into.
    func check(_ root: Node, _ known: [String: Set<String>]) throws {
        try check(root, at: "", known, in: nil)
    }

    private func check(
        _ node: Node, at path: String, _ known: [String: Set<String>], in item: String?
    ) throws {
        if let items = node.sequence {
            for element in items {
                let name = path == itemKey ? element["name"]?.string ?? "without a name" : nil
                try check(element, at: path + "[]", known, in: name ?? item)
            }
            return
        }
        guard let fields = known[path] else { return }
        guard let mapping = node.mapping else {
            throw fault(node, item, "\(Self.field(path)) must be a mapping of fields")
        }
        for (key, value) in mapping {
            let name = key.string ?? "?"
            guard fields.contains(name) else {
                let nearest = Spelling.nearest(to: name, among: fields).map { "; did you mean '\($0)'?" }
                throw fault(key, item, "'\(name)' is not a field\(Self.place(path))\(nearest ?? "")")
            }
            try check(value, at: path.isEmpty ? name : "\(path).\(name)", known, in: item)
        }
    }

    /// - Throws: `PolicyFault` naming the field that is missing or cannot be read.
    func decode<Value: Decodable>(_ root: Node) throws -> Value {
        do {
            return try YAMLDecoder().decode(Value.self, from: root)
        } catch let error as DecodingError {
            var path = error.path
            var node = root
            var item: String?
            if path.count > 1, path[0].stringValue == itemKey, let index = path[1].intValue,
                let items = root[itemKey]?.sequence, index < items.count
            {
                node = items[index]
                item = node["name"]?.string ?? "without a name"
                path.removeFirst(2)
            }
            let isMissing = error.isMissing
            let field = path.map { $0.intValue.map { "[\($0)]" } ?? $0.stringValue }.joined(separator: ".")
            for key in path {
                let next = key.intValue.flatMap { index in
                    node.sequence.flatMap { index < $0.count ? $0[index] : nil }
                }
                guard let inner = next ?? node[key.stringValue] else { break }
                node = inner
            }
            let name = field.isEmpty ? "it" : field
            throw fault(
                node, item,
                "\(name) \(isMissing ? "is missing" : "cannot be read: not one of the values allowed here")")
        }
    }

    private func fault(_ node: Node, _ item: String?, _ message: String) -> PolicyFault {
        let line = node.mark.map { "\($0.line): " } ?? ""
        return PolicyFault(file, line + (item.map { "\(itemName) '\($0)': " } ?? "") + message)
    }

    private static func field(_ path: String) -> String {
        String(path.split(separator: ".").last ?? "the document")
    }

    private static func place(_ path: String) -> String {
        let name = path.split(separator: ".").last.map(String.init) ?? ""
        return name.isEmpty || name.hasSuffix("[]") ? "" : " of \(name)"
    }
}

extension DecodingError {
    fileprivate var path: [any CodingKey] {
        switch self {
        case .keyNotFound(let key, let context): context.codingPath + [key]
        case .valueNotFound(_, let context), .typeMismatch(_, let context), .dataCorrupted(let context):
            context.codingPath
        @unknown default: []
        }
    }

    fileprivate var isMissing: Bool {
        switch self {
        case .keyNotFound, .valueNotFound: true
        default: false
        }
    }
}
