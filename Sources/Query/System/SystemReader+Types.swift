internal import Core

extension SystemReader {
    /// A type as it is written, with its modifier.
    func type(_ node: JSONNode) throws(SQLFault) -> (type: SystemType, modifier: Int32) {
        let path = names(node.list("names"))
        let name = path.last ?? ""
        guard let found = schema.type(named: name) else {
            throw SQLFault(
                .undefinedObject, "type \"\(path.joined(separator: "."))\" does not exist",
                position: position(node))
        }
        guard node.list("arrayBounds").isEmpty else { return (schema.array(of: found), -1) }
        let numbers = node.list("typmods").compactMap { $0["A_Const"]?["ival"]?.integer("ival") }
        switch (found.oid, numbers.count) {
        case (1042, 1), (1043, 1): return (found, Int32(clamping: numbers[0] + 4))
        case (1700, 1...):
            return (found, Int32(clamping: numbers[0] << 16 + (numbers.count > 1 ? numbers[1] : 0) + 4))
        default: return (found, -1)
        }
    }

    /// The type that several expressions are brought to: the first that has one, or the widest of numbers.
    func commonType(_ values: [SystemExpression]) -> SystemType {
        let known = values.map(\.type).filter { $0 != .unknown }
        guard let first = known.first else { return values.isEmpty ? .unknown : .text }
        let ranks = known.compactMap(\.numericRank)
        guard ranks.count == known.count, let widest = ranks.max() else { return first }
        return known.first { $0.numericRank == widest } ?? first
    }

    /// An expression where its type does not matter: a literal without one is text.
    func plain(_ value: SystemExpression) -> String {
        guard value.type == .unknown, let literal = value.literal else { return value.sql }
        switch literal {
        case .null, .parameter(_, nil): return "CAST(NULL AS VARCHAR)"
        case .text, .parameter: return "CAST(\(value.sql) AS VARCHAR)"
        }
    }

    /// A value as a client is given it: what has no form of its own in the engine's results as text.
    func shown(_ value: SystemExpression) -> String {
        let base = schema.base(value.type)
        if base.isVector { return "array_to_string(\(value.sql), ' ')" }
        if base.isRegistered { return text(of: value) }
        if schema.element(of: base) != nil { return text(of: value) }
        if !value.fields.isEmpty || base == .record {
            return "CAST(\(value.sql) AS VARCHAR)"
        }
        return plain(value)
    }

    /// A value as PostgreSQL's text of it.
    func text(of value: SystemExpression) -> String {
        let base = schema.base(value.type)
        if base.isVector { return "array_to_string(\(value.sql), ' ')" }
        if let element = schema.element(of: base) {
            let name = element.isRegistered ? "c_\(printer(element))" : nil
            // Elements that are names would need a sub-query each: their numbers are shown.
            _ = name
            return "c_array_out(CAST(\(value.sql) AS VARCHAR[]))"
        }
        if base.isRegistered { return "c_\(printer(base))(\(value.sql))" }
        if base.numericRank == 5 { return "c_float_out(\(value.sql))" }
        return base == .bool || base.numericRank != nil || schema.physical(base) != "VARCHAR"
            ? "CAST(\(value.sql) AS VARCHAR)" : plain(value)
    }

    private func printer(_ type: SystemType) -> String {
        switch type {
        case .regclass: "regclass_out"
        case .regtype: "regtype_out"
        case .regproc, SystemType(2202): "regproc_out"
        case .regnamespace: "regnamespace_out"
        case .regrole: "regrole_out"
        default: "oid_out"
        }
    }

    /// The expression in another type, as `CAST` would bring it there.
    func coerce(_ value: SystemExpression, to target: SystemType) throws(SQLFault) -> SystemExpression {
        if target == .unknown || (value.type == target && value.literal == nil) { return value }
        var result = value
        result.type = target
        result.literal = nil
        result.table = 0
        result.modifier = -1
        if value.type == .unknown, let literal = value.literal {
            switch literal {
            case .null: result.sql = "CAST(NULL AS \(schema.physical(target)))"
            case .text(let text): result.sql = try self.literal(text, target)
            case .parameter(let number, let text):
                if parameterTypes[number - 1] == .unknown { parameterTypes[number - 1] = target }
                result.sql =
                    try text.map { (text) throws(SQLFault) in try self.literal(text, target) }
                    ?? "CAST(NULL AS \(schema.physical(target)))"
            }
            return result
        }
        result.sql = try converted(value, to: target)
        return result
    }

    private func converted(_ value: SystemExpression, to target: SystemType) throws(SQLFault) -> String {
        let (from, to) = (schema.base(value.type), schema.base(target))
        let (old, new) = (schema.physical(from), schema.physical(to))
        if to.isRegistered, old == "VARCHAR" { return "c_\(reader(to))(\(value.sql))" }
        if from.isRegistered, to.numericRank != nil { return value.sql }
        if new == "VARCHAR" { return text(of: value) }
        if old == "VARCHAR", let element = schema.element(of: to) {
            let separator = to.isVector ? " " : ","
            return
                "CAST(string_split(trim(\(value.sql), '{}'), '\(separator)') AS \(schema.physical(element))[])"
        }
        return old == new ? value.sql : "CAST(\(value.sql) AS \(new))"
    }

