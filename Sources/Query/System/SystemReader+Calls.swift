internal import Core

extension SystemReader {
    func call(_ node: JSONNode, _ scope: SystemScope) throws(SQLFault) -> SystemExpression {
        let name = names(node.list("funcname")).last ?? ""
        let arguments = try expressions(node.list("args").map { $0["NamedArgExpr"]?["arg"] ?? $0 }, scope)
        if let found = try aggregate(name, arguments, node, scope) { return found }
        if let found = try fixed(name, arguments) { return found }
        if let found = try information(name, arguments) { return found }
        if let found = try set(name, arguments) { return found }
        if let found = try scalar(name, arguments) { return found }
        let types = arguments.map { schema.types[$0.type.oid]?.name ?? "unknown" }.joined(separator: ", ")
        throw SQLFault(
            .undefinedFunction, "function \(name)(\(types)) does not exist",
            hint: "It is not known to the catalog of this node.", position: position(node))
    }

    // MARK: aggregates and windows

    private func aggregate(
        _ name: String, _ arguments: [SystemExpression], _ node: JSONNode, _ scope: SystemScope
    ) throws(SQLFault) -> SystemExpression? {
        guard let type = aggregateType(name, arguments) else { return nil }
        var inner = node.flag("agg_star") ? "*" : arguments.map { plain($0) }.joined(separator: ", ")
        if name == "string_agg", arguments.count == 2 {
            inner = "\(text(of: arguments[0])), \(plain(arguments[1]))"
        }
        if node.flag("agg_distinct") { inner = "DISTINCT " + inner }
        inner += try order(node.list("agg_order"), scope) { _ in nil }
        var sql = "\(Self.engineNames[name] ?? name)(\(inner))"
        if let filter = node["agg_filter"] { sql += " FILTER (WHERE \(try boolean(filter, scope)))" }
        if let over = node["over"] { sql += " OVER (\(try window(over, scope)))" }
        return SystemExpression(sql, type)
    }

    private static let engineNames = [
        "every": "bool_and", "json_agg": "json_group_array", "jsonb_agg": "json_group_array",
    ]

    private func aggregateType(_ name: String, _ arguments: [SystemExpression]) -> SystemType? {
        let first = arguments.first?.type ?? .unknown
        switch name {
        case "count", "row_number", "rank", "dense_rank": return .int8
        case "min", "max", "lag", "lead", "first_value", "last_value":
            guard !arguments.isEmpty else { return nil }
            return first == .unknown ? .text : first
        case "sum": return (first.numericRank ?? 5) <= 2 ? .int8 : first.numericRank == 5 ? .float8 : .numeric
        case "avg": return first.numericRank == 5 ? .float8 : .numeric
        case "bool_and", "bool_or", "every": return .bool
        case "string_agg": return .text
        case "array_agg": return schema.array(of: first)
        case "json_agg", "jsonb_agg": return .json
        default: return nil
        }
    }

    private func window(_ node: JSONNode, _ scope: SystemScope) throws(SQLFault) -> String {
        var window = node["WindowDef"] ?? node
        if let name = window["name"]?.string, let found = windows[name] { window = found }
        var sql = ""
        let parts = try expressions(window.list("partitionClause"), scope)
        if !parts.isEmpty { sql += "PARTITION BY \(parts.map(\.sql).joined(separator: ", "))" }
        return sql + (try order(window.list("orderClause"), scope) { _ in nil })
    }

    // MARK: what the session and the node say

    private func fixed(
        _ name: String, _ arguments: [SystemExpression]
    ) throws(SQLFault) -> SystemExpression? {
        func text(_ value: String, _ type: SystemType = .text) -> SystemExpression {
            SystemExpression("CAST(\(SQLQuoting.literal(value)) AS VARCHAR)", type)
        }
        switch name {
        case "version": return text("PostgreSQL " + (setting("server_version") ?? "15.0 (Concordat)"))
        case "current_database", "current_catalog": return text(session.database, .name)
        case "current_schema": return text(schema.searchPath.first ?? "public", .name)
        case "current_schemas": return try currentSchemas(arguments)
        case "pg_backend_pid": return SystemExpression("\(session.processID)", .int4)
        case "inet_server_port", "inet_client_port", "pg_trigger_depth":
            return SystemExpression("CAST(NULL AS INTEGER)", .int4)
        case "inet_client_addr", "inet_server_addr": return SystemExpression("CAST(NULL AS VARCHAR)", .text)
        case "pg_is_in_recovery", "pg_is_wal_replay_paused": return SystemExpression("false", .bool)
        case "pg_my_temp_schema": return SystemExpression("CAST(0 AS BIGINT)", .oid)
        case "txid_current": return SystemExpression("CAST(2 AS BIGINT)", .int8)
        case "now", "transaction_timestamp", "statement_timestamp", "clock_timestamp",
            "pg_postmaster_start_time", "pg_conf_load_time":
            return now
        case "timeofday": return self.now
        case "current_setting": return try currentSetting(arguments)
        case "set_config": return try arguments.count == 3 ? coerce(arguments[1], to: .text) : nil
        default: return nil
        }
    }

