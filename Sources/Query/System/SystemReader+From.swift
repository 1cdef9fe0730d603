internal import Core

extension SystemReader {
    /// The FROM clause; adds what it offers to the scope.
    func from(_ items: [JSONNode], _ scope: SystemScope) throws(SQLFault) -> String {
        var parts: [String] = []
        for item in items {
            let (sql, entries) = try table(item, scope)
            scope.entries += entries
            parts.append(sql)
        }
        return parts.joined(separator: ", ")
    }

    private func table(
        _ wrapper: JSONNode, _ scope: SystemScope
    ) throws(SQLFault) -> (String, [SystemScope.Entry]) {
        let (kind, node) = try unwrap(wrapper)
        switch kind {
        case "RangeVar": return try relation(node)
        case "RangeSubselect":
            guard let query = node["subquery"]?["SelectStmt"] else { throw unsupported("this", node) }
            let (sql, columns) = try self.query(
                query, parent: node.flag("lateral") ? scope : scope.parent)
            let (name, renames) = alias(node)
            let prefix = node.flag("lateral") ? "LATERAL " : ""
            return entry(prefix + "(\(sql))", name ?? newAlias(), renamed(columns, renames), columns.count)
        case "RangeFunction": return try function(node, scope)
        case "JoinExpr": return try nested { () throws(SQLFault) in try join(node, scope) }
        default: throw unsupported("a table of this kind", node)
        }
    }

    private func alias(_ node: JSONNode) -> (String?, [String]) {
        guard let alias = node["alias"] else { return (nil, []) }
        return (alias.string("aliasname"), names(alias.list("colnames")))
    }

    private func entry(
        _ sql: String, _ name: String, _ columns: [SystemOutput], _ width: Int, schema: String? = nil
    ) -> (String, [SystemScope.Entry]) {
        let names = columns.map { quote($0.name) }.joined(separator: ", ")
        let offered = columns.map { ($0, "\(quote(name)).\(quote($0.name))") }
        return (
            "\(sql) AS \(quote(name))(\(names))",
            [SystemScope.Entry(name: name, schema: schema, columns: offered)]
        )
    }

    private func relation(_ node: JSONNode) throws(SQLFault) -> (String, [SystemScope.Entry]) {
        let name = node.string("relname")
        let space = node["schemaname"]?.string
        let (alias, renames) = alias(node)
        if space == nil, let columns = commonTable(name) {
            return entry(quote(name), alias ?? name, renamed(columns, renames), columns.count)
        }
        guard let found = schema.relation(space, name), found.isSystem else {
            throw SQLFault(
                .undefinedTable,
                "relation \"\([space, name].compactMap(\.self).joined(separator: "."))\" does not exist",
                position: position(node))
        }
        let columns = found.columns.enumerated().map { index, column in
            SystemOutput(
                name: column.name, type: schema.base(column.type) == .name ? .name : column.type,
                modifier: column.modifier, table: found.oid, number: Int16(index + 1))
        }
        let named = renamed(columns, renames)
        var (sql, entries) = entry(
            found.sql, alias ?? name, named, columns.count, schema: alias == nil ? found.schema : nil)
        entries[0].columns.append(
            (SystemOutput(name: "tableoid", type: .oid), "CAST(\(found.oid) AS BIGINT)"))
        for hidden in ["ctid", "xmin", "xmax", "cmin", "cmax"] {
            entries[0].columns.append((SystemOutput(name: hidden, type: SystemType(28)), "CAST(2 AS BIGINT)"))
        }
        entries[0].hidden = []
        sql = sql + ""
        return (sql, entries)
    }

    private func function(
        _ node: JSONNode, _ scope: SystemScope
    ) throws(SQLFault) -> (String, [SystemScope.Entry]) {
        let (alias, renames) = alias(node)
        guard let call = node.list("functions").first?["List"]?.list("items").first else {
            throw unsupported("a function in FROM", node)
        }
        let lateral = SystemScope(parent: scope.parent)
        lateral.entries = scope.entries
        if let callee = call["FuncCall"], let name = names(callee.list("funcname")).last,
            let found = schema.relations["pg_catalog.\(name)()"]
        {
            let columns = found.columns.map { SystemOutput(name: $0.name, type: $0.type) }
            return entry(found.sql, alias ?? name, renamed(columns, renames), columns.count)
        }
        let value = try expression(call, lateral)
        let name = outputName(call)
        var columns = [
            SystemOutput(name: renames.first ?? alias ?? name, type: value.type, fields: value.fields)
        ]
        var targets = [plain(value)]
        if !value.fields.isEmpty {
            columns = renamed(value.fields.map { SystemOutput(name: $0.name, type: $0.type) }, renames)
            targets = value.fields.map { "struct_extract(\(value.sql), '\($0.name)')" }
        }
        if node.flag("ordinality") {
            columns.append(
                SystemOutput(
                    name: renames.count > columns.count ? renames[columns.count] : "ordinality", type: .int8))
            targets.append("row_number() OVER ()")
        }
        let inner = targets.enumerated().map { "\($1) AS x\($0)" }.joined(separator: ", ")
        return entry("LATERAL (SELECT \(inner))", alias ?? name, columns, columns.count)
    }

