import Crypto
import Foundation
import Testing

@testable import Audit

@Suite struct CheckpointTests {
    /// The key of the example in Go's `golang.org/x/mod/sumdb/note`:
    /// PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW.
    @Test func keyHashOfAKnownKey() throws {
        let encoded = try #require(Data(base64Encoded: "ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"))
        let hash = Checkpoint.keyHash(name: "PeterNeumann", publicKey: Array(encoded.dropFirst()))
        #expect(hash == [0xC7, 0x4F, 0x20, 0xA3])
    }

    @Test func signedNoteReadsBackAndItsTextIsFixed() throws {
        let key = Curve25519.Signing.PrivateKey()
        let signer = AuditSigner(
            name: "a.example/log", publicKey: Array(key.publicKey.rawRepresentation)
        ) { Array(try key.signature(for: $0)) }
        let checkpoint = Checkpoint(origin: "a.example/log", size: 0, root: .empty)
        let note = try checkpoint.signed(by: signer)
        #expect(
            note.hasPrefix(
                """
                a.example/log
                0
                47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=

                \u{2014} a.example/log 
                """))
        #expect(try Checkpoint.verify(note, name: signer.name, publicKey: signer.publicKey) == checkpoint)
        let cosigned = note + "\u{2014} witness.example AAAA\n"
        #expect(try Checkpoint.verify(cosigned, name: signer.name, publicKey: signer.publicKey) == checkpoint)
        #expect(throws: AuditError.self) {
            try Checkpoint.verify(note, name: "b.example/log", publicKey: signer.publicKey)
        }
        let stranger = Curve25519.Signing.PrivateKey().publicKey.rawRepresentation
        #expect(throws: AuditError.self) {
            try Checkpoint.verify(note, name: signer.name, publicKey: Array(stranger))
        }
        for position in note.utf8.indices {
            var bytes = Array(note.utf8)
            bytes[note.utf8.distance(from: note.startIndex, to: position)] ^= 4
            let changed = String(decoding: bytes, as: UTF8.self)
            #expect(throws: AuditError.self) {
                try Checkpoint.verify(changed, name: signer.name, publicKey: signer.publicKey)
            }
        }
    }
}
