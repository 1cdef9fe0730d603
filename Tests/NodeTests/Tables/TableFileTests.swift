import Core
import Foundation
import Store
import TestSupport
import Testing

@testable import Node

/// Files as they really come: what can be told of them is told, and nothing wrong is taken for right.
@Suite struct TableFileTests {
    private static let head =
        "DEC_CONF_NHS_NUMBER,REG_DATE,REG_DATE_OF_DEATH,S_UNDERLYING_COD_ICD10,S_COD_CODE_1,S_COD_CODE_2\n"

    private static func row(_ person: Int, _ number: String? = nil) -> String {
        "\(number ?? TableText.number(person)),20260415,10/04/2026,I219,I219,E119\n"
    }

    private func fault(_ node: NodeContext, _ path: String, replace: String? = "") async -> String {
        do { return "\(try await node.tables("deaths", [path], replace: replace))" } catch {
            return "\(error)"
        }
    }

    struct Wrong: Sendable, CustomTestStringConvertible {
        let name: String
        let bytes: Data
        let says: String
        var testDescription: String { name }
    }

    private static let wrong: [Wrong] = [
        Wrong(
            name: "semicolons.csv", bytes: Data((head + row(1)).replacing(",", with: ";").utf8),
            says:
                "semicolons.csv is separated by semicolons, and the mapping says ',': write 'delimiter: \";\"' under its source"
        ),
        Wrong(
            name: "tabs.csv", bytes: Data((head + row(1)).replacing(",", with: "\t").utf8),
            says:
                "tabs.csv is separated by tabs, and the mapping says ',': write 'delimiter: \"\\t\"' under its source"
        ),
        Wrong(name: "empty.csv", bytes: Data(), says: "empty.csv is empty: not even a line of names"),
        Wrong(
            name: "other.csv", bytes: Data("NHS,REG_DATE\n".utf8),
            says:
                "deaths.yaml: line 11: person.nhs_number: the source has no column 'dec_conf_nhs_number'; it has NHS, REG_DATE"
        ),
        Wrong(
            name: "wide.csv",
            bytes: Data([0xFF, 0xFE]) + ((head + row(1)).data(using: .utf16LittleEndian) ?? Data()),
            says: "wide.csv is UTF-16: convert it ('iconv -f UTF-16 -t UTF-8'), or save it as CSV UTF-8"),
        Wrong(
            name: "book.xlsx", bytes: Data([0x50, 0x4B, 3, 4]) + Data(count: 100),
            says: "book.xlsx is a workbook or a ZIP archive: unpack it, or save its sheet as CSV UTF-8"),
        Wrong(
            name: "cut.parquet", bytes: Data("PAR1garbage garbage".utf8),
            says:
                "cut.parquet cannot be read as Parquet: it is cut off or damaged, or has a kind of column not known here"
        ),
    ]

    @Test(arguments: wrong)
    func whatIsNoTableIsNamed(given: Wrong) async throws {
        try await IngestSite.with(.duckdb) { node, folder in
            let path = "\(folder)/\(given.name)"
            try given.bytes.write(to: URL(filePath: path))
            #expect(await fault(node, path) == given.says)
        }
    }

    @Test func aFileThatIsCutOffIsNotTakenForAShortOne() async throws {
        try await IngestSite.with(.duckdb) { node, folder in
            let path = folder + "/deaths.csv"
            try IngestSite.write(Self.head + (1...20_000).map { Self.row($0) }.joined(), to: path)
            let zip = Process()
            zip.executableURL = URL(filePath: "/bin/gzip")
            zip.arguments = ["-k", path]
            try zip.run()
            zip.waitUntilExit()
            let whole = try Data(contentsOf: URL(filePath: path + ".gz"))
            try whole.prefix(whole.count / 2).write(to: URL(filePath: folder + "/cut.csv.gz"))
            #expect(
                await fault(node, folder + "/cut.csv.gz")
                    == "cut.csv.gz is cut off or damaged: fetch it again; nothing of it was taken in")
            #expect(try await node.rows("SELECT count(*) AS n FROM live.death")[0][0] == .integer(0))
            #expect(try await node.tables("deaths", [path + ".gz"], replace: "").files.map(\.new) == [20_000])
        }
    }

    @Test func whatCameOutEmptyTakesNothingAway() async throws {
        try await IngestSite.with(.duckdb) { node, folder in
            let (good, empty) = (folder + "/good.csv", folder + "/empty.csv")
            try IngestSite.write(Self.head + Self.row(1), to: good)
            _ = try await node.tables("deaths", [good], replace: "")
            for text in [Self.head, Self.head + Self.row(1, "nonsense")] {
                try IngestSite.write(text, to: empty)
                #expect(await fault(node, empty).hasPrefix("nothing was replaced: the input has no row"))
                #expect(try await node.rows("SELECT count(*) AS n FROM live.death")[0][0] == .integer(1))
            }
            var command = TableIngestCommand(mapping: "deaths", origin: .files([empty]), replaces: true)
            command.allowsEmpty = true
            _ = try await TableAdministration(context: node).ingest(command) { _, _, _, _ in }
            #expect(try await node.rows("SELECT count(*) AS n FROM live.death")[0][0] == .integer(0))
        }
    }

    @Test func numbersThatASpreadsheetHeldAreReadOrNamed() async throws {
        try await IngestSite.with(.duckdb) { node, folder in
            let (path, number) = (folder + "/a.csv", TableText.number(1))
            let spaced = "\(number.prefix(3)) \(number.dropFirst(3).prefix(3)) \(number.dropFirst(6))"
            try IngestSite.write(
                Self.head + Self.row(1, number + ".0") + Self.row(1, spaced) + Self.row(1, "9.99E+09"),
                to: path)
            let report = try await node.tables("deaths", [path], replace: "")
            #expect(
                report.files == [IngestSite.file("a.csv", "death", new: 2, ["nhs-number-lost-digits": 1])])
            #expect(
                try await node.rows("SELECT DISTINCT subject FROM live.death") == [[.text("nhs:" + number)]])
        }
    }

    @Test func windowsCharactersAreReadWhereTheMappingSaysSo() async throws {
        try await IngestSite.with(.duckdb) { node, folder in
            let (mapping, path) = (folder + "/m.yaml", folder + "/a.csv")
            let text = ReplacementTests.mapping.replacing("person:", with: "key: [code]\nperson:")
            try IngestSite.write(text, to: mapping)
            let bytes =
                Array("nhs,code,days,issued\n\(TableText.number(1)),caf".utf8) + [
                    0xE9, 0x20, 0x93, 0x80, 0x94,
                ]
                + Array(",1,2026-04-01\n".utf8)
            try Data(bytes).write(to: URL(filePath: path))
            let refused = try await node.tables(mapping, [path])
            #expect(refused.files.map(\.reasons) == [["invalid-encoding": 1]])
            #expect(
                refused.notes == [
                    "1 lines are not in utf-8: for a file of Excel or an older system write 'encoding: windows-1252' under "
                        + "the mapping's source"
                ])
            try IngestSite.write(text + "\nsource: {encoding: windows-1252}\n", to: mapping)
            _ = try await node.tables(mapping, [path])
            #expect(try await node.held("code", "medication_issue") == [["café “€”"]])
            let left = try FileManager.default.contentsOfDirectory(
                atPath: node.home.layout.quarantineDirectory)
            #expect(!left.contains { $0.hasPrefix("part-") })
        }
    }
}
