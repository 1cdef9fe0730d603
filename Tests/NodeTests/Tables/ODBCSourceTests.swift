import Core
import Foundation
import TestSupport
import Testing
import Warehouse

@testable import Node

/// Tables taken in by ODBC: unixODBC and the PostgreSQL driver stand for any server.
@Suite(.postgreSQLCluster) struct ODBCSourceTests {
    private func ingest(_ node: NodeContext, _ command: TableIngestCommand) async throws -> IngestReport {
        try await TableAdministration(context: node).ingest(command) { _, _, _, _ in }
    }

    @Test(arguments: WarehouseKind.allCases)
    func aTableIsTakenIn(kind: WarehouseKind) async throws {
        let address = try await DatabaseSourceTests().database()
        let way = try ODBCDriver.connection(address)
        try await IngestSite.with(kind) { node, _ in
            let command = TableIngestCommand(mapping: "omop-visit", origin: .odbc(way))
            let report = try await ingest(node, command)
            #expect(
                report.files == [
                    IngestSite.file("cdm.visit_occurrence", "encounter", new: 19_999, ["impossible-date": 1])
                ])
            #expect(
                try await node.held("start_at, end_at", "encounter").first == [
                    "2026-04-01+630", "2026-04-30",
                ])
            #expect(try node.quarantined().map(\.path) == ["odbc table cdm.visit_occurrence"])
            // What came by ODBC is what comes by libpq.
            let again = try await ingest(
                node, TableIngestCommand(mapping: "omop-visit", origin: .postgresql(address)))
            #expect(again.files.map(\.unchanged) == [19_999])
        }
    }

    @Test func aQueryAndAnotherTableStandForTheMappingsTable() async throws {
        let address = try await DatabaseSourceTests().database()
        let way = try ODBCDriver.connection(address)
        try await IngestSite.with(.duckdb) { node, _ in
            let some = try await ingest(
                node,
                TableIngestCommand(
                    mapping: "omop-visit", origin: .odbc(way),
                    query: "SELECT * FROM cdm.visit_occurrence WHERE visit_occurrence_id BETWEEN 10 AND 12"))
            #expect(some.files == [IngestSite.file("odbc query", "encounter", new: 3)])
            let engine = PostgreSQLEngine(connectionString: address)
            try await engine.withSession {
                try await $0.execute(
                    #"CREATE TABLE "Visits ""26" AS SELECT * FROM cdm.visit_occurrence WHERE visit_occurrence_id < 20"#
                )
            }
            await engine.close()
            let other = try await ingest(
                node,
                TableIngestCommand(mapping: "omop-visit", origin: .odbc(way), table: #"Visits "26"#))
            #expect(other.files.map(\.new) == [15])
            #expect(other.files.map(\.unchanged) == [3])
        }
    }

    @Test func whatIsWrongIsSaid() async throws {
        let address = try await DatabaseSourceTests().database()
        let way = try ODBCDriver.connection(address)
        try await IngestSite.with(.duckdb) { node, _ in
            func fault(_ command: TableIngestCommand) async -> String {
                do {
                    return "\(try await ingest(node, command))"
                } catch {
                    return "\(error)"
                }
            }
            let absent = await fault(TableIngestCommand(mapping: "omop-drug", origin: .odbc(way)))
            #expect(
                absent.contains("cdm.drug_exposure") && absent.contains("name the table with --table"),
                "\(absent)")
            let none = await fault(TableIngestCommand(mapping: "deaths", origin: .odbc(way)))
            #expect(none.contains("give --table schema.table"), "\(none)")
            let columns = await fault(
                TableIngestCommand(mapping: "omop-visit", origin: .odbc(way), query: "SELECT 1 AS person_id"))
            #expect(columns.contains("the source has no column"), "\(columns)")
        }
    }
}
