internal import Core

extension SystemReader {
    /// A query in the engine's SQL. Its columns bear the names of `columns`, or at the top `c0`, `c1`, … and values
    /// that clients can be given.
    func query(
        _ node: JSONNode, parent: SystemScope?, isTop: Bool = false
    ) throws(SQLFault) -> (sql: String, columns: [SystemOutput]) {
        try nested { () throws(SQLFault) in
            var with = ""
            commonTables.append([:])
            defer { commonTables.removeLast() }
            if let clause = node["withClause"] { with = try self.with(clause, parent: parent) }
            let (body, columns) = try queryBody(node, parent: parent, isTop: isTop)
            return (with + body, columns)
        }
    }

    private func with(_ clause: JSONNode, parent: SystemScope?) throws(SQLFault) -> String {
        let isRecursive = clause.flag("recursive")
        var parts: [String] = []
        for wrapper in clause.list("ctes") {
            guard let table = wrapper["CommonTableExpr"], let query = table["ctequery"]?["SelectStmt"] else {
                throw unsupported("WITH of anything but queries", clause)
            }
            let name = table.string("ctename")
            let aliases = names(table.list("aliascolnames"))
            if isRecursive, let first = query["larg"] {
                // The columns of a recursive table are those of its first part.
                let known = try self.query(first, parent: parent).columns
                commonTables[commonTables.count - 1][name] = renamed(known, aliases)
            }
            let (sql, columns) = try self.query(query, parent: parent)
            let named = renamed(columns, aliases)
            commonTables[commonTables.count - 1][name] = named
            parts.append("\(quote(name))(\(named.map { quote($0.name) }.joined(separator: ", "))) AS (\(sql))")
        }
        return "WITH \(isRecursive ? "RECURSIVE " : "")\(parts.joined(separator: ", ")) "
    }

    func renamed(_ columns: [SystemOutput], _ names: [String]) -> [SystemOutput] {
        columns.enumerated().map { index, column in
            guard index < names.count else { return column }
            var column = column
            column.name = names[index]
            return column
        }
    }

    private func queryBody(
        _ node: JSONNode, parent: SystemScope?, isTop: Bool
    ) throws(SQLFault) -> (String, [SystemOutput]) {
        if node.string("op") != "SETOP_NONE", !node.string("op").isEmpty {
            return try setOperation(node, parent: parent, isTop: isTop)
        }
        if !node.list("valuesLists").isEmpty { return try values(node, parent: parent, isTop: isTop) }
        return try select(node, parent: parent, isTop: isTop)
    }

    private func setOperation(
        _ node: JSONNode, parent: SystemScope?, isTop: Bool
    ) throws(SQLFault) -> (String, [SystemOutput]) {
        guard let left = node["larg"], let right = node["rarg"] else { throw unsupported("this", node) }
        let (one, first) = try query(left, parent: parent)
        let (other, second) = try query(right, parent: parent)
        guard first.count == second.count else {
            throw SQLFault(.syntaxError, "each UNION query must have the same number of columns")
        }
        let word =
            switch node.string("op") {
            case "SETOP_UNION": "UNION"
            case "SETOP_INTERSECT": "INTERSECT"
            default: "EXCEPT"
            }
        let columns = zip(first, second).map { one, other in
            var column = one
            column.modifier = -1
            column.table = 0
            if one.isUntyped { (column.type, column.isUntyped) = (other.type, other.isUntyped) }
            return column
        }
        if !isTop, node.list("sortClause").isEmpty, node["limitCount"] == nil, node["limitOffset"] == nil {
            // As a recursive table has to be: its columns have the names of the first side.
            let all = node.flag("all") ? " ALL" : ""
            return ("\(side(one, left)) \(word)\(all) \(side(other, right))", columns)
        }
        let both = "(\(one)) \(word)\(node.flag("all") ? " ALL" : "") (\(other))"
        return try wrapped(both, columns, node, isTop: isTop)
    }

