internal import Catalog
internal import Core
internal import Foundation
internal import Query
internal import Synchronization

/// Results of saved queries and of measures as tables of the schema `released`: columns and rows as they were released,
/// and a column `withheld` that names the columns of a row whose value was withheld. A measure's table has all its
/// periods, with their last day as `as_at`.
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

    init(_ queries: [SavedQuery], _ measures: [(Measure, [Measure.Result])]) {
        let tables =
            queries.compactMap { query in ReleasedTable(query)?.held.map { (query.name, $0) } }
            + measures.compactMap { measure, results in
                ReleasedTable(measure, results)?.held.map { (measure.name, $0) }
            }
        held = Mutex(Dictionary(tables) { first, _ in first })
    }

    convenience init(of saved: SavedQueryStore, _ measures: MeasureBook) throws {
        self.init(try saved.all(), try measures.all().map { ($0, try measures.results(of: $0.name)) })
    }

    /// In order of name.
    var all: [Held] { held.withLock { $0.sorted { $0.key < $1.key }.map(\.value) } }

    /// A catalog with these tables beside what it has.
    func added(to catalog: Catalog) -> Catalog { catalog.adding(all.map(\.table)) }

    func put(_ table: ReleasedTable) -> Held? {
        guard let made = table.held else { return nil }
        held.withLock { $0[table.name] = made }
        return made
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
