internal import Catalog
internal import Core
internal import Exchange
internal import Foundation

/// What was released, as it becomes a table.
struct ReleasedTable {
    let name: String
    private let question: Question
    private let comment: String?
    /// Milliseconds since 1970-01-01 UTC, of the latest.
    private let ranAt: Int64
    /// In order, each with the period that it is of; nil where there are no periods.
    private let parts: [(asAt: CivilDate?, answer: Answer)]
    /// Periods that are left out: another version of the node released them with other columns.
    private let left: [CivilDate]

    /// nil for a query that was not asked yet.
    init?(_ query: SavedQuery) {
        guard let answer = query.answer, let ranAt = query.ranAt else { return nil }
        (name, question, comment) = (query.name, query.question, query.comment)
        self.ranAt = ranAt
        (parts, left) = ([(nil, answer)], [])
    }

    /// nil for a measure of which nothing was released yet.
    ///
    /// Periods whose columns are not those of the last one are left out, and the table's comment says which.
    init?(_ measure: Measure, _ results: [Measure.Result]) {
        guard let last = results.last else { return nil }
        (name, question, comment) = (measure.name, measure.question, measure.comment)
        ranAt = results.map(\.ranAt).max() ?? last.ranAt
        let shape = Self.shape(last.answer)
        parts = results.filter { Self.shape($0.answer) == shape }.map { ($0.asAt, $0.answer) }
        left = results.filter { Self.shape($0.answer) != shape }.map(\.asAt)
    }

    private static func shape(_ answer: Answer) -> [String] {
        answer.table.columns.map { "\($0.name) \(tabular($0.vector).type)" }
    }

    var held: ReleasedTables.Held? {
        guard let first = parts.first else { return nil }
        let names = Self.names(first.answer.table, hasPeriods: first.asAt != nil)
        var columns: [Table.Column] = []
        if first.asAt != nil {
            let days = parts.flatMap { part in
                Array(
                    repeating: part.asAt.map { Value.date(Int32($0.days)) } ?? .null,
                    count: part.answer.table.rowCount)
            }
            columns.append(Table.Column(name: "as_at", vector: ColumnVector(type: .date, values: days)))
        }
        func sites(_ name: String, _ count: (Answer) -> Int) {
            let values = parts.flatMap { part in
                Array(repeating: Value.integer(Int64(count(part.answer))), count: part.answer.table.rowCount)
            }
            columns.append(
                Table.Column(
                    name: Self.free(name, among: columns.map(\.name)),
                    vector: ColumnVector(type: .integer, values: values)))
        }
        for (place, name) in names.enumerated() {
            let vectors = parts.map { Self.tabular($0.answer.table.columns[place].vector) }
            columns.append(
                Table.Column(
                    name: name,
                    vector: vectors.count == 1
                        ? vectors[0]
                        : ColumnVector(type: vectors[0].type, values: vectors.flatMap(\.values))))
        }
        if first.asAt != nil {
            sites("sites_answered") { $0.receipt.sites.count { $0.outcome == .answered } }
            sites("sites_asked") { $0.receipt.sites.count }
        }
        columns.append(
            Table.Column(
                name: Self.free("withheld", among: columns.map(\.name)),
                vector: ColumnVector(type: .text, values: parts.flatMap { Self.marks($0.answer, names) })))
        let table = Table(
            columns: columns, rowCount: parts.reduce(0) { $0 + $1.answer.table.rowCount })
        let reference = ReferenceTable(
            kind: .reference, name: ReleasedTables.prefix + name,
            columns: table.columns.map {
                DatasetColumn(
                    name: $0.name, type: $0.type, columnClass: .open, summary: summary(of: $0.name))
            }, version: "\(ranAt)", digest: parts.map(\.answer.receipt.queryID).joined(separator: " "),
            rows: table)
        return ReleasedTables.Held(table: reference, summary: summary)
    }

    /// Of each row, the names of the columns whose value was withheld.
    private static func marks(_ answer: Answer, _ names: [String]) -> [Value] {
        let marks = Dictionary(grouping: answer.withheld, by: \.row)
        return (0..<answer.table.rowCount).map { row in
            guard let cells = marks[row] else { return .null }
            return .text(cells.map(\.column).sorted().map { names[$0] }.joined(separator: ", "))
        }
    }

    private var summary: String {
        let purpose = question.purpose.map { ", purpose \($0)" } ?? ""
        let comment = comment.map { "\($0). " } ?? ""
        let receipts = parts.suffix(1).map(\.answer.receipt.queryID).joined()
        let periods = parts.count > 1 ? " (\(parts.count) periods)" : ""
        let missing =
            left.isEmpty
            ? "" : "; left out, with other columns: \(left.map(\.description).joined(separator: ", "))"
        return "\(comment)Released \(Clock.text(ranAt)) under agreement \(question.agreement)\(purpose), "
            + "receipt \(receipts)\(periods)\(missing): \(question.sql)"
    }

    private func summary(of column: String) -> String {
        if parts.first?.asAt != nil {
            switch column {
            case "as_at": return "The last day of the period"
            case "sites_answered": return "How many organisations' people are in the row's numbers"
            case "sites_asked": return "How many organisations were asked for the period"
            default: break
            }
        }
        return column.hasPrefix("withheld")
            ? "Columns of this row whose value was withheld; they are NULL, not zero" : ""
    }

    /// Names that a table can have: each once, none empty.
    private static func names(_ table: Table, hasPeriods: Bool) -> [String] {
        var names = hasPeriods ? ["as_at"] : []
        for column in table.columns {
            let bare = column.name.isEmpty || column.name == "?column?" ? "column" : column.name
            names.append(free(bare, among: names))
        }
        return Array(names.dropFirst(hasPeriods ? 1 : 0))
    }

    /// Values of a type that a reference table can have.
    private static func tabular(_ vector: ColumnVector) -> ColumnVector {
        guard vector.type == .unknown || vector.type == .interval else { return vector }
        return ColumnVector(
            type: .text, values: vector.values.map { $0.isNull ? Value.null : .text($0.text) })
    }

    private static func free(_ name: String, among names: [String]) -> String {
        var candidate = name
        var count = 2
        while names.contains(candidate) {
            candidate = "\(name)_\(count)"
            count += 1
        }
        return candidate
    }
}

extension NodeContext {
    /// Puts a result where SQL reads it.
    func show(_ query: SavedQuery) async throws { try await show(ReleasedTable(query)) }

    func show(_ measure: Measure, _ results: [Measure.Result]) async throws {
        try await show(ReleasedTable(measure, results))
    }

    private func show(_ table: ReleasedTable?) async throws {
        guard let table, let held = released.put(table) else { return }
        try await merge.take(held.table)
    }
}