    /// One side of a set operation: in parentheses where it is more than a plain SELECT.
    private func side(_ sql: String, _ node: JSONNode) -> String {
        let isPlain =
            node.string("op") == "SETOP_NONE" && node.list("sortClause").isEmpty && node["limitCount"] == nil
            && node["limitOffset"] == nil && node["withClause"] == nil
        return isPlain ? sql : "(\(sql))"
    }

    private func values(
        _ node: JSONNode, parent: SystemScope?, isTop: Bool
    ) throws(SQLFault) -> (String, [SystemOutput]) {
        let scope = SystemScope(parent: parent)
        var rows: [[SystemExpression]] = []
        for list in node.list("valuesLists") {
            rows.append(try expressions(list["List"]?.list("items") ?? [], scope))
        }
        let width = rows.first?.count ?? 0
        guard rows.allSatisfy({ $0.count == width }) else {
            throw SQLFault(.syntaxError, "VALUES lists must all be the same length")
        }
        var columns: [SystemOutput] = []
        for place in 0..<width {
            let type = commonType(rows.map { $0[place] })
            for row in rows.indices { rows[row][place] = try coerce(rows[row][place], to: type) }
            columns.append(SystemOutput(name: "column\(place + 1)", type: type))
        }
        let text = rows.map { "(\($0.map(\.sql).joined(separator: ", ")))" }.joined(separator: ", ")
        let names = columns.map { quote($0.name) }.joined(separator: ", ")
        return try wrapped("SELECT * FROM (VALUES \(text)) AS v(\(names))", columns, node, isTop: isTop)
    }

    /// ORDER BY and LIMIT of what has no FROM of its own, around it.
    private func wrapped(
        _ sql: String, _ columns: [SystemOutput], _ node: JSONNode, isTop: Bool
    ) throws(SQLFault) -> (String, [SystemOutput]) {
        let inner = columns.indices.map { "k\($0)" }
        let scope = SystemScope(parent: nil)
        scope.entries = [
            SystemScope.Entry(
                name: "q", schema: nil, columns: zip(columns, inner).map { ($0, "q.\($1)") })
        ]
        var targets: [String] = []
        for (index, column) in columns.enumerated() {
            let expression = SystemExpression("q.k\(index)", column.type)
            targets.append(
                isTop ? "\(shown(expression)) AS c\(index)" : "q.k\(index) AS \(quote(column.name))")
        }
        let order = try self.order(node.list("sortClause"), scope) { name in
            columns.firstIndex { $0.name == name }
        }
        return (
            "SELECT \(targets.joined(separator: ", ")) FROM (\(sql)) AS q(\(inner.joined(separator: ", ")))"
                + order + (try limit(node, scope)), columns
        )
    }

    private func select(
        _ node: JSONNode, parent: SystemScope?, isTop: Bool
    ) throws(SQLFault) -> (String, [SystemOutput]) {
        let scope = SystemScope(parent: parent)
        let from = try self.from(node.list("fromClause"), scope)
        let outerWindows = windows
        defer { windows = outerWindows }
        for wrapper in node.list("windowClause") {
            if let window = wrapper["WindowDef"] { windows[window.string("name")] = window }
        }
        let targets = try self.targets(node.list("targetList"), scope)
        var sql = "SELECT "
        if node["distinctClause"] != nil { sql += try distinct(node.list("distinctClause"), scope) }
        sql += targets.enumerated().map { index, target in
            isTop
                ? "\(shown(target.expression)) AS c\(index)"
                : "\(plain(target.expression)) AS \(quote(target.name))"
        }.joined(separator: ", ")
        if !from.isEmpty { sql += " FROM \(from)" }
        if let filter = node["whereClause"] { sql += " WHERE \(try boolean(filter, scope))" }
        sql += try grouping(node, scope, targets)
        sql += try order(node.list("sortClause"), scope) { name in targets.firstIndex { $0.name == name } }
        return (sql + (try limit(node, scope)), targets.map(\.output))
    }

