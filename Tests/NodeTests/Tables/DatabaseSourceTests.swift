import Core
import Foundation
import TestSupport
import Testing
import Warehouse

@testable import Node

/// Tables of another database: a real PostgreSQL, with the types that its columns have.
@Suite(.postgreSQLCluster) struct DatabaseSourceTests {
    static let definition = """
        CREATE SCHEMA cdm;
        CREATE TABLE cdm.visit_occurrence (visit_occurrence_id bigint PRIMARY KEY, person_id integer NOT NULL,
          visit_concept_id integer, visit_start_date date NOT NULL, visit_start_datetime timestamptz,
          visit_end_date date, visit_end_datetime timestamp, visit_source_value text, notes jsonb, dropped text);
        ALTER TABLE cdm.visit_occurrence DROP COLUMN dropped;
        INSERT INTO cdm.visit_occurrence SELECT i, i % 7, 9201, DATE '2026-04-01' + i % 20, NULL,
          DATE '2026-04-30', NULL, NULL, '{"a": "x"}' FROM generate_series(1, 20000) i;
        UPDATE cdm.visit_occurrence SET visit_start_datetime = '2026-04-01 12:30:00.5+02' WHERE visit_occurrence_id = 1;
        UPDATE cdm.visit_occurrence SET visit_start_date = '0001-01-01 BC' WHERE visit_occurrence_id = 2;
        """

    func database() async throws -> String {
        let cluster = try TestFailure.unwrap(PostgreSQLCluster.current, "the suite lacks .postgreSQLCluster")
        let address = try await cluster.makeDatabase(
            "s" + UUID().uuidString.lowercased().replacing("-", with: ""))
        let engine = PostgreSQLEngine(connectionString: address)
        try await engine.withSession { try await $0.execute(Self.definition) }
        await engine.close()
        return address
    }

    @Test(arguments: WarehouseKind.allCases)
    func aTableOfPostgreSQLIsLoaded(kind: WarehouseKind) async throws {
        let address = try await database()
        try await IngestSite.with(kind) { node, _ in
            let command = TableIngestCommand(mapping: "omop-visit", origin: .postgresql(address))
            let report = try await TableAdministration(context: node).ingest(command) { _, _, _, _ in }
            #expect(
                report.files == [
                    IngestSite.file("cdm.visit_occurrence", "encounter", new: 19_999, ["impossible-date": 1])
                ])
            #expect(
                try await node.held("start_at, end_at", "encounter").first == [
                    "2026-04-01+630", "2026-04-30",
                ])
            #expect(
                try await node.rows("SELECT count(DISTINCT person_id) AS n FROM live.encounter")[0][0].number
                    == 7)
            let again = try await TableAdministration(context: node).ingest(command) { _, _, _, _ in }
            #expect(again.files.map(\.unchanged) == [19_999])
            // The way in, which may bear a password, is written down nowhere.
            let kept = try node.quarantined()
            #expect(kept.map(\.path) == [#"postgresql table "cdm"."visit_occurrence""#])
        }
    }

    @Test func aTableThatIsNotThereIsNamed() async throws {
        let address = try await database()
        try await IngestSite.with(.duckdb) { node, _ in
            let error = await #expect(throws: NodeError.self) {
                try await TableAdministration(context: node).ingest(
                    TableIngestCommand(mapping: "omop-drug", origin: .postgresql(address))
                ) { _, _, _, _ in }
            }
            #expect(
                error?.description
                    == #"the source has no table or view "cdm"."drug_exposure", or it may not be seen"#)
        }
    }
}
