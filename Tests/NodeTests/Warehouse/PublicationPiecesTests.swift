import Core
import TestSupport
import Testing
import Warehouse

@testable import Node

/// A publication that is sorted piece by piece is what it is sorted at once: with DuckDB, which sorts in memory only.
@Suite(.postgreSQLCluster) struct PublicationPiecesTests {
    private static let datasets = ["patient", "condition", "observation", "encounter"]

    @Test(arguments: WarehouseKind.allCases, [1, 3, 7, 40])
    func piecesFollowOneAnotherInTheOrderOfTheWhole(kind: WarehouseKind, pieceRows: Int) async throws {
        try await IngestSite.with(kind) { node, folder in
            var lines = (0..<20).map { FHIRText.patient("p\($0)", number: FHIRText.number($0)) }
            for record in 0..<60 {
                // One code has more rows than any piece; one has a quotation mark; the last conditions have none.
                let code = record % 2 == 0 ? "38341003" : record % 5 == 0 ? "it's" : "c\(record % 7)"
                var line = FHIRText.condition(
                    "c\(record)", of: "p\(record * 7 % 20)", code: code, onset: "20\(10 + record % 9)-01-02")
                if record > 55 { line = line.replacing(#""code":"\#(code)""#, with: #""display":"x""#) }
                lines += [
                    line, FHIRText.observation("o\(record)", of: "p\(record % 20)", value: "2\(record % 9)"),
                ]
            }
            try FHIRText.write(lines, to: folder + "/all.ndjson")
            let report = try await node.ingest([folder + "/all.ndjson"])
            #expect(report.addsUp)
            let warehouse = try #require(node.warehouse)
            let whole = try await warehouse.publish(2, at: 0, lists: [], restricted: [])
            let pieced = try await warehouse.publish(
                3, at: 0, lists: [], restricted: [], pieceRows: pieceRows)
            #expect(pieced.rows == whole.rows && pieced.people == whole.people)
            #expect(whole.rows["condition"] == 60)
            for dataset in Self.datasets {
                // As they lie, not as they are asked for; rows that no order tells apart may change places.
                let order = Self.order(dataset)
                let rows = try await node.rows("SELECT \(order) FROM snapshot_3.\(dataset)")
                #expect(
                    try await node.rows("SELECT \(order) FROM snapshot_2.\(dataset)") == rows, "\(dataset)")
                let all = try await node.rows("SELECT * FROM snapshot_2.\(dataset)")
                #expect(try await Set(node.rows("SELECT * FROM snapshot_3.\(dataset)")) == Set(all))
            }
        }
    }

    private static func order(_ dataset: String) -> String {
        switch dataset {
        case "condition": "code, person_id, onset_date"
        case "observation": "code, person_id, effective_at"
        default: "person_id"
        }
    }

    @Test func eachCodeIsOfOnePieceUnlessItIsTooLarge() {
        let pieces = PublicationPieces.pieces([("a", 2), ("b", 2), ("c", 9), ("d'", 1), (nil, 3)], 10, 4)
        #expect(
            pieces == [
                "d.code >= 'a' AND d.code <= 'b'",
                "d.code = 'c' AND d.person_id > 0 AND d.person_id <= 3",
                "d.code = 'c' AND d.person_id > 3 AND d.person_id <= 6",
                "d.code = 'c' AND d.person_id > 6 AND d.person_id <= 10",
                "d.code >= 'd''' AND d.code <= 'd'''", "d.code IS NULL AND true",
            ])
    }

    @Test(arguments: [
        ("366.2 MiB", 383_988_531), ("1.8 GiB", 1_932_735_283), ("12 bytes", 12), ("all", 268_435_456),
    ])
    func sizesAreReadAsDuckDBWritesThem(words: String, bytes: Int64) {
        #expect(PublicationPieces.bytes(words) == bytes)
    }
}
