internal import Core

extension SyntaxReader {
    /// Reads an `A_Expr`: everything that is written between or before its operands.
    func operation(_ node: JSONNode) throws(SQLFault) -> ExpressionSyntax.Node {
        try only(node, ["kind", "name", "lexpr", "rexpr"], in: "an operator")
        let names = names(node, "name")
        guard names.count == 1 else {
            throw .unsupported("an operator with a schema", "Write the bare operator.", at: position(node))
        }
        let negated = names[0].hasPrefix("!") || names[0] == "<>"
        switch node.string("kind") {
        case "AEXPR_OP":
            return .infix(names[0], try optional(node["lexpr"]), try right(node))
        case "AEXPR_DISTINCT": return .isDistinct(try left(node), try right(node), negated: false)
        case "AEXPR_NOT_DISTINCT": return .isDistinct(try left(node), try right(node), negated: true)
        case "AEXPR_NULLIF": return .variadic(.nullif, [try left(node), try right(node)])
        case "AEXPR_LIKE": return .like(.like, try left(node), try right(node), negated: negated)
        case "AEXPR_ILIKE": return .like(.ilike, try left(node), try right(node), negated: negated)
        case "AEXPR_IN":
            return .inList(try left(node), try items(node), negated: negated)
        case "AEXPR_BETWEEN": return try between(node, symmetric: false, negated: false)
        case "AEXPR_NOT_BETWEEN": return try between(node, symmetric: false, negated: true)
        case "AEXPR_BETWEEN_SYM": return try between(node, symmetric: true, negated: false)
        case "AEXPR_NOT_BETWEEN_SYM": return try between(node, symmetric: true, negated: true)
        case "AEXPR_SIMILAR":
            throw .unsupported("SIMILAR TO", "Use LIKE.", at: position(node))
        case "AEXPR_OP_ANY" where names[0] == "=":
            return .inList(try left(node), try elements(node), negated: false)
        case "AEXPR_OP_ALL" where names[0] == "<>":
            return .inList(try left(node), try elements(node), negated: true)
        default:
            throw .unsupported(
                "an operator with ANY or ALL", "Use IN (…), or AND and OR.", at: position(node))
        }
    }

    /// The elements of an array that is written out: `ARRAY['a', 'b']` or `'{a,b}'`; NULL for an array that is NULL.
    private func elements(_ node: JSONNode) throws(SQLFault) -> [ExpressionSyntax] {
        var array = node["rexpr"]
        if let cast = array?["TypeCast"], cast["typeName"]?["arrayBounds"] != nil { array = cast["arg"] }
        if let items = array?["A_ArrayExpr"] { return try list(items.list("elements"), expression) }
        if let array, array["A_Const"] != nil {
            let constant = try expression(array)
            switch constant.node {
            case .null: return [constant]
            case .string(let text):
                do {
                    return try ArrayText.items(text).map {
                        ExpressionSyntax(node: $0.map { .string($0) } ?? .null, position: position(node))
                    }
                } catch { throw error.at(constant.position) }
            default: break
            }
        }
        throw .unsupported(
            "that array with ANY or ALL", "Write IN ('a', 'b'), = ANY (ARRAY['a', 'b']) or = ANY ('{a,b}').",
            at: position(node))
    }

    private func left(_ node: JSONNode) throws(SQLFault) -> ExpressionSyntax {
        guard let left = node["lexpr"] else {
            throw SQLFault(.internalError, "the parser returned an operator without its left side")
        }
        return try expression(left)
    }

    private func right(_ node: JSONNode) throws(SQLFault) -> ExpressionSyntax {
        guard let right = node["rexpr"] else {
            throw SQLFault(.internalError, "the parser returned an operator without its right side")
        }
        return try expression(right)
    }

    private func items(_ node: JSONNode) throws(SQLFault) -> [ExpressionSyntax] {
        try list(node["rexpr"]?["List"]?.list("items") ?? [], expression)
    }

    private func between(
        _ node: JSONNode, symmetric: Bool, negated: Bool
    ) throws(SQLFault) -> ExpressionSyntax.Node {
        let bounds = try items(node)
        guard bounds.count == 2 else {
            throw SQLFault(.internalError, "the parser returned BETWEEN without its bounds")
        }
        return .between(try left(node), bounds[0], bounds[1], symmetric: symmetric, negated: negated)
    }