    private func setting(_ name: String) -> String? { session.settings[name.lowercased()] }

    private func currentSchemas(_ arguments: [SystemExpression]) throws(SQLFault) -> SystemExpression {
        let path = schema.searchPath.map(SQLQuoting.literal).joined(separator: ", ")
        let implicit = try arguments.first.map { (value) throws(SQLFault) in try coerce(value, to: .bool).sql } ?? "false"
        return SystemExpression("(CASE WHEN \(implicit) THEN ['pg_catalog', \(path)] ELSE [\(path)] END)", .nameArray)
    }

    private func currentSetting(_ arguments: [SystemExpression]) throws(SQLFault) -> SystemExpression {
        guard let first = arguments.first else {
            throw SQLFault(.undefinedFunction, "function current_setting() does not exist")
        }
        switch first.literal {
        case .text(let name)?, .parameter(_, let name?)?:
            _ = try coerce(first, to: .text)
            if let value = setting(name) { return SystemExpression("CAST(\(SQLQuoting.literal(value)) AS VARCHAR)", .text) }
        default: break
        }
        return SystemExpression("c_current_setting(\(try coerce(first, to: .text).sql))", .text)
    }

    // MARK: sets

    /// Functions that give several rows, as the engine's `unnest`.
    private func set(_ name: String, _ arguments: [SystemExpression]) throws(SQLFault) -> SystemExpression? {
        switch (name, arguments.count) {
        case ("generate_series", 2...3):
            let type = commonType(Array(arguments.prefix(2)))
            var bounds: [String] = []
            for argument in arguments { bounds.append(try coerce(argument, to: type == .text ? .int4 : type).sql) }
            let result: SystemType = type == .text || type == .int2 ? .int4 : type
            return SystemExpression(
                "CAST(unnest(generate_series(\(bounds.joined(separator: ", ")))) AS \(schema.physical(result)))", result)
        case ("generate_subscripts", 2...3):
            let shift = arguments[0].type.isVector ? " - 1" : ""
            return SystemExpression(
                "CAST(unnest(generate_series(1, len(\(arguments[0].sql))))\(shift) AS INTEGER)", .int4)
        case ("unnest", 1):
            let list = arguments[0].type == .unknown ? try coerce(arguments[0], to: .textArray) : arguments[0]
            guard let element = schema.element(of: schema.base(list.type)) else { return nil }
            return SystemExpression("unnest(\(list.sql))", element)
        case ("_pg_expandarray", 1):
            guard let element = schema.element(of: schema.base(arguments[0].type)) else { return nil }
            let list = arguments[0].sql
            var value = SystemExpression(
                "unnest(list_transform(generate_series(1, len(\(list))), lambda i: {'x': (\(list))[i], 'n': CAST(i AS INTEGER)}))",
                .record)
            value.fields = [("x", element), ("n", .int4)]
            return value
        case ("regexp_split_to_table", 2), ("string_to_table", 2):
            let function = name == "string_to_table" ? "string_split" : "regexp_split_to_array"
            return SystemExpression(
                "unnest(\(function)(\(try coerce(arguments[0], to: .text).sql), \(try coerce(arguments[1], to: .text).sql)))",
                .text)
        default: return nil
        }
    }

    // MARK: plain functions

