import Core
import TestSupport
import Testing
import Warehouse

@testable import Node

/// Loads that are not waited for: in order with everything else, and nothing of them is lost or forgotten.
@Suite(.postgreSQLCluster) struct LoadAheadSessionTests {
    private static let columns: [(name: String, type: ColumnType)] = [("n", .integer)]

    private func with(
        _ kind: WarehouseKind, _ body: @Sendable (LoadAheadSession, any EngineSession) async throws -> Void
    ) async throws {
        let engine: any Engine =
            kind == .duckdb
            ? try await DuckDBEngine(path: nil, settings: DuckDBSettings(threads: 1))
            : PostgreSQLEngine(
                connectionString: try await TestFailure.unwrap(PostgreSQLCluster.current, "no cluster")
                    .makeDatabase("ahead\(UInt32.random(in: 0 ... .max))"))
        try await engine.withSession { session in
            try await session.execute("DROP TABLE IF EXISTS ahead; CREATE TABLE ahead (n INTEGER NOT NULL)")
            try await body(LoadAheadSession(session), session)
        }
        await engine.close()
    }

    private func load(_ numbers: [Value], _ session: LoadAheadSession) async throws {
        try await session.load(
            QualifiedName("ahead"), columns: Self.columns,
            batch: Table(Self.columns, rows: numbers.map { [$0] }))
    }

    @Test(arguments: WarehouseKind.allCases)
    func whatIsAskedNextSeesTheRows(_ kind: WarehouseKind) async throws {
        try await with(kind) { session, plain in
            try await session.execute("BEGIN")
            for first in stride(from: 0, to: 50_000, by: 5_000) {
                try await load((first..<first + 5_000).map { .integer(Int64($0)) }, session)
            }
            let seen = try await session.query("SELECT count(*), count(DISTINCT n) FROM ahead")
            #expect(seen.rows == [[.integer(50_000), .integer(50_000)]])
            try await load([.integer(-1)], session)
            try await session.execute("COMMIT")
            #expect(try await plain.query("SELECT min(n) FROM ahead").rows == [[.integer(-1)]])
        }
    }

    @Test(arguments: WarehouseKind.allCases)
    func aFaultyLoadIsToldByTheNextCallAndRolledBack(_ kind: WarehouseKind) async throws {
        try await with(kind) { session, plain in
            try await session.execute("BEGIN")
            try await load([.integer(1)], session)
            try await load([.null], session)
            await #expect(throws: EngineError.self) {
                try await load([.integer(2)], session)
                try await session.execute("COMMIT")
            }
            try await session.execute("ROLLBACK")
            #expect(try await plain.query("SELECT count(*) FROM ahead").rows == [[.integer(0)]])
            // And the session is of use still.
            try await session.execute("BEGIN")
            try await load([.integer(3)], session)
            try await session.execute("COMMIT")
            #expect(try await plain.query("SELECT n FROM ahead").rows == [[.integer(3)]])
        }
    }
}
