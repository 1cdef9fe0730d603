import Core
import Foundation
import Testing

@testable import Catalog

@Suite struct TerminologyTests {
    /// 1 over 2 and 3, both over 4, 4 over 5; 9 stands alone.
    private static let concepts: [UInt64] = [1, 2, 3, 4, 5, 9]
    private static let ties: [(child: Int32, parent: Int32)] = [
        (1, 0), (2, 0), (3, 1), (3, 2), (4, 3), (3, 1),
    ]

    private func made(
        _ concepts: [UInt64] = Self.concepts, _ ties: [(child: Int32, parent: Int32)] = Self.ties,
        terms: [String] = ["all", "left", "right", "both", "leaf — ünïcode", ""],
        _ body: (Terminology, TerminologyWriter.Summary, URL) throws -> Void
    ) throws {
        let file = FileManager.default.temporaryDirectory.appending(path: "\(UUID().uuidString).ctx")
        defer { try? FileManager.default.removeItem(at: file) }
        let summary = try TerminologyWriter(concepts: concepts, terms: PackedTexts(terms), ties: ties)
            .write(to: file.path)
        try body(try Terminology(path: file.path, manifest: Self.manifest), summary, file)
    }

    private static let manifest = ReferenceManifest(
        name: "snomed", version: "1", origin: ReferenceOrigin(), rows: 6, digest: "d", loadedAt: nil)

    @Test func theClosureHasEachConceptAndAllBelowItOnce() throws {
        try made { terminology, summary, _ in
            #expect(
                Self.concepts.map { terminology.descendants(of: $0) } == [
                    [1, 2, 3, 4, 5], [2, 4, 5], [3, 4, 5], [4, 5], [5], [9],
                ])
            #expect(terminology.closureRows == 15)
            #expect(summary == .init(concepts: 6, ties: 5, closureRows: 15, longestPath: 3))
            #expect(Self.concepts.map { terminology.term(of: $0) }.last == "")
            #expect(terminology.term(of: 5) == "leaf — ünïcode")
            #expect(terminology.descendants(of: 6) == nil)
            #expect(terminology.term(of: 10) == nil)
        }
    }

    /// Against the obvious way, on graphs that are drawn by seed.
    @Test(arguments: UInt64(1)...20) func theClosureIsThatOfTheGraph(seed: UInt64) throws {
        var state = seed
        func random(_ below: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % below
        }
        let concepts = (1...60).map { UInt64($0 * 7) }
        var ties: [(child: Int32, parent: Int32)] = []
        for child in 1..<60 {
            for _ in 0..<random(4) { ties.append((Int32(child), Int32(random(child)))) }
        }
        try made(concepts, ties, terms: concepts.map(String.init)) { terminology, _, _ in
            for place in concepts.indices {
                var below: Set<Int> = [place]
                var before = 0
                while below.count > before {
                    before = below.count
                    for tie in ties where below.contains(Int(tie.parent)) { below.insert(Int(tie.child)) }
                }
                #expect(
                    terminology.descendants(of: concepts[place]) == below.sorted().map { concepts[$0] },
                    "seed \(seed)")
            }
        }
    }

    @Test func aCircleIsRefused() {
        let fault = #expect(throws: CatalogFault.self) {
            try made([1, 2, 3], [(1, 0), (2, 1), (1, 2)], terms: ["", "", ""]) { _, _, _ in }
        }
        #expect(
            fault?.description
                == "concept 2: is a kind of itself by way of others: the release is damaged")
    }

    @Test func aDamagedFileIsRefusedAndNeverReadPastItsEnd() throws {
        try made { _, _, file in
            let whole = try Data(contentsOf: file)
            for count in [0, 7, 39, 40, whole.count - 1] {
                #expect(throws: CatalogFault.self, "\(count) bytes") {
                    try Terminology(whole.prefix(count), manifest: Self.manifest)
                }
            }
            // Whatever a byte says, a look-up gives codes or nothing.
            for place in 8..<whole.count {
                var bytes = whole
                bytes[place] ^= 0xFF
                guard let terminology = try? Terminology(bytes, manifest: Self.manifest) else { continue }
                for concept in Self.concepts {
                    _ = terminology.descendants(of: concept)
                    _ = terminology.term(of: concept)
                }
            }
        }
    }

    @Test(arguments: [
        ("9", "10"), ("1", "1.1"), ("2019", "2025"), ("2024-09-30", "2024-10-01"), ("v2", "v10"),
        ("1.9", "1.10"), ("unversioned", "1"),
    ])
    func versionsAreOrderedAsPeopleNumberThem(older: String, newer: String) {
        #expect(VersionOrder.isOlder(older, newer))
        #expect(!VersionOrder.isOlder(newer, older))
        #expect(!VersionOrder.isOlder(newer, newer))
    }
}
