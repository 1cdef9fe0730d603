import Core
import Foundation
import Store
import TestSupport
import Testing
import Warehouse

@testable import Node

/// Opt-outs and objections by a number that is not verified reach the rows of tables that bear it.
@Suite(.postgreSQLCluster) struct NumberClaimTests {
    private static let mapping = """
        mapping: issues
        title: Issues with the status of their numbers
        key: [id]
        version: at
        person: {nhs_number: nhs, status: status, verified: ["01"], local_id: local}
        partition: {month: "substring(issued, 1, 7)"}
        rows:
          - dataset: medication_issue
            columns: {code: code, issued_at: issued}
        """
    private static let columns = "id,at,nhs,status,local,code,issued"

    /// A row of April, with the standing that its source gives the number.
    private static func row(
        _ id: Int, _ person: Int?, _ status: String, local: String, at day: Int = 1
    ) -> String {
        let number = person.map(TableText.number) ?? ""
        return "\(id),2026-05-0\(day),\(number),\(status),\(local),c\(id),2026-04-01"
    }

    /// One with a verified number, one person of two rows who only claims one, one without any.
    private static let april = [
        row(1, 1, "01", local: "A"), row(2, 2, "02", local: "B"), row(3, 2, "", local: "B"),
        row(4, nil, "07", local: "C"),
    ]

    private struct Site {
        let node: NodeContext
        let folder: String
        let mapping: String

        func load(_ rows: [String], replace: String? = nil) async throws -> IngestReport {
            let path = folder + "/issues.csv"
            try IngestSite.write(
                NumberClaimTests.columns + "\n" + rows.map { $0 + "\n" }.joined(), to: path)
            return try await node.tables(mapping, [path], replace: replace)
        }

        /// Whom a question still counts when these are on the allow-list: the local ids of their rows' people.
        func counted(_ people: [Int]) async throws -> [String] {
            let list = folder + "/list.csv"
            try IngestSite.write(people.map { TableText.number($0) + ",\n" }.joined(), to: list)
            _ = try await ConsentAdministration(context: node).importList(
                list, "national-data-opt-out", listedAt: nil)
            let publication = try await ControllerAdministration(context: node).publish()
            return try await node.rows(
                """
                SELECT DISTINCT d.code FROM \(publication.schema).medication_issue d
                WHERE d.allowed_national_data_opt_out_or_unnumbered ORDER BY 1
                """
            ).map { $0[0].text }
        }

        /// People of the latest publication, and of them those whom an objection by a number is about.
        func objecting(_ person: Int) async throws -> [Value] {
            let id = try #require(try node.publications.current()).id
            return try await node.rows(
                """
                SELECT (SELECT count(DISTINCT person_id) FROM snapshot_\(id).medication_issue) AS people,
                  count(*) AS n FROM snapshot_\(id).claim WHERE nhs_number = \(TableText.number(person))
                """)[0]
        }
    }

    private func with(_ kind: WarehouseKind, _ body: (Site) async throws -> Void) async throws {
        try await IngestSite.with(kind) { node, folder in
            let path = folder + "/issues.yaml"
            try IngestSite.write(Self.mapping, to: path)
            try await body(Site(node: node, folder: folder, mapping: path))
        }
    }

