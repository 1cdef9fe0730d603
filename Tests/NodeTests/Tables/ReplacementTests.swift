import Core
import Foundation
import Store
import TestSupport
import Testing
import Warehouse

@testable import Node

@Suite(.postgreSQLCluster) struct ReplacementTests {
    /// A mapping whose rows nothing tells apart.
    static let mapping = """
        mapping: issues
        title: Issues without a key
        person: {nhs_number: nhs}
        partition: {month: "substring(issued, 1, 7)"}
        checks: {range: {days: [1, 366]}}
        rows:
          - dataset: medication_issue
            columns: {code: code, days_supply: days, issued_at: issued}
        """

    static func write(_ rows: [(Int, String, String)], to folder: String, _ name: String = "issues.csv")
        throws -> String
    {
        let lines = rows.map { "\(TableText.number($0.0)),\($0.1),28,\($0.2)\n" }.joined()
        try IngestSite.write("nhs,code,days,issued\n" + lines, to: "\(folder)/\(name)")
        return "\(folder)/\(name)"
    }

    private static let april = [(1, "a", "2026-04-01"), (1, "a", "2026-04-01"), (2, "b", "2026-04-30")]
    private static let may = [(1, "c", "2026-05-01")]

    private func held(_ node: NodeContext) async throws -> [String] {
        try await node.rows("SELECT code FROM live.medication_issue ORDER BY code").map { $0[0].text }
    }

