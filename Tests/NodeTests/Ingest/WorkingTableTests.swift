import Core
import TestSupport
import Testing
import Warehouse

@testable import Node

/// What a batch leaves behind must not be there for the next: neither its rows nor their room.
@Suite(.postgreSQLCluster) struct WorkingTableTests {
    private static let rows = 5_000

    @Test(arguments: WarehouseKind.allCases)
    func isNewForEachBatch(kind: WarehouseKind) async throws {
        try await IngestSite.with(kind) { node, _ in
            let warehouse = try #require(node.warehouse)
            try await warehouse.engine.withSession { session in
                var room: [Int64] = []
                for batch in 0..<40 {
                    try await Self.fill(batch, warehouse.schema, session)
                    let found = try await session.query(
                        "SELECT count(*) AS n, min(subject) AS first FROM staged_tie")
                    #expect(found.row(0) == [.integer(Int64(Self.rows)), .text("batch \(batch)/0000")])
                    if kind == .duckdb { room.append(try await Self.room(session)) }
                }
                // DuckDB has nowhere to put temporary tables but its memory.
                if kind == .duckdb { #expect(room[39] <= room[3], "\(room)") }
            }
        }
    }

    @Test(arguments: WarehouseKind.allCases)
    func isAsItWasWhereATransactionWasRolledBack(kind: WarehouseKind) async throws {
        try await IngestSite.with(kind) { node, _ in
            let warehouse = try #require(node.warehouse)
            try await warehouse.engine.withSession { session in
                try await Self.fill(1, warehouse.schema, session)
                try await session.execute("BEGIN")
                try await Self.fill(2, warehouse.schema, session)
                try await session.execute("ROLLBACK")
                let found = try await session.query("SELECT min(subject) AS first FROM staged_tie")
                #expect(found.row(0) == [.text("batch 1/0000")])
                try await warehouse.schema.fill(
                    .stagedTie, Array(repeating: ColumnVector(type: .text, storage: .text([])), count: 2),
                    in: session)
                #expect(try await session.query("SELECT subject FROM staged_tie").rowCount == 0)
            }
        }
    }

    private static func fill(
        _ batch: Int, _ schema: SiteSchema, _ session: any EngineSession
    ) async throws {
        let subjects = (0..<rows).map { row in
            let number = String(row)
            return "batch \(batch)/" + String(repeating: "0", count: 4 - number.count) + number
        }
        try await schema.fill(
            .stagedTie,
            [
                ColumnVector(type: .text, storage: .text(subjects)),
                ColumnVector(type: .text, storage: .text(subjects.map { "local:" + $0 })),
            ], in: session)
    }

    private static func room(_ session: any EngineSession) async throws -> Int64 {
        let found = try await session.query(
            "SELECT CAST(sum(memory_usage_bytes) AS BIGINT) AS n FROM duckdb_memory() WHERE tag = 'IN_MEMORY_TABLE'"
        )
        return found.row(0)[0].whole ?? 0
    }
}
