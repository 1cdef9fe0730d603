internal import Core

extension SystemReader {
    func targets(_ nodes: [JSONNode], _ scope: SystemScope) throws(SQLFault) -> [SystemTarget] {
        var result: [SystemTarget] = []
        for wrapper in nodes {
            guard let target = wrapper["ResTarget"], let value = target["val"] else { continue }
            if let column = value["ColumnRef"], column.list("fields").last?["A_Star"] != nil {
                result += try star(names(column.list("fields")), scope)
                continue
            }
            if let access = value["A_Indirection"], access.list("indirection").last?["A_Star"] != nil,
                let inner = access["arg"]
            {
                result += try allFields(try expression(inner, scope), value)
                continue
            }
            result.append(
                SystemTarget(
                    name: target["name"]?.string ?? outputName(value),
                    expression: try expression(value, scope)))
        }
        return result
    }

    private func allFields(_ value: SystemExpression, _ node: JSONNode) throws(SQLFault) -> [SystemTarget] {
        guard !value.fields.isEmpty else { throw unsupported("this composite value", node) }
        return value.fields.map {
            SystemTarget(
                name: $0.name,
                expression: SystemExpression("struct_extract(\(value.sql), '\($0.name)')", $0.type))
        }
    }

    func expressions(_ nodes: [JSONNode], _ scope: SystemScope) throws(SQLFault) -> [SystemExpression] {
        var result: [SystemExpression] = []
        for node in nodes { result.append(try expression(node, scope)) }
        return result
    }

    func boolean(_ node: JSONNode, _ scope: SystemScope) throws(SQLFault) -> String {
        try coerce(try expression(node, scope), to: .bool).sql
    }

    func expression(_ wrapper: JSONNode, _ scope: SystemScope) throws(SQLFault) -> SystemExpression {
        let (kind, node) = try unwrap(wrapper)
        return try nested { () throws(SQLFault) in try read(kind, node, scope) }
    }

    private func read(
        _ kind: String, _ node: JSONNode, _ scope: SystemScope
    ) throws(SQLFault) -> SystemExpression {
        switch kind {
        case "ColumnRef": return try column(node, scope)
        case "A_Const": return try constant(node)
        case "ParamRef": return try parameter(node)
        case "A_Expr": return try operation(node, scope)
        case "BoolExpr": return try logic(node, scope)
        case "NullTest":
            let value = try expression(try member(node, "arg"), scope)
            let word = node.string("nulltesttype") == "IS_NOT_NULL" ? "IS NOT NULL" : "IS NULL"
            return SystemExpression("(\(plain(value)) \(word))", .bool)
        case "BooleanTest":
            let word = node.string("booltesttype").dropFirst("IS_".count).replacing("_", with: " ")
            return SystemExpression("(\(try boolean(try member(node, "arg"), scope)) IS \(word))", .bool)
        case "CaseExpr": return try caseExpression(node, scope)
        case "CoalesceExpr": return try variadic("coalesce", node, scope)
        case "MinMaxExpr":
            return try variadic(node.string("op") == "IS_LEAST" ? "least" : "greatest", node, scope)
        case "TypeCast":
            let type = try self.type(try member(node, "typeName"))
            var value = try coerce(try expression(try member(node, "arg"), scope), to: type.type)
            value.modifier = type.modifier
            return value
        case "FuncCall": return try call(node, scope)
        case "SQLValueFunction": return try valueFunction(node)
        case "SubLink": return try sublink(node, scope)
        case "CollateClause": return try expression(try member(node, "arg"), scope)
        case "A_ArrayExpr": return try array(try expressions(node.list("elements"), scope))
        case "A_Indirection": return try indirection(node, scope)
        case "RowExpr":
            let items = try expressions(node.list("args"), scope)
            return SystemExpression("ROW(\(items.map { plain($0) }.joined(separator: ", ")))", .record)
        default: throw unsupported("an expression of this kind", node)
        }
    }

    func member(_ node: JSONNode, _ name: StaticString) throws(SQLFault) -> JSONNode {
        guard let found = node[name] else {
            throw SQLFault(.internalError, "the parser returned an operator without its argument")
        }
        return found
    }

    private func column(_ node: JSONNode, _ scope: SystemScope) throws(SQLFault) -> SystemExpression {
        let path = names(node.list("fields"))
        if let found = find(path, in: scope) { return found }
        // A table's own name stands for its row; of a function in FROM, for its value.
        if path.count == 1, let entry = scope.entries.first(where: { $0.name == path[0] }),
            entry.columns.count == 1
        {
            return SystemExpression(entry.columns[0].sql, entry.columns[0].output.type)
        }
        if path.count == 2, let found = find([path[0]], in: scope),
            let field = found.fields.first(where: { $0.name == path[1] })
        {
            return SystemExpression("struct_extract(\(found.sql), '\(field.name)')", field.type)
        }
        throw SQLFault(
            .undefinedColumn, "column \"\(path.joined(separator: "."))\" does not exist",
            position: position(node))
    }

