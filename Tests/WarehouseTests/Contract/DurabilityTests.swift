import Core
import Foundation
import TestSupport
import Testing
import Warehouse

extension EngineContract {
    /// What is committed stays, and what is not does not, however an engine ends.
    @Suite
    struct DurabilityTests {
        private static let columns: [(name: String, type: ColumnType)] = [("a", .bigint), ("t", .text)]

        private static func rows(_ range: Range<Int>) -> Table {
            Table(columns, rows: range.map { [.integer(Int64($0)), .text("row \($0) 🧬")] })
        }

        /// Leaves 5,000 rows committed and 2,000 rows that are not.
        private static func fill(_ session: any EngineSession) async throws {
            try await session.execute("CREATE TABLE kept (a bigint, t varchar)")
            try await session.load(QualifiedName("kept"), columns: columns, batch: rows(0..<3000))
            try await session.transaction { session in
                try await session.load(QualifiedName("kept"), columns: columns, batch: rows(3000..<5000))
            }
            try await session.execute("BEGIN")
            try await session.load(QualifiedName("kept"), columns: columns, batch: rows(5000..<7000))
        }

        private static func check(_ engine: any Engine) async throws {
            let rows = try await engine.withSession { session in
                try await session.query("SELECT a, t FROM kept ORDER BY a")
            }
            #expect(rows == Self.rows(0..<5000))
            // And it goes on from there.
            try await engine.withSession { session in
                try await session.load(QualifiedName("kept"), columns: columns, batch: Self.rows(5000..<5001))
                #expect(
                    try await session.query("SELECT count(*) AS n FROM kept").row(0) == [.integer(5001)])
            }
        }

        @Test(arguments: [false, true])
        func duckDBKeepsWhatIsCommitted(afterBeingKilled isKilled: Bool) async throws {
            let directory = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
            try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: false)
            defer { try? FileManager.default.removeItem(at: directory) }
            let path = directory.appendingPathComponent("warehouse").path
            let engine = try await DuckDBEngine(path: path)
            let session = try await engine.session()
            try await Self.fill(session)
            var reopened = path
            if isKilled {
                // The files as they lie on the disk at this moment: what a killed process leaves.
                reopened = directory.appendingPathComponent("killed").path
                for suffix in ["", ".wal"] {
                    try FileManager.default.copyItem(atPath: path + suffix, toPath: reopened + suffix)
                }
            }
            await session.end()
            await engine.close()
            let again = try await DuckDBEngine(path: reopened)
            try await Self.check(again)
            await again.close()
        }

        @Test(arguments: [false, true])
        func postgreSQLKeepsWhatIsCommitted(afterBeingKilled isKilled: Bool) async throws {
            let cluster = try await PostgreSQLCluster()
            defer { cluster.stop() }
            let engine = PostgreSQLEngine(connectionString: cluster.connectionString)
            let session = try await engine.session()
            try await Self.fill(session)
            // Another, idle while the server goes: its connection is dead afterwards.
            try await engine.withSession { try await expectUsable($0) }
            try await cluster.restart(killed: isKilled)
            await expectFailure(.connection) { try await session.execute("COMMIT") }
            await session.end()
            // The same engine: the pool replaces what is dead.
            try await Self.check(engine)
            await engine.close()
        }
    }
}
