internal import Catalog
internal import Core

extension SelectBinder {
    /// Binds the tables of FROM, side by side.
    func bindFrom(_ tables: [TableSyntax]) throws(SQLFault) {
        for (index, syntax) in tables.enumerated() {
            let (table, columns) = try bind(syntax)
            if index == 0 {
                plan = table
                scope = columns
            } else {
                scope = try scope.joined(with: columns)
                plan = .join(Join(kind: .cross, left: plan, right: table, condition: .boolean(true)))
            }
        }
    }

    private func bind(_ syntax: TableSyntax) throws(SQLFault) -> (Plan, Scope) {
        switch syntax {
        case .table(let schema, let name, let alias, let position):
            try session.chargeRelation(at: position)
            if schema == nil, let table = environment.tables[name] {
                return try bindCommon(table, alias, at: position)
            }
            return try bindScan(schema, name, alias, at: position)
        case .query(let query, let alias):
            let relation = try QueryBinder(session: session, environment: environment, outer: nil).bind(query)
            return (relation.plan, try named(relation.output, alias.name, alias.columnNames, nil))
        case .join(let join): return try bindJoin(join)
        }
    }

    private func bindCommon(
        _ table: Environment.CommonTable, _ alias: AliasSyntax?, at position: Int?
    ) throws(SQLFault) -> (Plan, Scope) {
        session.readTables.insert(table.syntax.position ?? 0)
        let relation = try QueryBinder(session: session, environment: table.environment, outer: nil)
            .bind(table.syntax.query)
        let columns = try renamed(
            relation.output, table.syntax.name, table.syntax.columnNames, table.syntax.position)
        let scope = try named(columns, alias?.name ?? table.syntax.name, alias?.columnNames ?? [], position)
        return (relation.plan, scope)
    }

    private func bindScan(
        _ schema: String?, _ name: String, _ alias: AliasSyntax?, at position: Int?
    ) throws(SQLFault) -> (Plan, Scope) {
        let (source, columns) = try lookUp(schema, name, at: position)
        let qualifier = alias?.name ?? name
        var offered: [PlanColumn] = []
        for column in columns {
            let id = session.newID(display: "\(qualifier).\(column.name)")
            offered.append(PlanColumn(id: id, name: column.name, type: column.type))
            switch source {
            case .dataset where column.isPerson || column.name == "site": session.notNull.insert(id)
            case .codelist where column.name == "code": session.notNull.insert(id)
            default: break
            }
        }
        let scan = Scan(source: source, alias: qualifier, columns: offered, position: position)
        return (.scan(scan), try named(offered, qualifier, alias?.columnNames ?? [], position))
    }

    private func lookUp(
        _ schema: String?, _ name: String, at position: Int?
    ) throws(SQLFault) -> (Scan.Source, [DatasetColumn]) {
        let catalog = session.catalog
        switch schema {
        case nil, "public", "concordat":
            if let dataset = catalog.datasets[name] { return (.dataset(name), dataset.columns) }
            // The search path: what is not data of people may leave its schema out.
            for kind in [ReferenceTable.Kind.reference, .codelist] where schema == nil {
                guard let table = catalog.table(kind, name) else { continue }
                return (kind == .reference ? .reference(table.key) : .codelist(table.key), table.columns)
            }
        case "reference":
            if let table = catalog.table(.reference, name) { return (.reference(table.key), table.columns) }
        case "codelist":
            if let table = catalog.table(.codelist, name) { return (.codelist(table.key), table.columns) }
        default: break
        }
        let path = [schema, name].compactMap(\.self).joined(separator: ".")
        var candidates = schema == nil || schema == "public" ? Array(catalog.datasets.keys) : []
        candidates += catalog.references.keys.map { "reference.\($0)" }
        candidates += catalog.codelists.keys.map { "codelist.\($0)" }
        if candidates.contains("reference.\(name)") { candidates = ["reference.\(name)"] }
        if candidates.contains("codelist.\(name)") { candidates = ["codelist.\(name)"] }
        let bare = ReferenceTable.bareName(name)
        for kind in [ReferenceTable.Kind.reference, .codelist] where bare != name && schema == kind.rawValue {
            let versions = catalog.versions(kind, bare)
            guard !versions.isEmpty else { continue }
            throw SQLFault(
                .undefinedTable, "relation \"\(path)\" does not exist",
                hint: "Of \(kind.rawValue).\(bare) there is version \(versions.joined(separator: ", ")).",
                position: position)
        }
        var near = candidates.filter { $0.hasSuffix(".\(name)") }
        if near.isEmpty { near = Suggestion.nearest(to: path, among: candidates) }
        let hint =
            near.isEmpty
            ? "Datasets are \(catalog.datasets.keys.sorted().joined(separator: ", "))."
            : "Perhaps you meant \(near.joined(separator: " or "))."
        throw SQLFault(
            .undefinedTable, "relation \"\(path)\" does not exist", hint: hint, position: position)
    }