    private func scalar(
        _ name: String, _ arguments: [SystemExpression]
    ) throws(SQLFault) -> SystemExpression? {
        if let type = schema.type(named: name), arguments.count == 1, name != "name" || arguments.count == 1 {
            return try coerce(arguments[0], to: type)
        }
        if let found = try arrayFunction(name, arguments) { return found }
        if let found = try numberFunction(name, arguments) { return found }
        guard let (engine, type, count) = Self.textFunctions[name], count.contains(arguments.count) else {
            return try special(name, arguments)
        }
        var parts: [String] = []
        for (index, argument) in arguments.enumerated() {
            let number = index > 0 && argument.type.numericRank != nil
            let wanted: SystemType = Self.numberPlaces[name]?.contains(index) == true ? .int4 : .text
            parts.append(number ? argument.sql : try coerce(argument, to: wanted).sql)
        }
        return SystemExpression("\(engine)(\(parts.joined(separator: ", ")))", type)
    }

    /// Arguments that are whole numbers, by place.
    private static let numberPlaces: [String: Set<Int>] = [
        "substr": [1, 2], "substring": [1, 2], "left": [1], "right": [1], "lpad": [1], "rpad": [1], "repeat": [1],
        "split_part": [2],
    ]

    private static let textFunctions: [String: (String, SystemType, ClosedRange<Int>)] = [
        "lower": ("lower", .text, 1...1), "upper": ("upper", .text, 1...1), "length": ("length", .int4, 1...1),
        "char_length": ("length", .int4, 1...1), "character_length": ("length", .int4, 1...1),
        "octet_length": ("strlen", .int4, 1...1), "btrim": ("trim", .text, 1...2), "ltrim": ("ltrim", .text, 1...2),
        "rtrim": ("rtrim", .text, 1...2), "replace": ("replace", .text, 3...3), "substr": ("substr", .text, 2...3),
        "left": ("left", .text, 2...2), "right": ("right", .text, 2...2), "lpad": ("lpad", .text, 3...3),
        "rpad": ("rpad", .text, 3...3), "repeat": ("repeat", .text, 2...2), "reverse": ("reverse", .text, 1...1),
        "split_part": ("split_part", .text, 3...3), "strpos": ("strpos", .int4, 2...2),
        "position": ("strpos", .int4, 2...2), "starts_with": ("starts_with", .bool, 2...2),
        "ascii": ("ascii", .int4, 1...1), "md5": ("md5", .text, 1...1),
        "regexp_replace": ("regexp_replace", .text, 3...4), "quote_ident": ("c_quote_ident", .text, 1...1),
        "quote_literal": ("c_quote_literal", .text, 1...1), "string_to_array": ("string_split", .textArray, 2...2),
        "regexp_split_to_array": ("regexp_split_to_array", .textArray, 2...2),
        "translate": ("translate", .text, 3...3),
    ]

    private func special(
        _ name: String, _ arguments: [SystemExpression]
    ) throws(SQLFault) -> SystemExpression? {
        switch name {
        case "substring":
            guard arguments.count >= 2 else { return nil }
            let value = try coerce(arguments[0], to: .text).sql
            if arguments.count == 2, arguments[1].type.numericRank == nil {
                return SystemExpression("nullif(regexp_extract(\(value), \(try coerce(arguments[1], to: .text).sql)), '')", .text)
            }
            var bounds: [String] = []
            for argument in arguments.dropFirst() { bounds.append(try coerce(argument, to: .int4).sql) }
            return SystemExpression("substr(\(value), \(bounds.joined(separator: ", ")))", .text)
        case "like_escape":
            guard arguments.count == 2 else { return nil }
            var value = try coerce(arguments[0], to: .text)
            switch arguments[1].literal {
            case .text(let escape)?, .parameter(_, let escape?)?: value.fields = [("escape:\(escape)", .text)]
            default: value.fields = [("escape:", .text)]
            }
            return value
        case "concat":
            return SystemExpression("concat(\(arguments.map { text(of: $0) }.joined(separator: ", ")))", .text)
        case "concat_ws":
            return SystemExpression("concat_ws(\(arguments.map { text(of: $0) }.joined(separator: ", ")))", .text)
        case "format": return try format(arguments)
        case "json_build_object", "jsonb_build_object":
            return SystemExpression("CAST(json_object(\(arguments.map { plain($0) }.joined(separator: ", "))) AS VARCHAR)", .json)
        case "pg_typeof":
            return SystemExpression("CAST(\(arguments.first?.type.oid ?? 705) AS BIGINT)", .regtype)
        case "timezone":
            guard arguments.count == 2 else { return nil }
            return SystemExpression("timezone(\(plain(arguments[0])), \(arguments[1].sql))", .timestamp)
        default: return nil
        }
    }