    private func constant(_ node: JSONNode) throws(SQLFault) -> SystemExpression {
        if let text = node["sval"] {
            let value = text.string("sval")
            return SystemExpression(SQLQuoting.literal(value), .unknown, literal: .text(value))
        }
        if let truth = node["boolval"] {
            return SystemExpression(truth.flag("boolval") ? "true" : "false", .bool)
        }
        if let number = node["fval"] {
            let text = number.string("fval")
            let isWhole = Int64(text) != nil
            return SystemExpression(isWhole ? "CAST(\(text) AS BIGINT)" : text, isWhole ? .int8 : .numeric)
        }
        if let number = node["ival"] {
            let value =
                number["ival"] != nil
                ? Int64(number.integer("ival")) : source.integer(atByte: node.integer("location"))
            guard let value else { throw SQLFault(.internalError, "a whole number could not be read back") }
            return SystemExpression(value < 0 ? "(\(value))" : "\(value)", .int4)
        }
        guard node.flag("isnull") else { throw unsupported("a string of bits", node) }
        return SystemExpression("NULL", .unknown, literal: .null)
    }

    private func parameter(_ node: JSONNode) throws(SQLFault) -> SystemExpression {
        let number = node.integer("number")
        guard number >= 1, number <= 65_535 else {
            throw SQLFault(SQLState(rawValue: "42P02"), "there is no parameter $\(number)")
        }
        while parameterTypes.count < number { parameterTypes.append(.unknown) }
        let value = number <= parameters.count ? parameters[number - 1] : nil
        let literal = value.map { SQLQuoting.literal($0) } ?? "NULL"
        let untyped = SystemExpression(literal, .unknown, literal: .parameter(number, value))
        let declared = parameterTypes[number - 1]
        return declared == .unknown ? untyped : try coerce(untyped, to: declared)
    }

    private func logic(_ node: JSONNode, _ scope: SystemScope) throws(SQLFault) -> SystemExpression {
        var parts: [String] = []
        for part in node.list("args") { parts.append(try boolean(part, scope)) }
        switch node.string("boolop") {
        case "AND_EXPR": return SystemExpression("(\(parts.joined(separator: " AND ")))", .bool)
        case "OR_EXPR": return SystemExpression("(\(parts.joined(separator: " OR ")))", .bool)
        default: return SystemExpression("(NOT \(parts[0]))", .bool)
        }
    }

    private func caseExpression(_ node: JSONNode, _ scope: SystemScope) throws(SQLFault) -> SystemExpression {
        var conditions: [String] = []
        var values: [SystemExpression] = []
        let operand = try node["arg"].map { (wrapper) throws(SQLFault) in try expression(wrapper, scope) }
        for wrapper in node.list("args") {
            guard let branch = wrapper["CaseWhen"] else { continue }
            let condition = try expression(try member(branch, "expr"), scope)
            if let operand {
                conditions.append(try comparison("=", operand, condition).sql)
            } else {
                conditions.append(try coerce(condition, to: .bool).sql)
            }
            values.append(try expression(try member(branch, "result"), scope))
        }
        let otherwise = try node["defresult"].map { (wrapper) throws(SQLFault) in
            try expression(wrapper, scope)
        }
        let type = commonType(values + [otherwise].compactMap(\.self))
        var sql = "CASE"
        for (condition, value) in zip(conditions, values) {
            sql += " WHEN \(condition) THEN \(try coerce(value, to: type).sql)"
        }
        if let otherwise { sql += " ELSE \(try coerce(otherwise, to: type).sql)" }
        return SystemExpression("(\(sql) END)", type)
    }

    private func variadic(
        _ name: String, _ node: JSONNode, _ scope: SystemScope
    ) throws(SQLFault) -> SystemExpression {
        let values = try expressions(node.list("args"), scope)
        let type = commonType(values)
        var parts: [String] = []
        for value in values { parts.append(try coerce(value, to: type).sql) }
        return SystemExpression("\(name)(\(parts.joined(separator: ", ")))", type)
    }

    func array(_ items: [SystemExpression]) throws(SQLFault) -> SystemExpression {
        let type = commonType(items)
        var parts: [String] = []
        for item in items { parts.append(try coerce(item, to: type).sql) }
        return SystemExpression("[\(parts.joined(separator: ", "))]", schema.array(of: type))
    }

