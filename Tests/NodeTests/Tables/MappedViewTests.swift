import Catalog
import Core
import Foundation
import TestSupport
import Testing
import Warehouse

@testable import Node

/// Tables of the warehouse's own database as views: what they show is what loading them would give.
@Suite(.postgreSQLCluster) struct MappedViewTests {
    private func view(_ node: NodeContext, _ mapping: String, table: String? = nil) async throws
        -> IngestReport
    {
        try await TableAdministration(context: node).ingest(
            TableIngestCommand(mapping: mapping, origin: .view, table: table)
        ) { _, _, _, _ in }
    }

    private func run(_ node: NodeContext, _ sql: String) async throws {
        let warehouse = try #require(node.warehouse)
        try await warehouse.engine.withSession { try await $0.execute(sql) }
    }

    /// How libpq reaches the database of a node.
    private func address(_ node: NodeContext) async throws -> String {
        let cluster = try #require(PostgreSQLCluster.current)
        let name = try await node.rows("SELECT CAST(current_database() AS text) AS n")[0][0].text
        return cluster.connectionString.replacing("dbname=postgres", with: "dbname=\(name)")
    }

    /// Every row of a dataset, with its person, without what is made of bytes.
    private func rows(_ node: NodeContext, _ dataset: Dataset, _ schema: String) async throws -> Set<String> {
        let warehouse = try #require(node.warehouse)
        let columns = warehouse.schema.recorded(dataset).map { "d." + SQLQuoting.identifier($0.name) }
        let list =
            (["d.resource_id", "d.parent_id", "d.last_updated", "d.controller", "d.subject"] + columns)
            .joined(separator: ", ")
        let found = try await node.rows(
            """
            SELECT \(list), CASE WHEN p.person LIKE 'local:%' THEN 'local' ELSE p.person END AS p
            FROM \(schema).\(dataset.name) d JOIN live.person p ON p.person_id = d.person_id
            """)
        return Set(found.map { $0.map { "\($0)" }.joined(separator: " ") })
    }

    private static let wrong = String(TableText.number(1).dropLast()) + "x"

    /// Everything that a table of episodes may hold, good and bad.
    private static let episodes: [[String: String]] = [
        TableText.episode(1, person: 1, ["SUSSPELLID": " a \"quoted\", spell of two lines "]),
        TableText.episode(2, person: 1, ["NEWNHSNO": wrong]),
        TableText.episode(3, person: 1, ["ADMIDATE": "31/02/2026"]),
        TableText.episode(4, person: 1, ["EPISTART": "02/04/26"]),
        TableText.episode(5, person: 1, ["ADMIDATE": "", "EPISTART": "nonsense"]),
        TableText.episode(6, person: 1, ["NEWNHSNO": "", "LOPATID": "NULL"]),
        TableText.episode(7, person: 1, ["DISDATE": "2026-03-01"]),
        TableText.episode(8, person: 1, ["DIAG_4_01": "?"]),
        TableText.episode(9, person: 1, ["NEWNHSNO": "9434765919"]),
        TableText.episode(10, person: 1, ["NEWNHSNO": "9434765919", "NHSNOIND": "03"]),
        TableText.episode(
            11, person: 2, ["EPISTART": "03/04/2026", "EPIEND": "20260405", "DIAG_4_03": "M3610D"]),
        TableText.episode(
            12, person: 3, ["NEWNHSNO": "", "NHSNOIND": "", "OPERTN_4_01": "-", "EPIORDER": "2"]),
        TableText.episode(13, person: 4, ["EPIEND": "", "DISDATE": "1801-01-01", "OPDATE_01": ""]),
        TableText.episode(
            14, person: 2,
            ["NEWNHSNO": TableText.number(2).prefix(3) + " " + TableText.number(2).dropFirst(3)]),
        TableText.episode(14, person: 2),
    ]

    private func makeEpisodes(_ node: NodeContext, _ rows: [[String: String]]) async throws {
        let columns = TableText.apcColumns.map { SQLQuoting.identifier($0.lowercased()) }
        let values = rows.map { row in
            "("
                + TableText.apcColumns.map { row[$0].map(SQLQuoting.literal) ?? "NULL" }.joined(
                    separator: ", ") + ")"
        }
        try await run(
            node,
            """
            CREATE SCHEMA trust;
            CREATE TABLE trust.episodes (\(columns.map { $0 + " text" }.joined(separator: ", ")));
            INSERT INTO trust.episodes VALUES \(values.joined(separator: ", "))
            """)
    }