    /// `format('%s …')` with `%s`, `%I` and `%L` in order.
    private func format(_ arguments: [SystemExpression]) throws(SQLFault) -> SystemExpression? {
        guard let first = arguments.first, case .text(let pattern)? = first.literal else { return nil }
        var parts: [String] = [""]
        var next = 1
        var pending = false
        var pieces: [String] = []
        for character in pattern {
            guard pending else {
                if character == "%" { pending = true } else { parts[0].append(character) }
                continue
            }
            pending = false
            guard character != "%" else {
                parts[0].append("%")
                continue
            }
            guard next < arguments.count, "sIL".contains(character) else { return nil }
            pieces.append(SQLQuoting.literal(parts[0]))
            parts[0] = ""
            let value = text(of: arguments[next])
            pieces.append(character == "s" ? "coalesce(\(value), '')" : "c_quote_\(character == "I" ? "ident" : "literal")(\(value))")
            next += 1
        }
        pieces.append(SQLQuoting.literal(parts[0]))
        return SystemExpression("(\(pieces.joined(separator: " || ")))", .text)
    }

    private func arrayFunction(
        _ name: String, _ arguments: [SystemExpression]
    ) throws(SQLFault) -> SystemExpression? {
        guard var list = arguments.first else { return nil }
        let rest = arguments.dropFirst()
        let isArray = name.hasPrefix("array_") || name == "cardinality"
        guard isArray else { return nil }
        if list.type == .unknown { list = try coerce(list, to: .textArray) }
        let start = list.type.isVector ? 0 : 1
        switch (name, rest.count) {
        case ("array_length", 1): return SystemExpression("nullif(len(\(list.sql)), 0)", .int4)
        case ("cardinality", 0): return SystemExpression("len(\(list.sql))", .int4)
        case ("array_lower", 1):
            return SystemExpression("(CASE WHEN len(\(list.sql)) > 0 THEN \(start) END)", .int4)
        case ("array_upper", 1):
            return SystemExpression(
                "(CASE WHEN len(\(list.sql)) > 0 THEN CAST(len(\(list.sql)) AS INTEGER) - \(1 - start) END)", .int4)
        case ("array_ndims", 0): return SystemExpression("(CASE WHEN len(\(list.sql)) > 0 THEN 1 END)", .int4)
        case ("array_to_string", 1...2):
            let separator = try coerce(arguments[1], to: .text).sql
            let texts = "CAST(\(list.sql) AS VARCHAR[])"
            guard rest.count == 2 else {
                return SystemExpression("array_to_string(\(texts), \(separator))", .text)
            }
            let null = try coerce(arguments[2], to: .text).sql
            return SystemExpression(
                "array_to_string(list_transform(\(texts), lambda e: coalesce(e, \(null))), \(separator))", .text)
        case ("array_position", 1):
            return SystemExpression("list_position(\(list.sql), \(plain(arguments[1])))", .int4)
        case ("array_append", 1), ("array_cat", 1), ("array_remove", 1):
            guard let element = schema.element(of: list.type) else { return nil }
            let other = try coerce(arguments[1], to: name == "array_cat" ? list.type : element).sql
            let sql =
                name == "array_remove"
                ? "list_filter(\(list.sql), lambda e: e IS DISTINCT FROM \(other))"
                : "c_list_concat(\(list.sql), \(name == "array_cat" ? other : "[\(other)]"))"
            return SystemExpression(sql, list.type)
        default: return nil
        }
    }

    private func numberFunction(
        _ name: String, _ arguments: [SystemExpression]
    ) throws(SQLFault) -> SystemExpression? {
        switch (name, arguments.count) {
        case ("abs", 1), ("mod", 2), ("sign", 1):
            return SystemExpression("\(name)(\(arguments.map(\.sql).joined(separator: ", ")))", commonType(arguments))
        case ("round", 1...2), ("ceil", 1), ("floor", 1), ("trunc", 1), ("power", 2), ("sqrt", 1), ("random", 0):
            let type: SystemType = arguments.first?.type == .numeric ? .numeric : .float8
            return SystemExpression("\(name)(\(arguments.map(\.sql).joined(separator: ", ")))", type)
        default: return nil
        }
    }
}