    private func sublink(_ node: JSONNode, _ scope: SystemScope) throws(SQLFault) -> SystemExpression {
        guard let query = node["subselect"]?["SelectStmt"] else { throw unsupported("this sub-query", node) }
        let (sql, columns) = try self.query(query, parent: scope)
        switch node.string("subLinkType") {
        case "EXISTS_SUBLINK": return SystemExpression("EXISTS (\(sql))", .bool)
        case "EXPR_SUBLINK":
            guard columns.count == 1 else {
                throw SQLFault(.syntaxError, "subquery must return only one column", position: position(node))
            }
            var value = SystemExpression("(\(sql))", columns[0].type)
            value.fields = columns[0].fields
            return value
        case "ARRAY_SUBLINK":
            return SystemExpression("ARRAY(\(sql))", schema.array(of: columns[0].type))
        case "ANY_SUBLINK", "ALL_SUBLINK":
            let word = node.string("subLinkType") == "ANY_SUBLINK" ? "ANY" : "ALL"
            let value = try expression(try member(node, "testexpr"), scope)
            let symbol = names(node.list("operName")).last ?? "="
            guard ["=", "<>", "<", ">", "<=", ">="].contains(symbol) else {
                throw unsupported("the operator \(symbol) before ANY or ALL", node)
            }
            let typed = columns.count == 1 ? try coerce(value, to: columns[0].type) : value
            return SystemExpression("(\(typed.sql) \(symbol) \(word) (\(sql)))", .bool)
        default: throw unsupported("a sub-query of this kind", node)
        }
    }

    private func indirection(_ node: JSONNode, _ scope: SystemScope) throws(SQLFault) -> SystemExpression {
        var value = try expression(try member(node, "arg"), scope)
        for wrapper in node.list("indirection") {
            if let name = wrapper["String"]?.string("sval") {
                guard let field = value.fields.first(where: { $0.name == name }) else {
                    throw SQLFault(.undefinedColumn, "column \"\(name)\" not found", position: position(node))
                }
                value = SystemExpression("struct_extract(\(value.sql), '\(name)')", field.type)
                continue
            }
            guard let index = wrapper["A_Indices"], let element = schema.element(of: value.type) else {
                throw unsupported("a subscript here", node)
            }
            // Vectors count from 0, arrays from 1, lists of the engine from 1.
            let shift = value.type.isVector ? " + 1" : ""
            func place(_ name: StaticString) throws(SQLFault) -> String {
                guard let bound = index[name] else { return "" }
                return "(\(try coerce(try expression(bound, scope), to: .int4).sql)\(shift))"
            }
            if index.flag("is_slice") {
                value = SystemExpression(
                    "(\(value.sql))[\(try place("lidx")):\(try place("uidx"))]", value.type)
            } else {
                value = SystemExpression("(\(value.sql))[\(try place("uidx"))]", element)
            }
        }
        return value
    }

    private func valueFunction(_ node: JSONNode) throws(SQLFault) -> SystemExpression {
        func stamp(_ microseconds: Int64) -> String {
            SQLQuoting.literal(Civil.formatTimestamp(microseconds))
        }
        switch node.string("op") {
        case "SVFOP_CURRENT_USER", "SVFOP_SESSION_USER", "SVFOP_USER", "SVFOP_CURRENT_ROLE":
            return SystemExpression(SQLQuoting.literal(session.user), .name)
        case "SVFOP_CURRENT_CATALOG": return SystemExpression(SQLQuoting.literal(session.database), .name)
        case "SVFOP_CURRENT_SCHEMA":
            return SystemExpression(SQLQuoting.literal(schema.searchPath.first ?? "public"), .name)
        case "SVFOP_CURRENT_DATE":
            return SystemExpression("CAST(\(stamp(session.now)) AS DATE)", .date)
        case "SVFOP_LOCALTIMESTAMP", "SVFOP_LOCALTIMESTAMP_N":
            return SystemExpression("CAST(\(stamp(session.now)) AS TIMESTAMP)", .timestamp)
        case "SVFOP_CURRENT_TIMESTAMP", "SVFOP_CURRENT_TIMESTAMP_N": return now
        default: throw unsupported("the time of day", node)
        }
    }

    var now: SystemExpression {
        let text = SQLQuoting.literal(Civil.formatTimestamp(session.now))
        return SystemExpression("timezone('UTC', CAST(\(text) AS TIMESTAMP))", .timestamptz)
    }
}