    @Test func aViewShowsWhatLoadingGives() async throws {
        try await IngestSite.with(.postgresql) { node, _ in
            try await makeEpisodes(node, Self.episodes)
            let shown = try await view(node, "hes-apc", table: "trust.episodes")
            let address = try await address(node)
            try await IngestSite.with(.duckdb) { other, _ in
                let loaded = try await TableAdministration(context: other).ingest(
                    TableIngestCommand(
                        mapping: "hes-apc", origin: .postgresql(address), table: "trust.episodes")
                ) { _, _, _, _ in }
                let (view, load) = (try #require(shown.files.first), try #require(loaded.files.first))
                #expect(view.records == Self.episodes.count)
                #expect(view.new == load.new && view.new == 5)
                #expect(view.reasons == load.reasons)
                #expect(view.superseded == load.superseded && view.superseded == 1)
                #expect(view.addsUp)
                for name in ["admission", "encounter", "condition", "procedure"] {
                    let dataset = try #require(other.warehouse?.schema.catalog.datasets[name])
                    let (a, b) = (
                        try await rows(node, dataset, "whole"), try await rows(other, dataset, "live")
                    )
                    #expect(a == b, "\(name)")
                    #expect(!a.isEmpty)
                }
            }
            // Nothing was copied, and what is set aside can be read where it lies.
            #expect(try await node.rows("SELECT count(*) AS n FROM live.encounter")[0][0] == .integer(0))
            let aside = try await node.rows(
                #"SELECT reasons, "row" ->> 'admidate' AS d FROM mapped."hes-apc set aside" WHERE row_key = '3'"#
            )
            #expect(aside == [[.text("impossible-date"), .text("31/02/2026")]])
            #expect(
                try await node.quarantine().contains { $0.reasons == "invalid-nhs-number" && $0.count == 1 })
        }
    }

    @Test func aPublicationFreezesTheViewAndRegistersItsPeople() async throws {
        try await IngestSite.with(.postgresql) { node, _ in
            try await run(node, DatabaseSourceTests.definition)
            let first = try await view(node, "omop-visit")
            #expect(
                first.files == [
                    IngestSite.file(
                        #""cdm"."visit_occurrence""#, "encounter", new: 19_999, ["impossible-date": 1])
                ])
            let published = try #require(first.published)
            let twice = await #expect(throws: NodeError.self) {
                try await node.tables("omop-visit", ["/nowhere.csv"])
            }
            #expect(twice?.description.contains("is shown as a view") == true)
            func held() async throws -> Value {
                let id = try #require(try node.publications.current()).id
                return try await node.rows("SELECT count(*) AS n FROM snapshot_\(id).encounter")[0][0]
            }
            #expect(try await held() == .integer(19_999))
            try await run(
                node,
                """
                DELETE FROM cdm.visit_occurrence WHERE visit_occurrence_id > 10;
                INSERT INTO cdm.visit_occurrence VALUES (100000, 900, 9201, '2026-05-01', NULL, NULL, NULL, NULL, NULL)
                """)
            #expect(try await held() == .integer(19_999))
            let again = try await ControllerAdministration(context: node).publish()
            #expect(again.id == published.id + 1)
            #expect(try await held() == .integer(10))
            #expect(
                again.notes == [
                    #"view "cdm"."visit_occurrence": 10 of 11 rows, 0 superseded, 0 passed over, 1 set aside (impossible-date 1)"#
                ])
            #expect(
                try await node.rows("SELECT count(*) AS n FROM live.subject WHERE subject = 'omop:900'")[0][0]
                    == .integer(1))

            let gone = try await TableAdministration(context: node).ingest(
                TableIngestCommand(mapping: "omop-visit", origin: .noView)
            ) { _, _, _, _ in }
            #expect(gone.notes == ["omop-visit is no longer shown: the next publication is without its rows"])
            #expect(try await ControllerAdministration(context: node).publish().notes.isEmpty)
            #expect(try await held() == .integer(0))
        }
    }

    @Test(arguments: ShippedMappingTests.cases)
    func everyShippedMappingShowsItsRows(given: ShippedMappingTests.Case) async throws {
        try await IngestSite.with(.postgresql) { node, _ in
            let lines = given.csv.split(separator: "\n").map {
                $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
            }
            let columns = lines[0].map { "\(SQLQuoting.identifier($0)) text" }.joined(separator: ", ")
            let values = lines.dropFirst().map {
                "(" + $0.map(SQLQuoting.literal).joined(separator: ", ") + ")"
            }
            try await run(
                node,
                "CREATE TABLE public.t (\(columns)); INSERT INTO public.t VALUES \(values.joined(separator: ", "))"
            )
            let report = try await view(node, given.mapping, table: "public.t")
            #expect(report.files.first?.reasons == given.reasons)
            #expect(report.addsUp)
            #expect(
                Set(try await node.held(given.columns, given.dataset, of: "whole")) == Set(given.rows))
        }
    }

    @Test func whatCannotBeShownIsSaid() async throws {
        func fault(_ body: () async throws -> IngestReport) async -> String {
            do { return "\(try await body())" } catch { return "\(error)" }
        }
        try await IngestSite.with(.duckdb) { node, _ in
            #expect(await fault { try await view(node, "omop-visit") }.contains("warehouse is PostgreSQL"))
        }
        try await IngestSite.with(.postgresql) { node, folder in
            #expect(
                await fault { try await view(node, "omop-visit") }
                    .contains(#"no table or view "cdm"."visit_occurrence""#))
            try await run(
                node,
                DatabaseSourceTests.definition + "ALTER TABLE cdm.visit_occurrence DROP COLUMN visit_end_date"
            )
            #expect(await fault { try await view(node, "omop-visit") }.contains("no column 'visit_end_date'"))
            let months = folder + "/months.yaml"
            try IngestSite.write(
                ReplacementTests.mapping.replacing(
                    "title:", with: "source: {table: x, dates: [\"%d-%b-%Y\"]}\ntitle:"),
                to: months)
            #expect(await fault { try await view(node, months) }.contains("reads dates as %d-%b-%Y"))
        }
    }
}
