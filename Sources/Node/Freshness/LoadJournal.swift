internal import Core
internal import GRDB
internal import Store

/// Which loads there were, and what became of each: in the control store, so that one that a crash broke off is seen.
struct LoadJournal: Sendable {
    enum Outcome: String, Sendable {
        /// To its end; what was set aside is in the quarantine.
        case whole
        /// It ended with an error: the warehouse has what came before.
        case failed
        /// The process ended before the load did.
        case brokenOff = "broken-off"
    }

    struct Load: Hashable, Sendable {
        /// What was loaded: `fhir`, or `table NAME-OF-THE-MAPPING`. Loads of one source come one after the other.
        let source: String
        /// Milliseconds since 1970, UTC.
        let startedAt: Int64
        /// nil while it runs.
        let endedAt: Int64?
        let outcome: Outcome?
    }

    static let migrations = [
        ControlMigration(identifier: "node-load-1") { db in
            try db.execute(
                sql: """
                    CREATE TABLE load (
                        id INTEGER PRIMARY KEY AUTOINCREMENT, source TEXT NOT NULL, started_at INTEGER NOT NULL,
                        ended_at INTEGER, outcome TEXT, records INTEGER, set_aside INTEGER)
                    """)
        },
        ControlMigration(identifier: "node-load-2") { db in
            try db.execute(sql: "ALTER TABLE load ADD COLUMN controller TEXT")
        },
    ]

    let store: ControlStore

    /// Runs a load and writes down that it began, and how it ended.
    /// - Parameter controller: whose data they are; nil for the node's own organisation.
    func noting(
        _ source: String, of controller: OrganisationCode? = nil, _ body: () async throws -> IngestReport
    ) async throws -> IngestReport {
        let id = try begin(source, controller)
        do {
            let report = try await body()
            try end(id, report.faults.isEmpty ? .whole : .failed, report)
            return report
        } catch {
            try? end(id, .failed, nil)
            throw error
        }
    }

    /// Of every source the last load.
    func latest(of controller: OrganisationCode? = nil) throws -> [Load] {
        try store.read { db in
            try Row.fetchAll(
                db,
                sql: """
                    SELECT source, started_at, ended_at, outcome FROM load
                    WHERE id IN (SELECT max(id) FROM load WHERE controller IS ? GROUP BY source) ORDER BY source
                    """, arguments: [controller?.text]
            ).map(Self.load)
        }
    }

    /// One load, and what was taken in by it.
    struct Counted: Sendable {
        let load: Load
        let controller: String?
        let records: Int?
        let setAside: Int?
    }

    /// The latest loads of all controllers of the node, newest first.
    func recent(_ most: Int) throws -> [Counted] {
        try store.read { db in
            try Row.fetchAll(db, sql: "SELECT * FROM load ORDER BY id DESC LIMIT ?", arguments: [most]).map {
                Counted(
                    load: Self.load($0), controller: $0["controller"], records: $0["records"],
                    setAside: $0["set_aside"])
            }
        }
    }

    private static func load(_ row: Row) -> Load {
        let outcome: String? = row["outcome"]
        return Load(
            source: row["source"], startedAt: row["started_at"], endedAt: row["ended_at"],
            outcome: outcome.flatMap(Outcome.init))
    }

    /// When the last load of any source came to its end, in milliseconds since 1970, UTC.
    func lastWhole(of controller: OrganisationCode? = nil) throws -> Int64? {
        try store.read { db in
            try Int64.fetchOne(
                db, sql: "SELECT max(ended_at) FROM load WHERE outcome = ? AND controller IS ?",
                arguments: [Outcome.whole.rawValue, controller?.text])
        }
    }

    /// Ends what an earlier process began. Called when a home is opened: one process owns it.
    func endForgotten() throws {
        try store.write { db in
            try db.execute(
                sql: "UPDATE load SET ended_at = started_at, outcome = ? WHERE outcome IS NULL",
                arguments: [Outcome.brokenOff.rawValue])
        }
    }

    private func begin(_ source: String, _ controller: OrganisationCode?) throws -> Int64 {
        try store.write { db in
            try db.execute(
                sql: "INSERT INTO load (source, started_at, controller) VALUES (?, ?, ?)",
                arguments: [source, Clock.now, controller?.text])
            return db.lastInsertedRowID
        }
    }

    private func end(_ id: Int64, _ outcome: Outcome, _ report: IngestReport?) throws {
        let records = report.map { $0.files.reduce(0) { $0 + $1.records } }
        let setAside = report.map { $0.files.reduce(0) { $0 + $1.setAside } }
        try store.write { db in
            try db.execute(
                sql: "UPDATE load SET ended_at = ?, outcome = ?, records = ?, set_aside = ? WHERE id = ?",
                arguments: [Clock.now, outcome.rawValue, records, setAside, id])
        }
    }
}