    private func distinct(_ clause: [JSONNode], _ scope: SystemScope) throws(SQLFault) -> String {
        let on = clause.filter { !$0.children.isEmpty }
        guard !on.isEmpty else { return "DISTINCT " }
        return "DISTINCT ON (\(try expressions(on, scope).map(\.sql).joined(separator: ", "))) "
    }

    private func grouping(
        _ node: JSONNode, _ scope: SystemScope, _ targets: [SystemTarget]
    ) throws(SQLFault) -> String {
        var sql = ""
        var keys: [String] = []
        for key in node.list("groupClause") {
            if let place = try ordinal(key) {
                keys.append("\(place)")
            } else if let name = try bareName(key), find([name], in: scope) == nil,
                let place = targets.firstIndex(where: { $0.name == name })
            {
                keys.append("\(place + 1)")
            } else {
                keys.append(try expression(key, scope).sql)
            }
        }
        if !keys.isEmpty { sql += " GROUP BY \(keys.joined(separator: ", "))" }
        if let having = node["havingClause"] { sql += " HAVING \(try boolean(having, scope))" }
        return sql
    }

    /// - Parameter place: where a name is among the targets, which ORDER BY means first.
    func order(
        _ items: [JSONNode], _ scope: SystemScope, place: (String) -> Int?
    ) throws(SQLFault) -> String {
        var keys: [String] = []
        for wrapper in items {
            guard let item = wrapper["SortBy"], let node = item["node"] else { continue }
            var key: String
            if let number = try ordinal(node) {
                key = "\(number)"
            } else if let name = try bareName(node), let found = place(name) {
                key = "\(found + 1)"
            } else {
                key = try expression(node, scope).sql
            }
            let isDescending = item.string("sortby_dir") == "SORTBY_DESC"
            let nullsFirst =
                switch item.string("sortby_nulls") {
                case "SORTBY_NULLS_FIRST": true
                case "SORTBY_NULLS_LAST": false
                default: isDescending
                }
            key += (isDescending ? " DESC" : " ASC") + (nullsFirst ? " NULLS FIRST" : " NULLS LAST")
            keys.append(key)
        }
        return keys.isEmpty ? "" : " ORDER BY \(keys.joined(separator: ", "))"
    }

    private func limit(_ node: JSONNode, _ scope: SystemScope) throws(SQLFault) -> String {
        var sql = ""
        if let count = node["limitCount"] {
            let value = try coerce(try expression(count, SystemScope(parent: nil)), to: .int8)
            if value.sql != "CAST(NULL AS BIGINT)" { sql += " LIMIT \(value.sql)" }
        }
        if let skipped = node["limitOffset"] {
            sql += " OFFSET \(try coerce(try expression(skipped, SystemScope(parent: nil)), to: .int8).sql)"
        }
        return sql
    }

    /// The number that ORDER BY or GROUP BY names a column by.
    private func ordinal(_ wrapper: JSONNode) throws(SQLFault) -> Int64? {
        guard let constant = wrapper["A_Const"], let number = constant["ival"] else { return nil }
        return number["ival"] != nil
            ? Int64(number.integer("ival")) : source.integer(atByte: constant.integer("location"))
    }

    private func bareName(_ wrapper: JSONNode) throws(SQLFault) -> String? {
        guard let column = wrapper["ColumnRef"] else { return nil }
        let fields = names(column.list("fields"))
        return fields.count == 1 && column.list("fields").count == 1 ? fields[0] : nil
    }
}

/// A column of a SELECT list.
struct SystemTarget {
    let name: String
    let expression: SystemExpression

    var output: SystemOutput {
        SystemOutput(
            name: name, type: expression.type, fields: expression.fields, modifier: expression.modifier,
            table: expression.table, number: expression.number, isUntyped: expression.type == .unknown)
    }
}
