internal import Catalog
internal import Core
internal import Disclosure
internal import Exchange
internal import Store
package import Warehouse

/// A controller's warehouse with its stamp, its publications and its way in.
///
/// INVARIANT: the stamp is written once, when the store is empty, and read back at every opening: a node whose
/// configuration says otherwise than its warehouse does not start.
package actor SiteWarehouse {
    package nonisolated let engine: any Engine
    nonisolated let schema: SiteSchema
    nonisolated let controller: OrganisationCode
    nonisolated let isSynthetic: Bool
    let recordKey: RecordKey
    let peopleTables = PeopleTables()
    /// Of a PostgreSQL warehouse whose questions are run on copies.
    nonisolated let snapshots: ColumnarSnapshots?
    let consentTables = ConsentTables()
    /// Makes local keys for people without an NHS number: they never link across sites.
    let localKey: RecordLocalKey

    init(
        engine: any Engine, catalog: Catalog, controller: OrganisationCode, isSynthetic: Bool,
        recordKey: RecordKey, localKey: RecordLocalKey, snapshots: ColumnarSnapshots? = nil,
        unknownUnits: UnknownUnits = .quarantine
    ) async throws {
        self.engine = engine
        self.snapshots = engine.dialect == .postgresql ? snapshots : nil
        schema = SiteSchema(catalog: catalog, dialect: engine.dialect, unknownUnits: unknownUnits)
        self.controller = controller
        self.isSynthetic = isSynthetic
        self.recordKey = recordKey
        self.localKey = localKey
        try await engine.withSession { session in
            let tables = SiteSchema(catalog: catalog, dialect: engine.dialect)
            try await Self.migrate(session, schema: tables)
            try await Self.upgrade(session, schema: tables)
            try await ViewRegister.prepare(session, tables)
            try await Self.stamp(session, isSynthetic: isSynthetic)
            try await Self.hold(catalog.tables, schema: tables, in: session)
            try await Self.replaceBounds(catalog.bounds, in: session)
        }
        if let kept = self.snapshots { await kept.sweep(keeping: try await publications()) }
    }

    /// The rows of another controller in the same engine; nothing of them is ever published.
    init(of other: SiteWarehouse, controller: OrganisationCode) {
        engine = other.engine
        snapshots = nil
        schema = other.schema
        self.controller = controller
        isSynthetic = other.isSynthetic
        recordKey = other.recordKey
        localKey = other.localKey
    }

    private static func stamp(_ session: any EngineSession, isSynthetic: Bool) async throws {
        let found = try await session.query("SELECT synthetic FROM live.stamp")
        if found.rowCount == 0 {
            let people = try await session.query("SELECT count(*) AS n FROM live.person")
            guard people.row(0)[0] == .integer(0) else {
                throw NodeError(.stamp, "the warehouse holds people but has no stamp: it is not one of ours")
            }
            return try await session.execute("INSERT INTO live.stamp VALUES (\(isSynthetic))")
        }
        guard found.row(0)[0] == .boolean(isSynthetic) else {
            throw NodeError(
                .stamp,
                "the warehouse is stamped \(isSynthetic ? "real" : "synthetic") and the configuration says otherwise; "
                    + "make a new home for the other kind")
        }
    }

    private static func replaceBounds(
        _ bounds: [MeasurementBound], in session: any EngineSession
    ) async throws {
        let columns: [(name: String, type: ColumnType)] = [
            ("code_system", .text), ("code", .text), ("unit", .text), ("lower_end", .double),
            ("upper_end", .double),
        ]
        let rows = bounds.map {
            [Value.text($0.system), .text($0.code), .text($0.unit), .double($0.lower), .double($0.upper)]
        }
        try await session.transaction { session in
            try await session.execute("DELETE FROM governance.bound")
            try await session.load(
                QualifiedName(schema: "governance", "bound"), columns: columns,
                batch: Table(columns, rows: rows))
        }
    }
}

/// Local keys: `local:` and a keyed digest of the controller's own patient id.
struct RecordLocalKey: Sendable {
    let secret: [UInt8]

    func person(_ controller: OrganisationCode, _ subject: String) -> String {
        let digest = Digest(of: secret + Array("\(controller)\u{0}\(subject)".utf8))
        return "local:" + digest.description.prefix(32)
    }
}