    private func join(
        _ node: JSONNode, _ scope: SystemScope
    ) throws(SQLFault) -> (String, [SystemScope.Entry]) {
        guard let left = node["larg"], let right = node["rarg"] else { throw unsupported("this", node) }
        guard node["alias"] == nil else { throw unsupported("an alias of a join", node) }
        let inner = SystemScope(parent: scope.parent)
        inner.entries = scope.entries
        let (one, first) = try table(left, inner)
        inner.entries += first
        let (other, second) = try table(right, inner)
        var word =
            switch node.string("jointype") {
            case "JOIN_LEFT": "LEFT JOIN"
            case "JOIN_RIGHT": "RIGHT JOIN"
            case "JOIN_FULL": "FULL JOIN"
            default: "JOIN"
            }
        let both = SystemScope(parent: scope.parent)
        both.entries = first + second
        var merged: [SystemScope.Entry] = []
        var condition = ""
        var shared = names(node.list("usingClause"))
        if node.flag("isNatural") {
            let names = Set(second.flatMap { $0.columns.filter { $0.output.number >= 0 }.map(\.output.name) })
            shared = first.flatMap { $0.columns.map(\.output.name) }.filter {
                names.contains($0) && !Self.hiddenColumns.contains($0)
            }
        }
        if !shared.isEmpty {
            let (text, entry) = try using(shared, first, second, node)
            condition = " ON " + text
            merged = [entry]
        } else if let quals = node["quals"] {
            // The sides of a join see what stands before it only where it is lateral; names resolve the same.
            condition = " ON " + (try boolean(quals, both))
        } else if word == "JOIN" {
            word = "CROSS JOIN"
        }
        var entries = first + second
        if !shared.isEmpty {
            for index in entries.indices { entries[index].hidden.formUnion(shared) }
        }
        return ("(\(one) \(word) \(other)\(condition))", merged + entries)
    }

    static let hiddenColumns: Set<String> = ["tableoid", "ctid", "xmin", "xmax", "cmin", "cmax"]

    private func using(
        _ names: [String], _ left: [SystemScope.Entry], _ right: [SystemScope.Entry], _ node: JSONNode
    ) throws(SQLFault) -> (String, SystemScope.Entry) {
        var conditions: [String] = []
        var columns: [(SystemOutput, String)] = []
        for name in names {
            let sides = [left, right].map { entries in
                let scope = SystemScope(parent: nil)
                scope.entries = entries
                return find([name], in: scope)
            }
            guard let one = sides[0], let other = sides[1] else {
                throw SQLFault(
                    .undefinedColumn, "column \"\(name)\" specified in USING clause does not exist",
                    position: position(node))
            }
            conditions.append("\(one.sql) = \(other.sql)")
            columns.append((SystemOutput(name: name, type: one.type), "coalesce(\(one.sql), \(other.sql))"))
        }
        return (
            conditions.joined(separator: " AND "),
            SystemScope.Entry(name: newAlias(), schema: nil, columns: columns)
        )
    }

    /// A column by one to three names, from the innermost scope outwards.
    func find(_ path: [String], in scope: SystemScope) -> SystemExpression? {
        var next: SystemScope? = scope
        while let current = next {
            for entry in current.entries where matches(entry, path) {
                guard let name = path.last, path.count > 1 || !entry.hidden.contains(name) else { continue }
                if let (output, sql) = entry.columns.first(where: { $0.output.name == name }) {
                    var found = SystemExpression(sql, output.type)
                    (found.fields, found.modifier) = (output.fields, output.modifier)
                    (found.table, found.number) = (output.table, output.number)
                    return found
                }
            }
            next = current.parent
        }
        return nil
    }

    private func matches(_ entry: SystemScope.Entry, _ path: [String]) -> Bool {
        switch path.count {
        case 1: true
        case 2: entry.name == path[0]
        default: entry.schema == path[path.count - 3] && entry.name == path[path.count - 2]
        }
    }

    /// Everything that `*` or `table.*` stands for.
    func star(_ qualifier: [String], _ scope: SystemScope) throws(SQLFault) -> [SystemTarget] {
        var targets: [SystemTarget] = []
        for entry in scope.entries where qualifier.isEmpty || matches(entry, qualifier + [""]) {
            for (output, sql) in entry.columns {
                if qualifier.isEmpty, entry.hidden.contains(output.name) { continue }
                if Self.hiddenColumns.contains(output.name), output.number == 0 { continue }
                var expression = SystemExpression(sql, output.type)
                (expression.fields, expression.modifier) = (output.fields, output.modifier)
                (expression.table, expression.number) = (output.table, output.number)
                targets.append(SystemTarget(name: output.name, expression: expression))
            }
        }
        guard !targets.isEmpty else {
            throw SQLFault(
                .undefinedTable, "missing FROM-clause entry for table \"\(qualifier.last ?? "*")\"")
        }
        return targets
    }
}
