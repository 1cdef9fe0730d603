import Catalog
import Foundation
import Store
import Testing

@testable import Node

/// Releases on their way in: what is taken of them, and what is refused.
@Suite struct TerminologyLoadTests {
    private static let silent: ProgressSink = { _, _, _, _ in }

    /// A loaded release with its closure.
    private func terminology(_ loaded: LoadedTerminology, _ root: String) throws -> Terminology {
        let folder = ReferenceFolder(root: root)
        _ = try folder.keep(
            loaded, version: loaded.version, origin: loaded.origin, held: nil, at: 1_775_000_000_000)
        return try #require(try Catalog.terminologies(folder.terminologies).first { $0.name == loaded.name })
    }

    @Test func theModulesOfASnomedReleaseAreOne() async throws {
        try await withTemporaryDirectory { root in
            try MiniatureRelease.snomed(at: root + "/release", endsDiabetes: true)
            let release = try SNOMEDRelease(try ReleaseFiles([root + "/release"]))
            let loaded = try release.read(Self.silent)
            #expect(
                loaded.notes == ["1 ties left out: they name concepts that are not active in the release"])
            let snomed = try terminology(loaded, root)
            #expect(snomed.key == "snomed@20260401")
            #expect(snomed.origin.asAt == "2026-04-01")
            #expect(snomed.count == 8)
            #expect(
                snomed.descendants(of: 38_341_003) == [
                    1_201_005, 38_341_003, 59_621_000, 1_066_911_000_000_100,
                ])
            // The later module ended it; a tie of another type never was one.
            #expect(snomed.descendants(of: 73_211_009) == [73_211_009])
            #expect(snomed.descendants(of: 138_875_005)?.count == 7)
            #expect(snomed.term(of: 59_621_000) == "Essential hypertension (disorder)")
            #expect(snomed.descendants(of: 999_001) == nil)
        }
    }

    @Test func anArchiveIsReadAsItsFolder() async throws {
        try await withTemporaryDirectory { root in
            try MiniatureRelease.snomed(at: root + "/release")
            try MiniatureRelease.pack(root + "/release", to: root + "/release.zip")
            func digest(_ path: String) throws -> String {
                let loaded = try SNOMEDRelease(try ReleaseFiles([path])).read(Self.silent)
                return try terminology(loaded, root + "/\(UUID().uuidString)").digest
            }
            #expect(try digest(root + "/release") == digest(root + "/release.zip"))
        }
    }

    @Test func aDamagedArchiveIsRefused() async throws {
        try await withTemporaryDirectory { root in
            try MiniatureRelease.snomed(at: root + "/release")
            try MiniatureRelease.pack(root + "/release", to: root + "/whole.zip")
            let whole = try Data(contentsOf: URL(filePath: root + "/whole.zip"))
            for cut in [0, 10, whole.count / 2, whole.count - 5] {
                try whole.prefix(cut).write(to: URL(filePath: root + "/cut.zip"))
                #expect(throws: NodeError.self, "cut at \(cut)") {
                    try SNOMEDRelease(try ReleaseFiles([root + "/cut.zip"])).read(Self.silent)
                }
            }
            // A byte of the content: the sum does not agree, or nothing can be inflated.
            var bytes = whole
            let name = try #require(bytes.range(of: Data("INT_20250701.txt".utf8)))
            bytes[name.upperBound + 20] ^= 0x55
            try bytes.write(to: URL(filePath: root + "/bent.zip"))
            #expect(throws: NodeError.self) {
                try SNOMEDRelease(try ReleaseFiles([root + "/bent.zip"])).read(Self.silent)
            }
        }
    }

    @Test func aReleaseWithoutASnapshotIsRefused() async throws {
        try await withTemporaryDirectory { root in
            try Data().write(to: URL(filePath: root + "/sct2_Concept_Delta_INT_20250701.txt"))
            let fault = #expect(throws: NodeError.self) { try SNOMEDRelease(try ReleaseFiles([root])) }
            #expect(fault?.description.hasPrefix("no RF2 snapshot: ") == true)
        }
    }

    @Test func aFileThatWasCutIsRefused() async throws {
        try await withTemporaryDirectory { root in
            try MiniatureRelease.snomed(at: root)
            let file =
                root
                + "/SnomedCT_InternationalRF2/Snapshot/Terminology/sct2_Concept_Snapshot_INT_20250701.txt"
            let text = try String(contentsOfFile: file, encoding: .utf8)
            try text.replacing("73211009\t20250701\t1\t900000000000207008\t900000000000074008", with: "7321")
                .write(toFile: file, atomically: true, encoding: .utf8)
            let fault = #expect(throws: NodeError.self) {
                try SNOMEDRelease(try ReleaseFiles([root])).read(Self.silent)
            }
            #expect(fault?.description.contains("line 7 has too few fields") == true)
        }
    }

    @Test func medicinesLieUnderTheirProductAndSubstance() async throws {
        try await withTemporaryDirectory { root in
            try MiniatureRelease.medicines(at: root + "/dmd")
            let loaded = try MedicinesRelease(try ReleaseFiles([root + "/dmd"])).read(
                scratch: root, Self.silent)
            let dmd = try terminology(loaded, root)
            #expect(dmd.key == "dmd@2026-04-04")
            #expect(
                dmd.descendants(of: 777_483_005) == [
                    777_483_005, 222_311_000_001_102, 3_214_311_000_001_108, 39_113_611_000_001_102,
                ])
            #expect(dmd.descendants(of: 222_311_000_001_102) == [222_311_000_001_102])
            #expect(dmd.term(of: 222_311_000_001_102) == "Ventolin Evohaler (AMP)")
            #expect(dmd.term(of: 42_206_511_000_001_102) == "Apple & pear 5mg (VMP)")
        }
    }

    @Test func medicinesWithoutALevelOrOutOfFormAreRefused() async throws {
        try await withTemporaryDirectory { root in
            try MiniatureRelease.medicines(at: root)
            let file = root + "/f_vmp2_3040426.xml"
            try "<VIRTUAL_MED_PRODUCTS><VMPS>".write(toFile: file, atomically: true, encoding: .utf8)
            #expect(throws: NodeError.self) {
                try MedicinesRelease(try ReleaseFiles([root])).read(scratch: root, Self.silent)
            }
            try FileManager.default.removeItem(atPath: file)
            let fault = #expect(throws: NodeError.self) { try MedicinesRelease(try ReleaseFiles([root])) }
            #expect(fault?.description.hasPrefix("no f_vmp2_") == true)
        }
    }
}
