internal import Core

extension SyntaxReader {
    func optional(_ node: JSONNode?) throws(SQLFault) -> ExpressionSyntax? {
        guard let node else { return nil }
        return try expression(node)
    }

    /// Reads any scalar expression.
    func expression(_ wrapper: JSONNode) throws(SQLFault) -> ExpressionSyntax {
        let (name, node) = try unwrap(wrapper)
        return try nested(at: node) { () throws(SQLFault) in
            ExpressionSyntax(node: try read(name, node), position: expressionPosition(name, node))
        }
    }

    private func expressionPosition(_ name: String, _ node: JSONNode) -> Int? {
        guard name == "TypeCast" else { return position(node) }
        let inner = node["arg"].flatMap { $0.children.first }.flatMap(position)
        let type = node["typeName"].flatMap(position)
        return [inner, type].compactMap(\.self).min()
    }

    private func read(_ name: String, _ node: JSONNode) throws(SQLFault) -> ExpressionSyntax.Node {
        switch name {
        case "ColumnRef": return try column(node)
        case "A_Const": return try constant(node)
        case "A_Expr": return try operation(node)
        case "BoolExpr": return try logic(node)
        case "NullTest":
            try only(node, ["arg", "nulltesttype"], in: "IS NULL")
            let function: Function = node.string("nulltesttype") == "IS_NOT_NULL" ? .isNotNull : .isNull
            return .test(function, try argument(node))
        case "BooleanTest": return .test(try booleanTest(node), try argument(node))
        case "CaseExpr": return try caseExpression(node)
        case "CoalesceExpr":
            try only(node, ["args"], in: "COALESCE")
            return .variadic(.coalesce, try list(node.list("args"), expression))
        case "MinMaxExpr":
            try only(node, ["op", "args"], in: "GREATEST")
            let function: Function = node.string("op") == "IS_LEAST" ? .least : .greatest
            return .variadic(function, try list(node.list("args"), expression))
        case "TypeCast": return try cast(node)
        case "FuncCall": return .call(try call(node))
        case "SQLValueFunction": return .now(try valueFunction(node))
        case "SubLink": return try subquery(node)
        case "GroupingFunc": return .grouping(try list(node.list("args"), expression))
        default: throw nodeRefusal(name, at: position(node))
        }
    }

    private func argument(_ node: JSONNode, _ member: StaticString = "arg") throws(SQLFault)
        -> ExpressionSyntax
    {
        guard let inner = node[member] else {
            throw SQLFault(.internalError, "the parser returned an operator without its argument")
        }
        return try expression(inner)
    }

    private func column(_ node: JSONNode) throws(SQLFault) -> ExpressionSyntax.Node {
        let fields = names(node, "fields")
        // Some clients write the schema before the table: no two tables of one name may stand in one FROM.
        if node.list("fields").last?["A_Star"] != nil {
            guard fields.count <= 2 else {
                throw .unsupported("a name with a database", "Use the table's alias.", at: position(node))
            }
            return .star(qualifier: fields.last)
        }
        guard fields.count <= 3 else {
            throw .unsupported("a column name with a database", "Use the table's alias.", at: position(node))
        }
        return .column(Array(fields.suffix(2)))
    }

    private func constant(_ node: JSONNode) throws(SQLFault) -> ExpressionSyntax.Node {
        if let text = node["sval"] { return .string(text.string("sval")) }
        if let truth = node["boolval"] { return .boolean(truth.flag("boolval")) }
        if let number = node["fval"] {
            let text = number.string("fval")
            return Int64(text).map { .integer($0) } ?? .number(text)
        }
        if let number = node["ival"] {
            if number["ival"] != nil { return .integer(Int64(number.integer("ival"))) }
            guard let value = source.integer(atByte: node.integer("location")) else {
                throw SQLFault(
                    .internalError, "a whole number could not be read back", position: position(node))
            }
            return .integer(value)
        }
        guard node.flag("isnull") else { throw nodeRefusal("BitString", at: position(node)) }
        return .null
    }

    private func logic(_ node: JSONNode) throws(SQLFault) -> ExpressionSyntax.Node {
        try only(node, ["boolop", "args"], in: "AND")
        let arguments = try list(node.list("args"), expression)
        switch node.string("boolop") {
        case "AND_EXPR": return .and(arguments)
        case "OR_EXPR": return .or(arguments)
        default:
            if case .inQuery(let value, let query, let negated) = arguments[0].node {
                return .inQuery(value, query, negated: !negated)
            }
            return .not(arguments[0])
        }
    }

    private func booleanTest(_ node: JSONNode) throws(SQLFault) -> Function {
        try only(node, ["arg", "booltesttype"], in: "IS TRUE")
        return switch node.string("booltesttype") {
        case "IS_TRUE": .isTrue
        case "IS_NOT_TRUE": .isNotTrue
        case "IS_FALSE": .isFalse
        case "IS_NOT_FALSE": .isNotFalse
        case "IS_UNKNOWN": .isNull
        default: .isNotNull
        }
    }

    private func caseExpression(_ node: JSONNode) throws(SQLFault) -> ExpressionSyntax.Node {
        try only(node, ["arg", "args", "defresult"], in: "CASE")
        let branches = try list(node.list("args")) { (wrapper: JSONNode) throws(SQLFault) in
            let branch = try unwrap(wrapper).node
            return CaseBranchSyntax(
                condition: try argument(branch, "expr"), value: try argument(branch, "result"))
        }
        return .caseWhen(
            operand: try optional(node["arg"]), branches, otherwise: try optional(node["defresult"]))
    }

    private func valueFunction(_ node: JSONNode) throws(SQLFault) -> NowSyntax {
        switch node.string("op") {
        case "SVFOP_CURRENT_DATE": return .date
        case "SVFOP_CURRENT_TIMESTAMP": return .timestamp
        case "SVFOP_LOCALTIMESTAMP": return .localTimestamp
        case let other:
            let name = other.replacing("SVFOP_", with: "")
            throw .unsupported(name, "Use current_date or current_timestamp.", at: position(node))
        }
    }

    private func subquery(_ node: JSONNode) throws(SQLFault) -> ExpressionSyntax.Node {
        try only(node, ["subLinkType", "testexpr", "operName", "subselect"], in: "a sub-query")
        guard let select = node["subselect"]?["SelectStmt"] else {
            throw SQLFault(.internalError, "the parser returned a sub-query without SELECT")
        }
        switch node.string("subLinkType") {
        case "EXISTS_SUBLINK": return .exists(try query(select))
        case "EXPR_SUBLINK": return .scalarQuery(try query(select))
        case "ANY_SUBLINK" where ["", "="].contains(names(node, "operName").first ?? ""):
            return .inQuery(try argument(node, "testexpr"), try query(select), negated: false)
        default:
            throw .unsupported(
                "ANY, ALL or ARRAY over a sub-query", "Use EXISTS or IN.", at: position(node))
        }
    }
}