    @Test(arguments: WarehouseKind.allCases)
    func aPartitionIsReplacedWholeAndNoOther(kind: WarehouseKind) async throws {
        try await IngestSite.with(kind) { node, folder in
            let mapping = folder + "/issues.yaml"
            try IngestSite.write(Self.mapping, to: mapping)
            let april = try Self.write(Self.april, to: folder, "april.csv")
            let may = try Self.write(Self.may, to: folder, "may.csv")
            // Two rows that say the same are two.
            let first = try await node.tables(mapping, [april], replace: "month=2026-04")
            #expect(first.files == [IngestSite.file("april.csv", "medication_issue", new: 3)])
            _ = try await node.tables(mapping, [may], replace: "month=2026-05")
            #expect(try await held(node) == ["a", "a", "b", "c"])

            let again = try await node.tables(mapping, [april], replace: "month=2026-04")
            #expect(again.files == [IngestSite.file("april.csv", "medication_issue", unchanged: 3)])
            #expect(again.notes.isEmpty)

            let corrected = try Self.write(
                [(1, "a", "2026-04-01"), (2, "d", "2026-04-30"), (2, "e", "2026-05-30")], to: folder,
                "april.csv")
            let report = try await node.tables(mapping, [corrected], replace: "month=2026-04")
            #expect(
                report.files == [
                    IngestSite.file(
                        "april.csv", "medication_issue", new: 1, unchanged: 1, ["outside-partition": 1])
                ])
            #expect(report.notes == ["2 rows of issues that the partition had before are no more in it"])
            #expect(try await held(node) == ["a", "c", "d"])
            #expect(try node.quarantined().map(\.reasons) == [["outside-partition"]])
        }
    }

    /// A partition that is brought in part by part is what it is brought in at once.
    @Test(arguments: WarehouseKind.allCases, ["", "key: [id]\n"])
    func aLargePartitionIsBroughtInInParts(kind: WarehouseKind, key: String) async throws {
        var found: [Set<[Value]>] = []
        var said: [[String]] = []
        for rowsAtOnce in [1_000_000, 7] {
            try await IngestSite.with(kind) { node, folder in
                let path = folder + "/m.yaml"
                try IngestSite.write(
                    key
                        + Self.mapping.replacing(
                            "{nhs_number: nhs}", with: "{nhs_number: nhs, local_id: local}"), to: path)
                for state in 0..<2 {
                    let lines = (0..<60).map { row in
                        let person = (row + state) % 3 == 0 ? "" : TableText.number(row % 10)
                        return
                            "\(row + state * 20),\(person),L\(row % 10),c\(row % 7 + state),28,2026-04-01\n"
                    }
                    let csv = folder + "/\(state).csv"
                    try IngestSite.write(
                        "id,nhs,local,code,days,issued\n" + lines.joined() + lines[5] + lines[5], to: csv)
                    let read = try MappingLibrary(folders: []).mapping(path)
                    var ingest = TableIngest(
                        warehouse: try #require(node.warehouse), mapping: read.mapping, file: read.file,
                        quarantine: QuarantineJournal(directory: node.home.layout.quarantineDirectory),
                        progress: { _, _, _, _ in }, replacing: .init(partition: "month=2026-04"))
                    ingest.rowsAtOnce = rowsAtOnce
                    let source = try await FileTableSource(
                        path: csv, source: read.mapping.source, settings: DuckDBSettings())
                    let report = try await ingest.run([source])
                    await source.close()
                    #expect(report.addsUp)
                    let file = try #require(report.files.first)
                    said.append(
                        [
                            "\(file.new) \(file.replaced) \(file.unchanged) \(file.superseded)"
                        ] + report.notes)
                }
                found.append(
                    Set(
                        try await node.rows(
                            """
                            SELECT d.resource_id, d.parent_id, d.code, d.subject,
                              CASE WHEN p.person LIKE 'local:%' THEN 'local' ELSE p.person END AS p
                            FROM live.medication_issue d JOIN live.person p ON p.person_id = d.person_id
                            """)))
            }
        }
        #expect(found[0].count == (key.isEmpty ? 62 : 60))
        #expect(found[0] == found[1])
        #expect(said.prefix(2) == said.suffix(2))
        #expect(said[1].count == 2, "rows of before are gone")
    }

    private struct BrokenOff: Error {}

    @Test(arguments: WarehouseKind.allCases)
    func whatEndsBeforeItsTransactionLeavesTheOld(kind: WarehouseKind) async throws {
        try await IngestSite.with(kind) { node, folder in
            let mapping = folder + "/issues.yaml"
            try IngestSite.write(Self.mapping, to: mapping)
            let april = try Self.write(Self.april, to: folder)
            _ = try await node.tables(mapping, [april], replace: "month=2026-04")
            let other = try Self.write([(3, "z", "2026-04-09")], to: folder, "other.csv")
            let read = try MappingLibrary(folders: []).mapping(mapping)
            let warehouse = try #require(node.warehouse)
            var ingest = TableIngest(
                warehouse: warehouse, mapping: read.mapping, file: read.file,
                quarantine: QuarantineJournal(directory: node.home.layout.quarantineDirectory),
                progress: { _, _, _, _ in }, replacing: .init(partition: "month=2026-04"))
            ingest.beforeCommit = { throw BrokenOff() }
            let source = try await FileTableSource(
                path: other, source: read.mapping.source, settings: DuckDBSettings())
            await #expect(throws: BrokenOff.self) { try await ingest.run([source]) }
            await source.close()
            #expect(try await held(node) == ["a", "a", "b"])
            // And the next run does not see what that one left.
            let report = try await node.tables(mapping, [other], replace: "month=2026-04")
            #expect(report.files == [IngestSite.file("other.csv", "medication_issue", new: 1)])
            #expect(try await held(node) == ["z"])
        }
    }

    @Test(arguments: [
        (
            nil,
            "rows of 'issues' have no key to be known by: take in whole partitions with --replace --partition month=…"
        ),
        ("", "--replace takes a partition of 'issues': --partition month=…"),
        ("week=2", "--replace takes a partition of 'issues': --partition month=…"),
        ("month=", "--replace takes a partition of 'issues': --partition month=…"),
    ])
    func aPartitionIsNamedAsTheMappingHasIt(partition: String?, says: String) async throws {
        try await IngestSite.with(.duckdb) { node, folder in
            let mapping = folder + "/issues.yaml"
            try IngestSite.write(Self.mapping, to: mapping)
            let april = try Self.write(Self.april, to: folder)
            let error = await #expect(throws: NodeError.self) {
                try await node.tables(mapping, [april], replace: partition)
            }
            #expect(error?.description == says)
        }
    }
}