    @Test(arguments: WarehouseKind.allCases)
    func anOptOutByAnUnverifiedNumberTakesLoadedRowsOut(kind: WarehouseKind) async throws {
        try await with(kind) { site in
            #expect(
                try await site.load(Self.april).files == [
                    IngestSite.file("issues.csv", "medication_issue", new: 4)
                ])
            #expect(try await site.counted([1]) == ["c1", "c4"])
            #expect(try await site.counted([1, 2]) == ["c1", "c2", "c3", "c4"])
            // Two rows of one person are one claim, and nobody is linked by it.
            #expect(try await site.objecting(2) == [.integer(3), .integer(1)])
            let warehouse = try #require(site.node.warehouse)
            let number = try #require(NHSNumber(TableText.number(2)))
            #expect(try await PersonRecords(warehouse: warehouse, number: number).bearers() == 1)
            #expect(try await warehouse.personID(of: number) == nil)

            // The owner of the list is asked about them.
            let asked = site.folder + "/ask.dat"
            _ = try await warehouse.export(.nationalDataOptOut, to: asked)
            let numbers = [1, 2].map(TableText.number).sorted()
            #expect(try String(contentsOfFile: asked, encoding: .utf8) == numbers.map { $0 + ",\n" }.joined())
            let lines = try await warehouse.engine.withSession {
                try await IdentityCensus(warehouse: warehouse).lines(in: $0)
            }
            #expect(
                lines.contains(.init(what: "people of tables with an NHS number not verified", count: 1)))
        }
    }

    @Test(arguments: WarehouseKind.allCases)
    func aClaimGoesWithItsRow(kind: WarehouseKind) async throws {
        try await with(kind) { site in
            _ = try await site.load(Self.april)
            // The source corrects one row: both numbers are claimed, then the new one only.
            _ = try await site.load([Self.row(2, 3, "02", local: "B", at: 2)])
            #expect(try await site.counted([1, 3]) == ["c1", "c4"])
            #expect(try await site.counted([1, 2, 3]) == ["c1", "c2", "c3", "c4"])
            _ = try await site.load([Self.row(3, 3, "02", local: "B", at: 2)])
            #expect(try await site.counted([1, 2]) == ["c1", "c4"])
            #expect(try await site.counted([1, 3]) == ["c1", "c2", "c3", "c4"])
            // Nothing else about the row has changed but the number that it claims, and an older one changes nothing.
            let again = try await site.load([Self.row(3, 4, "02", local: "B", at: 2)])
            #expect(again.files == [IngestSite.file("issues.csv", "medication_issue", replaced: 1)])
            let older = try await site.load([Self.row(3, 5, "02", local: "B", at: 1)])
            #expect(older.files == [IngestSite.file("issues.csv", "medication_issue", superseded: 1)])
            #expect(try await site.counted([1, 3, 4]) == ["c1", "c2", "c3", "c4"])
            // Verified at last: it is who the rows are of, and no claim.
            _ = try await site.load([2, 3].map { Self.row($0, 2, "01", local: "B", at: 3) })
            #expect(
                try await site.node.rows("SELECT count(*) AS n FROM live.number_claim")[0][0] == .integer(0))
            #expect(try await site.counted([1]) == ["c1", "c4"])
            #expect(try await site.counted([1, 2]) == ["c1", "c2", "c3", "c4"])
        }
    }

    @Test(arguments: WarehouseKind.allCases, [1_000_000, 2])
    func aPartitionIsReplacedWithItsClaims(kind: WarehouseKind, rowsAtOnce: Int) async throws {
        try await with(kind) { site in
            func replace(_ rows: [String]) async throws {
                let path = site.folder + "/issues.csv"
                try IngestSite.write(Self.columns + "\n" + rows.map { $0 + "\n" }.joined(), to: path)
                let read = try MappingLibrary(folders: []).mapping(site.mapping)
                var ingest = TableIngest(
                    warehouse: try #require(site.node.warehouse), mapping: read.mapping, file: read.file,
                    quarantine: QuarantineJournal(directory: site.node.home.layout.quarantineDirectory),
                    progress: { _, _, _, _ in }, replacing: .init(partition: "month=2026-04"))
                ingest.rowsAtOnce = rowsAtOnce
                let source = try await FileTableSource(
                    path: path, source: read.mapping.source, settings: DuckDBSettings())
                _ = try await ingest.run([source])
                await source.close()
            }
            try await replace(Self.april)
            #expect(try await site.counted([1]) == ["c1", "c4"])
            try await replace(Self.april.map { $0.replacing(TableText.number(2), with: TableText.number(3)) })
            #expect(try await site.counted([1, 2]) == ["c1", "c4"])
            #expect(try await site.counted([1, 3]) == ["c1", "c2", "c3", "c4"])
            try await replace([Self.april[0], Self.april[3]])
            #expect(
                try await site.node.rows("SELECT count(*) AS n FROM live.number_claim")[0][0] == .integer(0))
        }
    }

    @Test func aViewMakesItsClaimsWheneverItIsPublished() async throws {
        try await with(.postgresql) { site in
            func run(_ sql: String) async throws {
                try await site.node.warehouse?.engine.withSession { try await $0.execute(sql) }
            }
            let rows = Self.april.map { line in
                "(" + line.components(separatedBy: ",").map(SQLQuoting.literal).joined(separator: ", ") + ")"
            }
            let columns = Self.columns.split(separator: ",").map { "\($0) text" }.joined(separator: ", ")
            try await run(
                "CREATE TABLE public.issues (\(columns)); INSERT INTO public.issues VALUES "
                    + rows.joined(separator: ", "))
            _ = try await TableAdministration(context: site.node).ingest(
                TableIngestCommand(mapping: site.mapping, origin: .view, table: "public.issues")
            ) { _, _, _, _ in }
            #expect(try await site.counted([1]) == ["c1", "c4"])
            #expect(try await site.counted([1, 2]) == ["c1", "c2", "c3", "c4"])
            try await run("UPDATE public.issues SET nhs = '\(TableText.number(3))' WHERE local = 'B'")
            #expect(try await site.counted([1, 2]) == ["c1", "c4"])
            #expect(try await site.objecting(3) == [.integer(3), .integer(1)])
            #expect(try await site.objecting(2) == [.integer(3), .integer(0)])

            // As an earlier program made it: told, and published on.
            try await run(
                """
                ALTER VIEW mapped."issues taken" RENAME COLUMN claim TO other
                """)
            let note = try #require(
                try await ControllerAdministration(context: site.node).publish().notes.last)
            #expect(note.contains("shown again with 'concordat ingest --as-view'"))
            _ = try await TableAdministration(context: site.node).ingest(
                TableIngestCommand(mapping: site.mapping, origin: .noView)
            ) { _, _, _, _ in }
            #expect(
                try await site.node.rows("SELECT count(*) AS n FROM live.number_claim")[0][0] == .integer(0))
        }
    }

    /// What is no NHS number is on no list; one that lost its digits may be anybody's.
    @Test(arguments: WarehouseKind.allCases)
    func whatCannotBeClaimedIsNot(kind: WarehouseKind) async throws {
        try await with(kind) { site in
            let wrong = String(TableText.number(2).dropLast()) + "x"
            let report = try await site.load([
                Self.row(1, nil, "02", local: "A").replacing(",,02", with: ",\(wrong),02"),
                Self.row(2, nil, "02", local: "B").replacing(",,02", with: ",9.99E+09,02"),
                // Of the real range, at a node stamped synthetic.
                Self.row(3, nil, "02", local: "C").replacing(",,02", with: ",9434765919,02"),
            ])
            #expect(
                report.files == [
                    IngestSite.file(
                        "issues.csv", "medication_issue", new: 1,
                        ["nhs-number-lost-digits": 1, "not-a-synthetic-nhs-number": 1])
                ])
            #expect(
                try await site.node.rows("SELECT count(*) AS n FROM live.number_claim")[0][0] == .integer(0))
        }
    }
}
