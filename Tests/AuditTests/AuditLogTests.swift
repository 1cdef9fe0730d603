import Foundation
import GRDB
import Store
import Testing

@testable import Audit

@Suite struct AuditLogTests {
    @Test func recordsHaveOneForm() {
        let record = AuditRecord(
            kind: .optOutList, at: 17, details: ["b": "x\"\\\n\u{1}é", "B": "", "a": "1"])
        #expect(
            record.canonicalJSON
                == #"{"at":17,"details":{"B":"","a":"1","b":"x\"\\\n\u0001é"},"kind":"optOutList"}"#
        )
    }

    @Test func appendsAreNumberedProvenAndSurviveARestart() async throws {
        try await withLog { fixture in
            var log = try fixture.open()
            var entries = try await fixture.append(300, to: log)
            #expect(entries.map(\.index) == Array(0..<300))
            #expect(entries.allSatisfy { $0.leafHash == TreeHash.leaf($0.commitment) })
            let middle = try Checkpoint.verify(
                await log.checkpoint(), name: fixture.origin, publicKey: fixture.publicKey)
            #expect(middle.size == 300)

            log = try fixture.open()
            entries += try await fixture.append(700, to: log)
            #expect(await log.size == 1000)
            #expect(await log.mendedTiles == 0)
            let root = await log.rootHash
            #expect(root == referenceRoot(entries.map(\.leafHash)[...]))
            for index in [0, 255, 256, 299, 511, 767, 768, 999] {
                let proof = try await log.inclusionProof(index: index, size: 1000)
                #expect(
                    TreeProof.verifyInclusion(
                        leaf: entries[index].leafHash, index: index, size: 1000, proof: proof, root: root))
            }
            let growth = try await log.consistencyProof(from: 300, to: 1000)
            #expect(
                TreeProof.verifyConsistency(
                    oldSize: 300, oldRoot: middle.root, newSize: 1000, newRoot: root, proof: growth))
            await #expect(throws: AuditError.self) { try await log.inclusionProof(index: 1000, size: 1000) }

            let note = try await log.checkpoint()
            #expect(try await log.checkpoint() == note)
            for tile in Tile.all(size: 1000) {
                #expect(try TileStore(directory: fixture.log).read(tile)?.count == tile.width)
            }
            let report = try fixture.verify()
            #expect(report.isSound)
            #expect(report.size == 1000 && report.checkpointSize == 1000 && report.recordsChecked == 1000)
        }
    }

    @Test func newLogHasASignedCheckpointOfNothing() async throws {
        try await withLog { fixture in
            let note = try await fixture.open().checkpoint()
            let checkpoint = try Checkpoint.verify(note, name: fixture.origin, publicKey: fixture.publicKey)
            #expect(checkpoint == Checkpoint(origin: fixture.origin, size: 0, root: .empty))
            #expect(try fixture.verify().isSound)
        }
    }

    @Test func erasedRecordsLeaveTheTreeAsItWas() async throws {
        try await withLog { fixture in
            let log = try fixture.open()
            _ = try await fixture.append(20, to: log)
            let note = try await log.checkpoint()
            try await log.erase([3, 4])
            let report = try fixture.verify()
            #expect(report.isSound)
            #expect(report.recordsErased == 2 && report.recordsChecked == 18)
            #expect(try await fixture.open().checkpoint() == note)
        }
    }

    @Test func tilesShorterThanTheRecordsAreMendedAtOpen() async throws {
        try await withLog { fixture in
            var log = try fixture.open()
            _ = try await fixture.append(600, to: log)
            let note = try await log.checkpoint()
            _ = try await fixture.append(200, to: log)
            let root = await log.rootHash
            // A crash: one tile was never written, one only in part.
            let tiles = TileStore(directory: fixture.log)
            let (lost, short) = (Tile(level: 0, index: 2, width: 256), Tile(level: 0, index: 1, width: 256))
            try PrivateFile.remove(tiles.path(lost))
            let bytes = try #require(try PrivateFile.read(tiles.path(short)))
            try PrivateFile.write(bytes.prefix(1000), to: tiles.path(short))

            log = try fixture.open()
            #expect(await log.mendedTiles == 2)
            #expect(await log.rootHash == root)
            #expect(try PrivateFile.read(tiles.path(short)) == bytes)
            #expect(try await log.checkpoint() != note)
            let report = try fixture.verify()
            #expect(report.isSound && report.checkpointSize == 800)
        }
    }

    @Test func failedWriteStopsTheLog() async throws {
        try await withLog { fixture in
            let log = try fixture.open()
            _ = try await fixture.append(1, to: log)
            try fixture.execute("INSERT INTO audit_record VALUES (1, zeroblob(32), NULL, NULL)")
            let record = AuditRecord(kind: .ingest, at: 0, details: [:])
            await #expect(throws: DatabaseError.self) { try await log.append(record) }
            let error = await #expect(throws: AuditError.self) { try await log.append(record) }
            #expect(error?.code == .broken)
        }
    }
}
