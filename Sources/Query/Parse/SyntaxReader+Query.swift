internal import Core

extension SyntaxReader {
    private static let selectMembers: Set<String> = [
        "distinctClause", "targetList", "fromClause", "whereClause", "groupClause", "havingClause",
        "windowClause", "valuesLists", "sortClause", "limitOffset", "limitCount", "limitOption", "withClause",
        "op", "all", "larg", "rarg",
    ]

    /// Reads a `SelectStmt`: a SELECT, VALUES or set operation with its WITH, ORDER BY and LIMIT.
    func query(_ node: JSONNode) throws(SQLFault) -> QuerySyntax {
        try nested(3, at: node) { () throws(SQLFault) in
            try only(node, Self.selectMembers, in: "SELECT")
            guard node.string("limitOption") != "LIMIT_OPTION_WITH_TIES" else {
                throw .unsupported("FETCH … WITH TIES", "Use LIMIT, or rank() in a derived table.")
            }
            return QuerySyntax(
                with: try commonTables(node["withClause"]),
                body: try body(node),
                order: try list(node.list("sortClause"), order),
                limit: try optional(node["limitCount"]),
                offset: try optional(node["limitOffset"]))
        }
    }

    private func body(_ node: JSONNode) throws(SQLFault) -> QueryBody {
        if node["valuesLists"] != nil {
            return .values(
                try list(node.list("valuesLists")) { (row: JSONNode) throws(SQLFault) in
                    try list(row["List"]?.list("items") ?? [], expression)
                })
        }
        let kind: SetOperation.Kind
        switch node.string("op") {
        case "SETOP_NONE": return .select(try select(node))
        case "SETOP_UNION": kind = .union
        case "SETOP_INTERSECT": kind = .intersect
        default: kind = .except
        }
        guard let left = node["larg"], let right = node["rarg"] else {
            throw SQLFault(.internalError, "the parser returned a set operation without sides")
        }
        return .setOperation(
            kind, all: node.flag("all"), left: try query(left), right: try query(right))
    }

    private func select(_ node: JSONNode) throws(SQLFault) -> SelectSyntax {
        let distinct = node.list("distinctClause")
        let isOn = distinct.first.map { !$0.children.isEmpty } ?? false
        let groups = try groups(node.list("groupClause"))
        return SelectSyntax(
            isDistinct: !distinct.isEmpty && !isOn,
            distinctOn: isOn ? try list(distinct, expression) : [],
            targets: try list(node.list("targetList"), target),
            from: try list(node.list("fromClause"), table),
            filter: try optional(node["whereClause"]),
            groups: groups.expressions, groupSets: groups.sets,
            having: try optional(node["havingClause"]),
            windows: try windows(node.list("windowClause")))
    }

    private func target(_ wrapper: JSONNode) throws(SQLFault) -> TargetSyntax {
        let node = try unwrap(wrapper).node
        try only(node, ["name", "val"], in: "SELECT")
        return TargetSyntax(
            expression: try expression(node["val"] ?? node), alias: node["name"].map(\.string))
    }

    private func commonTables(_ clause: JSONNode?) throws(SQLFault) -> [CommonTableSyntax] {
        guard let clause else { return [] }
        guard !clause.flag("recursive") else {
            throw .unsupported("WITH RECURSIVE", "Join a fixed number of levels.", at: position(clause))
        }
        try only(clause, ["ctes"], in: "WITH")
        return try list(clause.list("ctes")) { (wrapper: JSONNode) throws(SQLFault) in
            let node = try unwrap(wrapper).node
            try only(node, ["ctename", "aliascolnames", "ctematerialized", "ctequery"], in: "WITH")
            guard let query = node["ctequery"]?["SelectStmt"] else {
                throw .unsupported(
                    "a statement that changes data in WITH", "Write a SELECT.", at: position(node))
            }
            return CommonTableSyntax(
                name: node.string("ctename"), columnNames: names(node, "aliascolnames"),
                query: try self.query(query), position: position(node))
        }
    }

