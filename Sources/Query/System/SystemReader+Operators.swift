internal import Core

extension SystemReader {
    func operation(_ node: JSONNode, _ scope: SystemScope) throws(SQLFault) -> SystemExpression {
        let symbol = names(node.list("name")).last ?? "="
        switch node.string("kind") {
        case "AEXPR_OP":
            let right = try expression(try member(node, "rexpr"), scope)
            guard let left = node["lexpr"] else { return try prefix(symbol, right, node) }
            return try infix(symbol, try expression(left, scope), right, node)
        case "AEXPR_OP_ANY": return try quantified(symbol, isAny: true, node, scope)
        case "AEXPR_OP_ALL": return try quantified(symbol, isAny: false, node, scope)
        case "AEXPR_DISTINCT", "AEXPR_NOT_DISTINCT":
            let word = node.string("kind") == "AEXPR_DISTINCT" ? "IS DISTINCT FROM" : "IS NOT DISTINCT FROM"
            let (left, right) = try sides(node, scope)
            let (one, other) = try unified(left, right)
            return SystemExpression("(\(one) \(word) \(other))", .bool)
        case "AEXPR_NULLIF":
            let (left, right) = try sides(node, scope)
            let (one, other) = try unified(left, right)
            return SystemExpression("nullif(\(one), \(other))", left.type == .unknown ? .text : left.type)
        case "AEXPR_IN": return try inList(symbol, node, scope)
        case "AEXPR_LIKE", "AEXPR_ILIKE":
            let word = node.string("kind") == "AEXPR_LIKE" ? "LIKE" : "ILIKE"
            let (left, right) = try sides(node, scope)
            return try like(word, negated: symbol.hasPrefix("!"), left, right)
        case "AEXPR_BETWEEN", "AEXPR_NOT_BETWEEN": return try between(node, scope)
        default: throw unsupported("the operator \(symbol)", node)
        }
    }

    private func sides(
        _ node: JSONNode, _ scope: SystemScope
    ) throws(SQLFault) -> (SystemExpression, SystemExpression) {
        (try expression(try member(node, "lexpr"), scope), try expression(try member(node, "rexpr"), scope))
    }

    /// Both sides in one type.
    private func unified(
        _ left: SystemExpression, _ right: SystemExpression
    ) throws(SQLFault) -> (String, String) {
        if left.type == .unknown, right.type == .unknown {
            return (try coerce(left, to: .text).sql, try coerce(right, to: .text).sql)
        }
        if left.type == .unknown { return (try coerce(left, to: right.type).sql, right.sql) }
        if right.type == .unknown { return (left.sql, try coerce(right, to: left.type).sql) }
        // A number beside a name: PostgreSQL has no such operator, and the engine would read the name as one.
        let (one, other) = (schema.physical(left.type), schema.physical(right.type))
        if one == "VARCHAR", other == "BIGINT", right.type.isRegistered { return (left.sql, text(of: right)) }
        return (left.sql, right.sql)
    }

    func comparison(
        _ symbol: String, _ left: SystemExpression, _ right: SystemExpression
    ) throws(SQLFault) -> SystemExpression {
        let (one, other) = try unified(left, right)
        return SystemExpression("(\(one) \(symbol) \(other))", .bool)
    }

    private func prefix(
        _ symbol: String, _ value: SystemExpression, _ node: JSONNode
    ) throws(SQLFault) -> SystemExpression {
        let number = value.type == .unknown ? try coerce(value, to: .float8) : value
        switch symbol {
        case "-", "+", "~": return SystemExpression("(\(symbol)\(number.sql))", number.type)
        default: throw unsupported("the operator \(symbol)", node)
        }
    }

    private func infix(
        _ symbol: String, _ left: SystemExpression, _ right: SystemExpression, _ node: JSONNode
    ) throws(SQLFault) -> SystemExpression {
        switch symbol {
        case "=", "<>", "!=", "<", ">", "<=", ">=":
            return try comparison(symbol == "!=" ? "<>" : symbol, left, right)
        case "+", "-", "*", "/", "%", "&", "|", "<<", ">>", "#":
            return try arithmetic(symbol, left, right)
        case "||": return try concatenation(left, right)
        case "~", "!~", "~*", "!~*":
            let (value, pattern) = (
                try coerce(left, to: .text).sql, try coerce(right, to: .text).sql
            )
            let options = symbol.hasSuffix("*") ? ", 'i'" : ""
            return SystemExpression(
                "(\(symbol.hasPrefix("!") ? "NOT " : "")regexp_matches(\(value), \(pattern)\(options)))",
                .bool)
        case "~~", "!~~": return try like("LIKE", negated: symbol == "!~~", left, right)
        case "~~*", "!~~*": return try like("ILIKE", negated: symbol == "!~~*", left, right)
        case "@>", "<@", "&&":
            let (one, other) = try unified(left, right)
            return SystemExpression(
                symbol == "@>"
                    ? "list_has_all(\(one), \(other))"
                    : symbol == "<@" ? "list_has_all(\(other), \(one))" : "list_has_any(\(one), \(other))",
                .bool)
        default: throw unsupported("the operator \(symbol)", node)
        }
    }

