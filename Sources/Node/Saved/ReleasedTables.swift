internal import Catalog
internal import Core
internal import Foundation
internal import Query
internal import Synchronization

/// Results of saved queries as tables of the schema `released`: columns and rows as they were released, and a column
/// `withheld` that names the columns of a row whose value was withheld.
///
/// To the binder each is a reference table `released.NAME` of the schema `reference`, so that it reads as any table
/// that is about nobody; no site has them.
final class ReleasedTables: Sendable {
    /// How a released table is called among reference tables.
    static let prefix = "released."

    struct Held: Sendable {
        let table: ReferenceTable
        let summary: String
    }

    private let held: Mutex<[String: Held]>

    init(_ queries: [SavedQuery]) {
        let tables = queries.compactMap { query in Self.held(query).map { (query.name, $0) } }
        held = Mutex(Dictionary(tables) { first, _ in first })
    }

    /// In order of name.
    var all: [Held] { held.withLock { $0.sorted { $0.key < $1.key }.map(\.value) } }

    /// A catalog with these tables beside what it has.
    func added(to catalog: Catalog) -> Catalog { catalog.adding(all.map(\.table)) }

    func put(_ query: SavedQuery) {
        guard let table = Self.held(query) else { return }
        held.withLock { $0[query.name] = table }
    }

    func remove(_ name: String) { held.withLock { $0[name] = nil } }

    /// - Throws: `0A000` where a site would have to read a released table: none has it.
    static func check(_ plan: FederatedPlan) throws(SQLFault) {
        guard UsedNames(plan.fragments).tables.contains(where: { $0.hasPrefix("reference.\(prefix)") }) else {
            return
        }
        throw SQLFault(
            .featureNotSupported, "a table of released results cannot be read together with people's records",
            hint: "Sum over people first, in a sub-query with GROUP BY, and join its result.")
    }

    /// nil for a query that was not asked yet.
    private static func held(_ query: SavedQuery) -> Held? {
        guard let answer = query.answer, let ranAt = query.ranAt else { return nil }
        var rows = columns(answer.table)
        let marks = Dictionary(grouping: answer.withheld, by: \.row)
        let names = rows.map(\.name)
        let withheld = (0..<answer.table.rowCount).map { row -> Value in
            guard let cells = marks[row] else { return .null }
            return .text(cells.map(\.column).sorted().map { names[$0] }.joined(separator: ", "))
        }
        rows.append(
            Table.Column(
                name: free("withheld", among: names), vector: ColumnVector(type: .text, values: withheld)))
        let table = Table(columns: rows, rowCount: answer.table.rowCount)
        let reference = ReferenceTable(
            kind: .reference, name: prefix + query.name,
            columns: table.columns.map {
                DatasetColumn(
                    name: $0.name, type: $0.type, columnClass: .open, summary: Self.summary(of: $0.name))
            }, version: "\(ranAt)", digest: answer.receipt.queryID, rows: table)
        return Held(table: reference, summary: summary(of: query, ranAt))
    }

    private static func summary(of query: SavedQuery, _ ranAt: Int64) -> String {
        let question = query.question
        let purpose = question.purpose.map { ", purpose \($0)" } ?? ""
        let comment = query.comment.map { "\($0). " } ?? ""
        return "\(comment)Released \(Clock.text(ranAt)) under agreement \(question.agreement)\(purpose), "
            + "receipt \(query.answer?.receipt.queryID ?? ""): \(question.sql)"
    }

    private static func summary(of column: String) -> String {
        column.hasPrefix("withheld")
            ? "Columns of this row whose value was withheld; they are NULL, not zero" : ""
    }

    /// Names that a table can have: each once, none empty.
    private static func columns(_ table: Table) -> [Table.Column] {
        var names: [String] = []
        return table.columns.map { column in
            let bare = column.name.isEmpty || column.name == "?column?" ? "column" : column.name
            let name = free(bare, among: names)
            names.append(name)
            guard column.type == .unknown || column.type == .interval else {
                return Table.Column(name: name, vector: column.vector)
            }
            let texts = column.vector.values.map { $0.isNull ? Value.null : .text($0.text) }
            return Table.Column(name: name, vector: ColumnVector(type: .text, values: texts))
        }
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

extension Catalog {
    /// With more reference tables; what a bare name meant it still means.
    func adding(_ tables: [ReferenceTable]) -> Catalog {
        guard !tables.isEmpty else { return self }
        return Catalog(
            datasets: Array(datasets.values),
            references: Array(references.values) + self.tables.filter { $0.kind == .reference } + tables,
            codelists: Array(codelists.values) + self.tables.filter { $0.kind == .codelist }, bounds: bounds,
            digest: digest, views: views, restricted: restricted, terminologies: terminologies)
    }
}
