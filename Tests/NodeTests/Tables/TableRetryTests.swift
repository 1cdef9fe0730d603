import Core
import Foundation
import TestSupport
import Testing

@testable import Node

/// Rows of tables that were set aside, tried again by the mapping as it is then.
@Suite(.postgreSQLCluster) struct TableRetryTests {
    private static func mapping(key: String = "key: [id]", version: String = "", dates: String = "[]")
        -> String
    {
        """
        mapping: issues
        title: Issues
        source: {dates: \(dates)}
        \(key)
        \(version)
        person: {nhs_number: nhs}
        partition: {month: "substring(date(issued) || '', 1, 7)"}
        rows:
          - dataset: medication_issue
            columns: {code: code, issued_at: date(issued)}
        """
    }

    private static func row(
        _ id: Int, _ person: Int, _ code: String, _ issued: String, _ changed: String = ""
    ) -> String {
        "\(id),\(TableText.number(person)),\(code),\(issued),\(changed)\n"
    }

    private static func write(_ rows: [String], to path: String) throws {
        try IngestSite.write("id,nhs,code,issued,changed\n" + rows.joined(), to: path)
    }

    private func held(_ node: NodeContext) async throws -> [String] {
        try await node.rows("SELECT code FROM live.medication_issue ORDER BY code").map { $0[0].text }
    }

    @Test(arguments: WarehouseKind.allCases)
    func rowsComeInOnceTheMappingReadsThem(kind: WarehouseKind) async throws {
        try await IngestSite.with(kind) { node, folder in
            let (mapping, path) = (folder + "/issues.yaml", folder + "/issues.csv")
            try IngestSite.write(Self.mapping(), to: mapping)
            try Self.write(
                [
                    Self.row(1, 1, "a", "2026-04-01"),
                    Self.row(2, 2, "\"b \"\"quoted\"\",\nand é\"", "03/04/2026"),
                    Self.row(3, 2, "c", "nonsense"), "4,too short\n",
                ], to: path)
            _ = try await node.tables(mapping, [path])
            #expect(try await held(node) == ["a"])
            #expect(try node.quarantined().count == 3)

            try IngestSite.write(Self.mapping(dates: "[\"%d/%m/%Y\"]"), to: mapping)
            let report = try await node.retry()
            #expect(
                report.files == [
                    IngestSite.file("issues.csv", "medication_issue", new: 1, ["impossible-date": 1])
                ])
            #expect(try await held(node) == ["a", "b \"quoted\",\nand é"])
            #expect(
                try node.quarantined().map(\.reasons).sorted { $0[0] < $1[0] } == [
                    ["impossible-date"], ["missing-columns"],
                ])
            #expect(report.addsUp)

            // The file again finds everything as it is.
            let again = try await node.tables(mapping, [path])
            #expect(again.files.map(\.unchanged) == [2])
            #expect(try node.quarantined().count == 2)
        }
    }

    /// The row that waited is of before: what came since may be its correction.
    @Test func aRowThatWaitedNeverReplacesWhatMayBeNewer() async throws {
        try await IngestSite.with(.duckdb) { node, folder in
            let (mapping, path) = (folder + "/issues.yaml", folder + "/issues.csv")
            try IngestSite.write(Self.mapping(), to: mapping)
            try Self.write(
                [Self.row(1, 1, "old", "03/04/2026"), Self.row(2, 1, "only", "03/04/2026")], to: path)
            _ = try await node.tables(mapping, [path])
            try Self.write([Self.row(1, 1, "corrected", "2026-04-03")], to: path)
            _ = try await node.tables(mapping, [path])

            try IngestSite.write(Self.mapping(dates: "[\"%d/%m/%Y\"]"), to: mapping)
            let report = try await node.retry()
            #expect(
                report.files == [
                    IngestSite.file("issues.csv", "medication_issue", new: 1, ["perhaps-superseded": 1])
                ])
            #expect(try await held(node) == ["corrected", "only"])
            #expect(try node.quarantined().map(\.reasons) == [["perhaps-superseded"]])
        }
    }

    @Test(arguments: [("2026-01-02", ["old"], 1, 0), ("2026-01-04", ["corrected"], 0, 1)])
    func aVersionDecides(changed: String, held expected: [String], replaced: Int, superseded: Int)
        async throws
    {
        try await IngestSite.with(.duckdb) { node, folder in
            let (mapping, path) = (folder + "/issues.yaml", folder + "/issues.csv")
            let version = "version: datetime(changed)"
            try IngestSite.write(Self.mapping(version: version), to: mapping)
            try Self.write([Self.row(1, 1, "old", "03/04/2026", "2026-01-03")], to: path)
            _ = try await node.tables(mapping, [path])
            try Self.write([Self.row(1, 1, "corrected", "2026-04-03", changed)], to: path)
            _ = try await node.tables(mapping, [path])

            try IngestSite.write(Self.mapping(version: version, dates: "[\"%d/%m/%Y\"]"), to: mapping)
            let report = try await node.retry()
            #expect(
                report.files == [
                    IngestSite.file(
                        "issues.csv", "medication_issue", replaced: replaced, superseded: superseded)
                ])
            #expect(try await held(node) == expected)
            #expect(try node.quarantined().isEmpty)
        }
    }

    /// A partition that was replaced has what was set aside of it then, and no rows of before.
    @Test func whatAReplacedPartitionHadWaitingGoesWithIt() async throws {
        try await IngestSite.with(.duckdb) { node, folder in
            let (mapping, path) = (folder + "/issues.yaml", folder + "/issues.csv")
            try IngestSite.write(Self.mapping(key: ""), to: mapping)
            try Self.write(
                [
                    Self.row(1, 1, "a", "2026-04-01"),
                    Self.row(2, 9_999_999, "b", "2026-04-02").replacing("999", with: "99x"),
                    Self.row(3, 1, "c", "2026-05-02"),
                ], to: path)
            _ = try await node.tables(mapping, [path], replace: "month=2026-04")
            #expect(try node.quarantined().count == 2)
            // Of another partition: that is to be taken in as such.
            let retried = try await node.retry()
            #expect(retried.files.map(\.setAside) == [1])
            #expect(retried.notes.count == 1)
            #expect(try node.quarantined().count == 2)

            try Self.write([Self.row(1, 1, "a", "2026-04-01"), Self.row(2, 2, "b2", "2026-04-02")], to: path)
            let report = try await node.tables(mapping, [path], replace: "month=2026-04")
            #expect(
                report.notes == [
                    "2 records that the partition had in the quarantine before are no more in it"
                ])
            #expect(try await held(node) == ["a", "b2"])
            #expect(try node.quarantined().isEmpty)
        }
    }

    @Test func rowsWaitOnAMappingThatIsNotThere() async throws {
        try await IngestSite.with(.duckdb) { node, folder in
            let (mapping, path) = (folder + "/issues.yaml", folder + "/issues.csv")
            try IngestSite.write(Self.mapping(), to: mapping)
            try Self.write([Self.row(1, 1, "a", "03/04/2026")], to: path)
            _ = try await node.tables(mapping, [path])
            try FileManager.default.removeItem(atPath: mapping)
            let report = try await node.retry()
            #expect(report.notes == ["1 rows of issues.csv wait on: cannot read the mapping '\(mapping)'"])
            #expect(try node.quarantined().count == 1)
        }
    }
}
