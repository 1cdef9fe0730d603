import Core
import Foundation
import Testing

@testable import Catalog

/// Several versions of one table, and what a manifest beside it says.
@Suite struct ReferenceVersionTests {
    private let schemas = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../../Schemas").standardizedFileURL.path

    private func inFolder(_ files: [String: String], _ body: (String) throws -> Void) throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
        defer { try? FileManager.default.removeItem(at: folder) }
        for (name, text) in files {
            let file = folder.appending(path: name)
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(text.utf8).write(to: file)
        }
        try body(folder.path)
    }

    @Test func aBareNameMeansTheNewestAndANamedVersionItself() throws {
        try inFolder([
            "codelists/mine@9.csv": "code,term\n9,nine\n", "codelists/mine@10.csv": "code,term\n10,ten\n",
            "references/imd@2019.csv": "lsoa,lsoa_year,rank,decile,population\nE01000001,2011,1,1,5\n",
            "references/imd@2025.csv": "lsoa,lsoa_year,rank,decile,population\nE01000001,2021,2,1,5\n",
        ]) { folder in
            let catalog = try Catalog.load(from: schemas, references: folder)
            #expect(catalog.table(.codelist, "mine")?.version == "10")
            #expect(catalog.table(.codelist, "mine@9")?.rows.rows == [[.text("9"), .text("nine")]])
            #expect(catalog.table(.codelist, "mine@8") == nil)
            #expect(catalog.versions(.codelist, "mine").sorted() == ["10", "9"])
            #expect(catalog.table(.reference, "imd")?.version == "2025")
            #expect(catalog.table(.reference, "imd@2019")?.rows.row(0)[1] == .integer(2011))
        }
    }

    /// The node's own before the shipped one, which can still be named.
    @Test func theNodesOwnIsMeantBeforeTheShippedOne() throws {
        try inFolder(["codelists/diabetes@0.csv": "code,term\n1,one\n"]) { folder in
            let catalog = try Catalog.load(from: schemas, references: folder)
            #expect(catalog.table(.codelist, "diabetes")?.version == "0")
            #expect(catalog.table(.codelist, "diabetes@1")?.rows.rowCount == 3)
        }
    }

    @Test func aManifestSaysWhereATableIsFromAndPinsItsContent() throws {
        let csv = "code,term\n1,one\n"
        let digest = try ReferenceTable(kind: .codelist, name: "mine", version: "1", csv: csv.utf8).digest
        func manifest(_ digest: String, asAt: String) -> String {
            "{\"name\":\"mine\",\"version\":\"1\",\"asAt\":\"\(asAt)\",\"licence\":\"OGL v3\",\"rows\":1,\"digest\":\"\(digest)\"}"
        }
        try inFolder([
            "codelists/mine@1.csv": csv, "codelists/mine@1.json": manifest(digest, asAt: "2026-05-01"),
            // Of an earlier day, whatever its version is called.
            "codelists/mine@2.csv": "code,term\n2,two\n",
        ]) { folder in
            let table = try Catalog.load(from: schemas, references: folder).table(.codelist, "mine@1")
            #expect(table?.origin == ReferenceOrigin(asAt: "2026-05-01", licence: "OGL v3"))
        }
        try inFolder([
            "codelists/mine@1.csv": csv + "2,two\n",
            "codelists/mine@1.json": manifest(digest, asAt: "2026-05-01"),
        ]) { folder in
            let fault = #expect(throws: CatalogFault.self) {
                try Catalog.load(from: schemas, references: folder)
            }
            #expect(
                fault?.description
                    == "mine@1.csv: is not what was loaded: remove it and its .json, and load it again")
        }
    }

    @Test func whatIsShippedSaysWhereItIsFrom() throws {
        let catalog = try Catalog.load(from: schemas)
        for table in catalog.tables {
            #expect(table.origin.licence != nil, "\(table.key)")
            #expect(table.origin.source != nil, "\(table.key)")
        }
    }

    /// The European Standard Population 2013 adds up to 100,000, band for band with `age_band`.
    @Test func theStandardPopulationIsShipped() throws {
        let catalog = try Catalog.load(from: schemas)
        let weights = try #require(catalog.table(.reference, "esp2013"))
        #expect(weights.columns.map(\.name) == ["age_band", "weight"])
        #expect(weights.rows.rows.reduce(0) { $0 + ($1[1].number ?? 0) } == 100_000)
        let bands = try #require(catalog.table(.reference, "age_band"))
        #expect(weights.rows.rows.map { $0[0] } == bands.rows.rows.map { $0[0] })
    }
}
