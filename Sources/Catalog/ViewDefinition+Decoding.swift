package import Foundation

extension ViewDefinition {
    /// Reads and checks a ViewDefinition in JSON.
    /// - Throws: `CatalogFault` with the path of what is missing, mistyped or contradictory.
    package static func decode(_ json: Data) throws(CatalogFault) -> ViewDefinition {
        let view: ViewDefinition
        do { view = try JSONDecoder().decode(ViewDefinition.self, from: json) } catch {
            throw CatalogFault(decoding: error)
        }
        try view.check()
        return view
    }

    /// The same bytes for the same meaning: keys sorted, no blanks; narrative elements are not kept.
    package func canonical() throws -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return try encoder.encode(self)
    }

    package init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        name = try fields.decodeIfPresent(String.self, forKey: .name)
        title = try fields.decodeIfPresent(String.self, forKey: .title)
        description = try fields.decodeIfPresent(String.self, forKey: .description)
        resource = try fields.decode(String.self, forKey: .resource)
        constant = try fields.decodeIfPresent([Constant].self, forKey: .constant) ?? []
        select = try fields.decode([Select].self, forKey: .select)
        filters = try fields.decodeIfPresent([Filter].self, forKey: .filters) ?? []
    }
}

extension ViewDefinition.Select {
    package init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        column = try fields.decodeIfPresent([ViewDefinition.Column].self, forKey: .column) ?? []
        select = try fields.decodeIfPresent([Self].self, forKey: .select) ?? []
        forEach = try fields.decodeIfPresent(String.self, forKey: .forEach)
        forEachOrNull = try fields.decodeIfPresent(String.self, forKey: .forEachOrNull)
        repeated = try fields.decodeIfPresent([String].self, forKey: .repeated)
        unionAll = try fields.decodeIfPresent([Self].self, forKey: .unionAll) ?? []
    }
}

extension ViewDefinition.Column {
    package init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        name = try fields.decode(String.self, forKey: .name)
        path = try fields.decode(String.self, forKey: .path)
        description = try fields.decodeIfPresent(String.self, forKey: .description)
        type = try fields.decodeIfPresent(String.self, forKey: .type)
        collection = try fields.decodeIfPresent(Bool.self, forKey: .collection) ?? false
        tag = try fields.decodeIfPresent([ViewDefinition.Tag].self, forKey: .tag) ?? []
    }
}

extension ViewDefinition.Constant: Codable {
    private struct Key: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }
        init(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }

    package init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: Key.self)
        name = try fields.decode(String.self, forKey: Key(stringValue: "name"))
        let values = fields.allKeys.filter { $0.stringValue.hasPrefix("value") }
        guard values.count == 1, let key = values.first else {
            throw DecodingError.dataCorrupted(
                .init(codingPath: decoder.codingPath, debugDescription: "exactly one value[x] is needed"))
        }
        let type = key.stringValue.dropFirst("value".count)
        switch type {
        case "Boolean": value = .boolean(try fields.decode(Bool.self, forKey: key))
        case "Integer", "PositiveInt", "UnsignedInt", "Integer64":
            value = .integer(try fields.decode(Int64.self, forKey: key))
        case "Decimal": value = .decimal(try fields.decode(Double.self, forKey: key))
        default:
            let type = type.prefix(1).lowercased() + type.dropFirst()
            value = .text(try fields.decode(String.self, forKey: key), type: type)
        }
    }

    package func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: Key.self)
        try fields.encode(name, forKey: Key(stringValue: "name"))
        func key(_ type: String) -> Key {
            Key(stringValue: "value" + type.prefix(1).uppercased() + type.dropFirst())
        }
        switch value {
        case .boolean(let value): try fields.encode(value, forKey: key("boolean"))
        case .integer(let value): try fields.encode(value, forKey: key("integer"))
        case .decimal(let value): try fields.encode(value, forKey: key("decimal"))
        case .text(let value, let type): try fields.encode(value, forKey: key(type))
        }
    }
}

// MARK: - Checks

extension ViewDefinition {
    private func check() throws(CatalogFault) {
        guard !resource.isEmpty else { throw CatalogFault(path: "resource", message: "is empty") }
        guard !select.isEmpty else { throw CatalogFault(path: "select", message: "is empty") }
        for (index, item) in select.enumerated() { try item.check("select[\(index)]", depth: 1) }
        for (index, item) in constant.enumerated() where !item.name.isSQLName {
            throw CatalogFault(path: "constant[\(index)].name", message: "is not a name of SQL")
        }
        var seen: Set<String> = []
        for column in columns {
            guard column.name.isSQLName else {
                throw CatalogFault(path: "column \(column.name)", message: "is not a name of SQL")
            }
            guard seen.insert(column.name).inserted else {
                throw CatalogFault(path: "column \(column.name)", message: "is there twice")
            }
        }
        guard !seen.isEmpty else { throw CatalogFault(path: "select", message: "has no column") }
    }
}

extension ViewDefinition.Select {
    fileprivate func check(_ path: String, depth: Int) throws(CatalogFault) {
        guard depth <= 32 else { throw CatalogFault(path: path, message: "is nested too deeply") }
        let loops = [forEach != nil, forEachOrNull != nil, repeated != nil].count(where: \.self)
        guard loops <= 1 else {
            throw CatalogFault(
                path: path, message: "only one of forEach, forEachOrNull and repeat may be there")
        }
        for (index, item) in select.enumerated() {
            try item.check("\(path).select[\(index)]", depth: depth + 1)
        }
        for (index, item) in unionAll.enumerated() {
            try item.check("\(path).unionAll[\(index)]", depth: depth + 1)
        }
        let first = unionAll.first?.columns ?? []
        for (index, branch) in unionAll.enumerated().dropFirst() {
            let same = branch.columns.elementsEqual(first) { a, b in
                a.name == b.name && a.type == b.type && a.collection == b.collection
            }
            guard same else {
                throw CatalogFault(
                    path: "\(path).unionAll[\(index)]", message: "has other columns than the first branch")
            }
        }
    }
}

extension String {
    /// A letter, then letters, digits and underscores.
    var isSQLName: Bool {
        guard let first = utf8.first, first.isLetter, utf8.count <= 63 else { return false }
        return utf8.allSatisfy { $0.isLetter || (0x30...0x39).contains($0) || $0 == 0x5F }
    }
}

extension UInt8 {
    fileprivate var isLetter: Bool { (0x41...0x5A).contains(self) || (0x61...0x7A).contains(self) }
}

extension CatalogFault {
    /// A decoder's error as a path and a sentence.
    init(decoding error: any Error) {
        func path(_ keys: [any CodingKey]) -> String {
            keys.reduce("") { text, key in
                if let index = key.intValue { return text + "[\(index)]" }
                return text.isEmpty ? key.stringValue : text + "." + key.stringValue
            }
        }
        switch error {
        case DecodingError.keyNotFound(let key, let context):
            self.init(path: path(context.codingPath + [key]), message: "is missing")
        case DecodingError.typeMismatch(_, let context), DecodingError.valueNotFound(_, let context):
            self.init(path: path(context.codingPath), message: "is of the wrong type")
        case DecodingError.dataCorrupted(let context):
            self.init(path: path(context.codingPath), message: context.debugDescription)
        default: self.init(path: "", message: "is not JSON")
        }
    }
}