    private func reader(_ type: SystemType) -> String {
        switch type {
        case .regclass: "regclass"
        case .regtype: "regtype"
        case .regproc, SystemType(2202): "regproc"
        case .regnamespace: "regnamespace"
        case .regrole: "regrole"
        default: "oid_in"
        }
    }

    /// A literal in the engine's SQL.
    private func literal(_ text: String, _ target: SystemType) throws(SQLFault) -> String {
        let base = schema.base(target)
        let trimmed = text.trimmed
        func wrong() -> SQLFault {
            SQLFault(
                .invalidTextRepresentation,
                "invalid input syntax for type \(schema.types[base.oid]?.name ?? "unknown")")
        }
        if base.isVector || schema.element(of: base) != nil { return try arrayLiteral(trimmed, base) }
        if base.isRegistered { return try registered(trimmed, base) }
        switch base.oid {
        case 16:
            guard let truth = Self.truth(trimmed.lowercased()) else { throw wrong() }
            return truth ? "true" : "false"
        case 20, 21, 23, 26, 28, 29:
            guard let number = Int64(trimmed) else { throw wrong() }
            return "CAST(\(number) AS \(schema.physical(base)))"
        case 700, 701, 1700:
            guard Double(trimmed) != nil else { throw wrong() }
            return "CAST(\(SQLQuoting.literal(trimmed)) AS DOUBLE)"
        case 1082, 1114, 1184, 1186:
            return "CAST(\(SQLQuoting.literal(trimmed)) AS \(schema.physical(base)))"
        default: return "CAST(\(SQLQuoting.literal(text)) AS VARCHAR)"
        }
    }

    private static func truth(_ text: String) -> Bool? {
        switch text {
        case "t", "tr", "tru", "true", "y", "ye", "yes", "on", "1": true
        case "f", "fa", "fal", "fals", "false", "n", "no", "of", "off", "0": false
        default: nil
        }
    }

    /// `'condition'::regclass` and its like.
    private func registered(_ text: String, _ type: SystemType) throws(SQLFault) -> String {
        if text == "-" { return "CAST(0 AS BIGINT)" }
        if let number = UInt32(text) { return "CAST(\(number) AS BIGINT)" }
        let path = Self.path(text)
        if type == .regclass {
            guard let name = path.last,
                let found = schema.relation(path.count > 1 ? path[path.count - 2] : nil, name)
            else {
                throw SQLFault(.undefinedTable, "relation \"\(path.joined(separator: "."))\" does not exist")
            }
            return "CAST(\(found.oid) AS BIGINT)"
        }
        return "c_\(reader(type))(\(SQLQuoting.literal(text)))"
    }

    /// The names of a dotted path, with quotes taken off and the rest in lower case.
    private static func path(_ text: String) -> [String] {
        var parts: [String] = [""]
        var quoted = false
        for character in text {
            switch character {
            case "\"": quoted.toggle()
            case "." where !quoted: parts.append("")
            default: parts[parts.count - 1] += quoted ? String(character) : character.lowercased()
            }
        }
        return parts
    }

    private func arrayLiteral(_ text: String, _ type: SystemType) throws(SQLFault) -> String {
        guard let element = schema.element(of: type) else {
            throw SQLFault(.internalError, "an array without elements")
        }
        var parts: [String] = []
        if type.isVector {
            for item in text.split(separator: " ") { parts.append(try literal(String(item), element)) }
        } else {
            for (item, isQuoted) in Self.items(text) {
                let isNull = !isQuoted && item.uppercased() == "NULL"
                parts.append(isNull ? "NULL" : try literal(item, element))
            }
        }
        return "CAST([\(parts.joined(separator: ", "))] AS \(schema.physical(type)))"
    }

    /// The elements of `{a,"b c",NULL}`, and whether each is in quotes.
    private static func items(_ text: String) -> [(text: String, isQuoted: Bool)] {
        var body = text
        if body.hasPrefix("{") { body.removeFirst() }
        if body.hasSuffix("}") { body.removeLast() }
        guard !body.isEmpty else { return [] }
        var items = [(text: "", isQuoted: false)]
        var quoted = false
        var escaped = false
        for character in body {
            let last = items.count - 1
            if escaped {
                items[last].text.append(character)
                escaped = false
                continue
            }
            switch character {
            case "\\": escaped = true
            case "\"":
                quoted.toggle()
                items[last].isQuoted = true
            case "," where !quoted: items.append(("", false))
            default: items[last].text.append(character)
            }
        }
        return items
    }
}

extension String {
    /// Without blanks at its ends.
    fileprivate var trimmed: String {
        var part = self[...]
        while part.first?.isWhitespace == true { part.removeFirst() }
        while part.last?.isWhitespace == true { part.removeLast() }
        return String(part)
    }
}