    private func named(
        _ columns: [PlanColumn], _ alias: String, _ names: [String], _ position: Int?
    ) throws(SQLFault) -> Scope {
        Scope(qualifier: alias, columns: try renamed(columns, alias, names, position))
    }

    /// The columns under the names of a column alias list, which may be shorter.
    private func renamed(
        _ columns: [PlanColumn], _ table: String, _ names: [String], _ position: Int?
    ) throws(SQLFault) -> [PlanColumn] {
        guard names.count <= columns.count else {
            throw SQLFault(
                SQLState(rawValue: "42P10"),
                "table \"\(table)\" has \(columns.count) columns available "
                    + "but \(names.count) columns specified",
                position: position)
        }
        return columns.enumerated().map { index, column in
            index < names.count ? PlanColumn(id: column.id, name: names[index], type: column.type) : column
        }
    }

    private func bindJoin(_ join: JoinSyntax) throws(SQLFault) -> (Plan, Scope) {
        let (left, leftScope) = try bind(join.left)
        let (right, rightScope) = try bind(join.right)
        var both = try leftScope.joined(with: rightScope)
        var condition = Expression.boolean(true)
        switch join.constraint {
        case .none: break
        case .on(let syntax):
            let saved = (scope, clause)
            (scope, clause) = (both, .join)
            condition = try boolean(syntax, "JOIN/ON")
            (scope, clause) = saved
        case .using(let names):
            let merge = try merged(names, leftScope, rightScope, join.kind)
            condition = .all(merge.conditions)
            both = both.merging(merge.columns)
        }
        switch join.kind {
        case .inner:
            if case .none = join.constraint { return (plan(.cross, left, right, condition), both) }
            return (plan(.inner, left, right, condition), both)
        case .left:
            forgetNotNull(right)
            return (plan(.left, left, right, condition), both)
        case .right:
            forgetNotNull(left)
            return (plan(.left, right, left, condition), both)
        case .full:
            forgetNotNull(left)
            forgetNotNull(right)
            return (plan(.full, left, right, condition), both)
        }
    }

    private func plan(_ kind: Join.Kind, _ left: Plan, _ right: Plan, _ condition: Expression) -> Plan {
        .join(Join(kind: kind, left: left, right: right, condition: condition, position: condition.position))
    }

    private func forgetNotNull(_ plan: Plan) {
        for column in plan.columns { session.notNull.remove(column.id) }
    }

    /// The equalities and merged columns of `USING (names)`.
    private func merged(
        _ names: [String], _ left: Scope, _ right: Scope, _ kind: JoinSyntax.Kind
    ) throws(SQLFault) -> (conditions: [Expression], columns: [(name: String, expression: Expression)]) {
        var conditions: [Expression] = []
        var columns: [(name: String, expression: Expression)] = []
        for name in names {
            let a = try column(name, in: left, "left")
            let b = try column(name, in: right, "right")
            let condition = try comparison(.equal, "=", a, b, at: nil)
            conditions.append(condition)
            switch kind {
            case .inner, .left: columns.append((name, a))
            case .right: columns.append((name, b))
            case .full:
                guard case .call(_, let sides) = condition.node else { continue }
                columns.append((name, Expression(.call(.coalesce, sides), sides[0].type)))
            }
        }
        return (conditions, columns)
    }

    private func column(_ name: String, in scope: Scope, _ side: String) throws(SQLFault) -> Expression {
        let found = scope.matches([name])
        guard found.count < 2 else {
            throw SQLFault(
                .ambiguousColumn, "common column name \"\(name)\" appears more than once in \(side) table",
                hint: "Write the condition with ON.")
        }
        guard let only = found.first else {
            throw SQLFault(
                .undefinedColumn,
                "column \"\(name)\" specified in USING clause does not exist in \(side) table")
        }
        return only.expression
    }
}
