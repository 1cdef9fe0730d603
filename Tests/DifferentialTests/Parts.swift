import Catalog
import Core
import Disclosure
import Foundation
import Statistics
import TestSupport
import Warehouse

@testable import Node
@testable import Query

/// The federation's own parts without wire and policy: planner, replanning at each site, canonical fragments on the
/// sites' engines, release under profile `none`, merge of releases, and the merge statement.
struct Parts: Sendable {
    static let now: Int64 = 1_772_368_200_000_000
    static let today = Int(now / 86_400_000_000)

    let catalog: Catalog
    let duckdb: any Engine
    let postgresql: any Engine
    private let merge: MergeEngine
    private let binder: Binder
    private let planner: FederatedPlanner

    init(catalog: Catalog, duckdb: any Engine, postgresql: any Engine) async throws {
        self.catalog = catalog
        self.duckdb = duckdb
        self.postgresql = postgresql
        merge = MergeEngine(catalog: catalog, settings: DuckDBSettings(threads: 1))
        binder = Binder(catalog: catalog, now: Self.now)
        planner = FederatedPlanner(catalog: catalog, today: Self.today)
    }

    /// Both engines with the same data, reference tables and codelists.
    static func make(seed: UInt64, cluster: PostgreSQLCluster) async throws -> Parts {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().path(percentEncoded: false)
        let catalog = try Catalog.load(from: root + "/Schemas")
        let data = NastyData(catalog: catalog, seed: seed)
        let duckdb = try await DuckDBEngine(path: nil, settings: DuckDBSettings(threads: 1))
        let postgresql = PostgreSQLEngine(
            connectionString: try await cluster.makeDatabase("differential_\(seed)"))
        for engine in [duckdb, postgresql] as [any Engine] {
            try await data.load(into: engine)
            try await loadTables(of: catalog, into: engine)
        }
        return try await Parts(catalog: catalog, duckdb: duckdb, postgresql: postgresql)
    }

    private static func loadTables(of catalog: Catalog, into engine: any Engine) async throws {
        let schema = SiteSchema(catalog: catalog, dialect: engine.dialect)
        try await engine.withSession { session in
            try await session.execute("CREATE SCHEMA reference; CREATE SCHEMA codelist")
            for table in catalog.tables {
                try await SiteWarehouse.replace(table, schema: schema, in: session)
                let bare = QualifiedName(schema: table.kind.rawValue, table.name)
                let kept = QualifiedName(schema: table.kind.rawValue, table.key)
                if bare != kept {
                    try await session.execute("CREATE VIEW \(bare.sql) AS SELECT * FROM \(kept.sql)")
                }
            }
        }
    }

    func plan(_ sql: String) throws -> FederatedPlan {
        guard case .select(let query) = try binder.bind(sql) else { throw NotAQuestion() }
        return try planner.plan(query)
    }

    struct NotAQuestion: Error {}

    /// The answer of three sites that all run this engine.
    func ask(_ plan: FederatedPlan, sitesOn engine: any Engine) async throws -> Table {
        var blocks: [MergedBlock] = []
        var sites = NastyData.sites.map { _ in [ReleasedBlock]() }
        for fragment in plan.fragments {
            var releases: [SiteRelease] = []
            // As a site does it: nothing of the plan but its text.
            let asked = try SiteReplan.fragment(sql: fragment.sql, catalog: catalog, now: Self.now)
            for (place, site) in NastyData.sites.enumerated() {
                releases.append(try await release(asked, site, engine))
                sites[place].append(releases[place].block)
            }
            let keys = fragment.aggregate.keys.map { (name: $0.name, type: $0.expression.type) }
            blocks.append(try FragmentMerge.merge(releases, keys: keys, shapes: fragment.shapes))
        }
        let statistics = StatisticTables(
            plan: plan, blocks: blocks, sites: sites, isAbsentEmpty: true
        ).tables()
        return try await merge.run(plan, blocks: blocks, statistics: statistics, withholds: false).table
    }

    private func release(
        _ fragment: Fragment, _ site: String, _ engine: any Engine
    ) async throws -> SiteRelease {
        guard let organisation = OrganisationCode(site) else { throw NotAQuestion() }
        let physical = SitePhysical(
            schema: NastyData.schema(site), site: organisation,
            dialect: engine.dialect == .duckdb ? .duckdb : .postgresql,
            order: Dictionary(
                uniqueKeysWithValues: catalog.datasets.values.map { ($0.name, NastyData.order($0)) }))
        let canonical = try CanonicalFragment(
            fragment, physical: physical, obligations: .none, clamp: false, detail: .plain)
        let cells = try canonical.decode(try await engine.withSession { try await $0.query(canonical.sql) })
        return SiteRelease(
            site: site, block: DisclosureControl(profile: .none).release(cells).released, minimumPeople: 0)
    }
}
