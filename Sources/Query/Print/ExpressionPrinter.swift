import Core

/// Prints typed expressions in one dialect, with PostgreSQL's meaning in all of them.
///
/// A column is printed as `columns` says. Below the cut every function is total (planner.md, "Semantics"):
/// what
/// PostgreSQL would raise is NULL there, since an error that depends on data is a side channel.
struct ExpressionPrinter {
    let dialect: PrintDialect
    var columns: [ColumnID: SQLText]

    func callAsFunction(_ expression: Expression) -> SQLText { print(expression) }

    func print(_ expression: Expression) -> SQLText {
        switch expression.node {
        case .column(let id): columns[id] ?? SQLText(EngineName.column(id))
        case .literal(let value): literal(value, expression.type)
        case .call(let function, let arguments): call(function, arguments, expression.type)
        case .caseWhen(let branches, let otherwise): caseWhen(branches, otherwise)
        case .cast(let inner): cast(inner, to: expression.type)
        case .inList(let item, let list, let negated):
            SQLText(
                "\(print(item).at(.other)) \(negated ? "NOT IN" : "IN") "
                    + "(\(list.map { print($0).text }.joined(separator: ", ")))", .membership)
        case .inCodelist(let item, let codelist, let negated): inCodelist(item, codelist, negated)
        }
    }

    private func caseWhen(_ branches: [CaseBranch], _ otherwise: Expression?) -> SQLText {
        var text = "CASE"
        for branch in branches {
            text += " WHEN \(print(branch.condition).text) THEN \(print(branch.value).text)"
        }
        if let otherwise { text += " ELSE \(print(otherwise).text)" }
        return SQLText(text + " END")
    }

    private func inCodelist(_ item: Expression, _ codes: CodeSet, _ negated: Bool) -> SQLText {
        switch codes {
        case .codelist(let name) where dialect == .logical && !negated:
            return SQLText("in_codelist(\(print(item).text), \(SQLQuoting.literal(name)))")
        case .descendants(let set) where dialect == .logical:
            let call = SQLText("descends_from(\(print(item).text), \(set.arguments))")
            return negated ? SQLText("NOT \(call.text)", .not) : call
        case .codelist(let name):
            return membership(item, "SELECT code FROM codelist.\(SQLName.quoted(name))", negated)
        case .descendants(let set) where dialect.isPostgreSQL:
            // PostgreSQL hashes an array whatever its size, a sub-query only within work_mem.
            let test = negated ? "<> ALL" : "= ANY"
            return SQLText("\(print(item).at(.other)) \(test) (\(set.array))", .comparison)
        case .descendants(let set): return membership(item, "SELECT unnest(\(set.array))", negated)
        }
    }

    private func membership(_ item: Expression, _ codes: String, _ negated: Bool) -> SQLText {
        SQLText("\(print(item).at(.other)) \(negated ? "NOT IN" : "IN") (\(codes))", .membership)
    }

    /// Evaluates `values` once and uses them several times in `body`, without repeating their text: nested
    /// guards would otherwise double the statement at every level.
    func bind(_ values: [SQLText], _ body: ([String]) -> String) -> SQLText {
        if values.allSatisfy(\.isRepeatable) { return SQLText(body(values.map(\.text))) }
        let names = values.indices.map { "x\($0)" }
        if dialect.isPostgreSQL {
            let row = values.map(\.text).joined(separator: ", ")
            return SQLText(
                "(SELECT \(body(names.map { "v.\($0)" })) "
                    + "FROM (VALUES (\(row))) AS v(\(names.joined(separator: ", "))))")
        }
        let fields = zip(names, values).map { "'\($0)': \($1.text)" }.joined(separator: ", ")
        return SQLText("list_transform([{\(fields)}], lambda v: \(body(names.map { "v.\($0)" })))[1]")
    }

    /// What stands where PostgreSQL raises: NULL below the cut, the same error above.
    func failure(_ state: SQLState, _ message: String) -> String {
        dialect == .merge ? "error(\(SQLQuoting.literal("\(state.rawValue): \(message)")))" : "NULL"
    }

    /// The type's name in the dialect. At sites and above the cut `numeric` is carried in binary.
    func name(of type: ColumnType) -> String {
        switch type {
        case .boolean: "boolean"
        case .integer: "integer"
        case .bigint: "bigint"
        case .numeric: dialect == .logical ? "numeric" : name(of: .double)
        case .double: dialect.isDuckDB ? "double" : "double precision"
        case .text, .unknown: dialect.isDuckDB ? "varchar" : "text"
        case .date: "date"
        case .timestamp: "timestamp"
        case .interval: "interval"
        }
    }

    func casted(_ text: String, _ type: ColumnType) -> SQLText {
        SQLText("CAST(\(text) AS \(name(of: type)))")
    }
}

/// Names of columns in the SQL of engines: unique in a statement, so no table need qualify them.
package enum EngineName {
    /// `c7`; the flag "withheld" of column 7, which `WithheldFlags` numbers -8, is `w7`.
    package static func column(_ id: ColumnID) -> String {
        id.number >= 0 ? "c\(id.number)" : "w\(-1 - id.number)"
    }

    package static func flag(of id: ColumnID) -> ColumnID { ColumnID(-1 - id.number) }

    /// The coordinator's table of a statistic.
    package static func statistic(_ index: Int) -> String { "statistic_\(index)" }
}