    /// Reads a function call, an aggregate or a window function.
    func call(_ node: JSONNode) throws(SQLFault) -> CallSyntax {
        var path = names(node, "funcname")
        if path.count == 2, path[0] == "pg_catalog" { path.removeFirst() }
        guard path.count == 1 else {
            throw .unsupported("a function with a schema", "Write its bare name.", at: position(node))
        }
        if path[0] == "timezone" {
            throw .unsupported(
                "AT TIME ZONE", "Times are UTC without a zone: compare them as they are.", at: position(node))
        }
        if path[0] == "like_escape" {
            throw .unsupported("LIKE … ESCAPE", "Use a pattern without an escape.", at: position(node))
        }
        let isOrdered = node.flag("agg_within_group")
        if isOrdered, path[0] != "percentile_cont" {
            throw refusal(of: "agg_within_group", in: path[0], at: position(node))
        }
        var members: Set<String> = [
            "funcname", "args", "agg_star", "agg_distinct", "agg_filter", "over", "funcformat",
        ]
        if isOrdered { members.formUnion(["agg_within_group", "agg_order"]) }
        try only(node, members, in: path[0])
        return CallSyntax(
            name: path[0], arguments: try list(node.list("args"), expression),
            isStar: node.flag("agg_star"), isDistinct: node.flag("agg_distinct"),
            filter: try optional(node["agg_filter"]), over: try over(node["over"]),
            withinGroup: isOrdered ? try list(node.list("agg_order"), order) : [])
    }

    private func over(_ node: JSONNode?) throws(SQLFault) -> OverSyntax? {
        guard let node else { return nil }
        if let name = node["name"] { return .named(name.string) }
        return .window(try window(node))
    }

    /// Reads a cast, in any of its spellings.
    func cast(_ node: JSONNode) throws(SQLFault) -> ExpressionSyntax.Node {
        try only(node, ["arg", "typeName"], in: "CAST")
        guard let typeName = node["typeName"], let inner = node["arg"] else {
            throw SQLFault(.internalError, "the parser returned a cast without its type")
        }
        let operand = try expression(inner)
        try only(typeName, ["names", "typemod", "typmods"], in: "a type")
        let name = names(typeName, "names").last ?? ""
        if name == "interval", let modifier = typeName.list("typmods").first {
            return try qualifiedInterval(operand, modifier, at: position(typeName))
        }
        guard typeName["typmods"] == nil else {
            throw .unsupported(
                "a type with a length or precision", "Leave it out; round(x, n) rounds.",
                at: position(typeName))
        }
        return .cast(operand, try type(name, at: position(typeName)))
    }

    private func type(_ name: String, at position: Int?) throws(SQLFault) -> TypeSyntax {
        let types: [String: ColumnType] = [
            "bool": .boolean, "int4": .integer, "int8": .bigint, "numeric": .numeric, "float8": .double,
            "text": .text, "varchar": .text, "date": .date, "timestamp": .timestamp, "interval": .interval,
        ]
        guard let type = types[name] else {
            throw .unsupported(
                "type \(name)",
                "Types are boolean, integer, bigint, numeric, double precision, "
                    + "text, date, timestamp and interval.",
                at: position)
        }
        return TypeSyntax(name: name, type: type)
    }

    /// `INTERVAL '90' DAY`: read as `INTERVAL '90 day'`.
    private func qualifiedInterval(
        _ operand: ExpressionSyntax, _ modifier: JSONNode, at position: Int?
    ) throws(SQLFault) -> ExpressionSyntax.Node {
        /// Masks of interval fields: PostgreSQL 15, timestamp.h.
        let units = [1 << 2: "year", 1 << 1: "month", 1 << 3: "day", 1 << 10: "hour", 1 << 11: "minute"]
        let mask = modifier["A_Const"]?["ival"]?.integer("ival") ?? 0
        guard let unit = units[mask], case .string(let text) = operand.node, Int(text) != nil else {
            throw .unsupported("an interval with fields", "Write interval '90 days'.", at: position)
        }
        return .cast(
            ExpressionSyntax(node: .string("\(text) \(unit)"), position: operand.position),
            TypeSyntax(name: "interval", type: .interval))
    }
}