    private func windows(_ nodes: [JSONNode]) throws(SQLFault) -> [String: WindowSyntax] {
        var result: [String: WindowSyntax] = [:]
        for wrapper in nodes {
            let node = try unwrap(wrapper).node
            let name = node.string("name")
            guard result.updateValue(try window(node), forKey: name) == nil else {
                throw SQLFault(
                    .windowingError, "window \"\(name)\" is already defined", position: position(node))
            }
        }
        return result
    }

    /// Reads a `WindowDef`'s own partition and order.
    func window(_ node: JSONNode) throws(SQLFault) -> WindowSyntax {
        try only(
            node,
            ["name", "partitionClause", "orderClause", "frameOptions", "startOffset", "endOffset"], in: "OVER")
        return WindowSyntax(
            partition: try list(node.list("partitionClause"), expression),
            order: try list(node.list("orderClause"), order), frame: try frame(node), position: position(node))
    }

    func order(_ wrapper: JSONNode) throws(SQLFault) -> OrderSyntax {
        let node = try unwrap(wrapper).node
        try only(node, ["node", "sortby_dir", "sortby_nulls"], in: "ORDER BY")
        guard node.string("sortby_dir") != "SORTBY_USING" else {
            throw .unsupported("ORDER BY … USING", "Write ASC or DESC.", at: position(node))
        }
        let nullsFirst: Bool? =
            switch node.string("sortby_nulls") {
            case "SORTBY_NULLS_FIRST": true
            case "SORTBY_NULLS_LAST": false
            default: nil
            }
        return OrderSyntax(
            expression: try expression(node["node"] ?? node),
            ascending: node.string("sortby_dir") != "SORTBY_DESC", nullsFirst: nullsFirst)
    }

    /// Reads a FROM item.
    private func table(_ wrapper: JSONNode) throws(SQLFault) -> TableSyntax {
        let (name, node) = try unwrap(wrapper)
        return try nested(at: node) { () throws(SQLFault) in
            switch name {
            case "RangeVar": return try namedTable(node)
            case "JoinExpr": return .join(try join(node))
            case "RangeSubselect":
                guard !node.flag("lateral") else {
                    throw .unsupported("LATERAL", "Join on person instead.", at: position(node))
                }
                try only(node, ["subquery", "alias"], in: "FROM")
                guard let query = node["subquery"]?["SelectStmt"], let alias = try alias(node["alias"]) else {
                    throw SQLFault(.syntaxError, "subquery in FROM must have an alias")
                }
                return .query(try self.query(query), alias: alias)
            default: throw nodeRefusal(name, at: position(node))
            }
        }
    }

    private func namedTable(_ node: JSONNode) throws(SQLFault) -> TableSyntax {
        try only(node, ["schemaname", "relname", "inh", "relpersistence", "alias"], in: "FROM")
        guard node.flag("inh") else {
            throw .unsupported("FROM ONLY", "Leave ONLY out.", at: position(node))
        }
        return .table(
            schema: node["schemaname"].map(\.string), name: node.string("relname"),
            alias: try alias(node["alias"]), position: position(node))
    }

    private func alias(_ node: JSONNode?) throws(SQLFault) -> AliasSyntax? {
        guard let node else { return nil }
        return AliasSyntax(name: node.string("aliasname"), columnNames: names(node, "colnames"))
    }

    private func join(_ node: JSONNode) throws(SQLFault) -> JoinSyntax {
        guard !node.flag("isNatural") else {
            throw .unsupported("NATURAL JOIN", "Name the columns: JOIN … USING (person).")
        }
        try only(node, ["jointype", "larg", "rarg", "usingClause", "quals"], in: "JOIN")
        let kind: JoinSyntax.Kind =
            switch node.string("jointype") {
            case "JOIN_LEFT": .left
            case "JOIN_RIGHT": .right
            case "JOIN_FULL": .full
            default: .inner
            }
        guard let left = node["larg"], let right = node["rarg"] else {
            throw SQLFault(.internalError, "the parser returned a join without sides")
        }
        let constraint: JoinSyntax.Constraint
        if node["usingClause"] != nil {
            constraint = .using(names(node, "usingClause"))
        } else if let condition = try optional(node["quals"]) {
            constraint = .on(condition)
        } else {
            constraint = .none
        }
        return JoinSyntax(
            kind: kind, left: try table(left), right: try table(right), constraint: constraint)
    }
}