    private func arithmetic(
        _ symbol: String, _ left: SystemExpression, _ right: SystemExpression
    ) throws(SQLFault) -> SystemExpression {
        let (one, other) = try unified(left, right)
        let known = [left, right].filter { $0.type != .unknown }
        if let date = known.first(where: { $0.type.numericRank == nil }) {
            let isDifference = symbol == "-" && left.type == right.type
            let type: SystemType =
                isDifference
                ? (date.type == .date ? .int4 : .interval)
                : date.type == .interval && left.type != .interval ? left.type : date.type
            return SystemExpression("(\(one) \(symbol) \(other))", type)
        }
        let type = commonType(known)
        let isWhole = (type.numericRank ?? 5) <= 3
        switch symbol {
        case "/" where isWhole:
            return SystemExpression("CAST(trunc(\(one) / \(other)) AS \(schema.physical(type)))", type)
        case "#": return SystemExpression("xor(\(one), \(other))", type)
        default: return SystemExpression("(\(one) \(symbol) \(other))", type.isRegistered ? .int8 : type)
        }
    }

    private func concatenation(
        _ left: SystemExpression, _ right: SystemExpression
    ) throws(SQLFault) -> SystemExpression {
        let arrays = [left, right].filter { schema.element(of: schema.base($0.type)) != nil }
        if let type = arrays.first?.type {
            let parts = try [left, right].map { (side) throws(SQLFault) -> String in
                if schema.element(of: schema.base(side.type)) != nil { return side.sql }
                if side.type == .unknown, case .text(let text)? = side.literal, !text.hasPrefix("{") {
                    return "[\(plain(side))]"
                }
                return side.type == .unknown ? try coerce(side, to: type).sql : "[\(side.sql)]"
            }
            // PostgreSQL takes NULL beside an array for no elements.
            return SystemExpression("c_list_concat(\(parts[0]), \(parts[1]))", type)
        }
        let parts = [left, right].map { $0.type == .unknown ? plain($0) : text(of: $0) }
        return SystemExpression("(\(parts[0]) || \(parts[1]))", .text)
    }

    private func like(
        _ word: String, negated: Bool, _ left: SystemExpression, _ right: SystemExpression
    ) throws(SQLFault) -> SystemExpression {
        // `LIKE x ESCAPE y` arrives as `like_escape(x, y)`.
        var escape = "\\"
        var pattern = try coerce(right, to: .text).sql
        if let found = right.fields.first(where: { $0.name.hasPrefix("escape:") }) {
            escape = String(found.name.dropFirst("escape:".count))
            pattern = right.sql
        }
        let value = try coerce(left, to: .text).sql
        let suffix = escape.isEmpty ? "" : " ESCAPE \(SQLQuoting.literal(escape))"
        return SystemExpression("(\(value) \(negated ? "NOT " : "")\(word) \(pattern)\(suffix))", .bool)
    }

    private func between(_ node: JSONNode, _ scope: SystemScope) throws(SQLFault) -> SystemExpression {
        let value = try expression(try member(node, "lexpr"), scope)
        let bounds = try expressions(try member(node, "rexpr")["List"]?.list("items") ?? [], scope)
        guard bounds.count == 2 else { throw unsupported("BETWEEN", node) }
        let low = try comparison(">=", value, bounds[0]).sql
        let high = try comparison("<=", value, bounds[1]).sql
        let negation = node.string("kind") == "AEXPR_NOT_BETWEEN" ? "NOT " : ""
        return SystemExpression("(\(negation)(\(low) AND \(high)))", .bool)
    }

    private func inList(
        _ symbol: String, _ node: JSONNode, _ scope: SystemScope
    ) throws(SQLFault) -> SystemExpression {
        let value = try expression(try member(node, "lexpr"), scope)
        let items = try expressions(try member(node, "rexpr")["List"]?.list("items") ?? [], scope)
        let type = value.type == .unknown ? commonType(items) : value.type
        var parts: [String] = []
        for item in items { parts.append(item.type == .unknown ? try coerce(item, to: type).sql : item.sql) }
        let tested = try coerce(value, to: type).sql
        return SystemExpression(
            "(\(tested) \(symbol == "<>" ? "NOT IN" : "IN") (\(parts.joined(separator: ", "))))", .bool)
    }

    /// `x = ANY (array)`.
    private func quantified(
        _ symbol: String, isAny: Bool, _ node: JSONNode, _ scope: SystemScope
    ) throws(SQLFault) -> SystemExpression {
        let value = try expression(try member(node, "lexpr"), scope)
        var list = try expression(try member(node, "rexpr"), scope)
        if list.type == .unknown { list = try coerce(list, to: schema.array(of: value.type)) }
        guard let element = schema.element(of: schema.base(list.type)) else {
            throw SQLFault(
                .datatypeMismatch, "op ANY/ALL (array) requires array on right side", position: position(node)
            )
        }
        let typed = try coerce(value, to: value.type == .unknown ? element : value.type)
        let lambda = try infix(
            symbol, SystemExpression(typed.sql, typed.type), SystemExpression("e", element), node)
        let matching = "len(list_filter(\(list.sql), lambda e: \(lambda.sql)))"
        switch (symbol, isAny) {
        case ("=", true): return SystemExpression("list_contains(\(list.sql), \(typed.sql))", .bool)
        case ("<>", false), ("!=", false):
            // With a NULL among them it is never true.
            let known = "len(list_filter(\(list.sql), lambda e: e IS NULL)) = 0"
            return SystemExpression("(NOT list_contains(\(list.sql), \(typed.sql)) AND \(known))", .bool)
        case (_, true): return SystemExpression("(\(matching) > 0)", .bool)
        default: return SystemExpression("(\(matching) = len(\(list.sql)))", .bool)
        }
    }
}
