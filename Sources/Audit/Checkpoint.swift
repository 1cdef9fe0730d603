import Crypto
import Foundation

/// Who signs the log's checkpoints. The private key stays with the caller.
package struct AuditSigner: Sendable {
    /// The key's name in signature lines; by custom the log's origin.
    package let name: String
    /// Ed25519, 32 bytes.
    package let publicKey: [UInt8]
    /// Ed25519 over the bytes given; 64 bytes.
    package let sign: @Sendable ([UInt8]) throws -> [UInt8]

    package init(
        name: String, publicKey: [UInt8], sign: @escaping @Sendable ([UInt8]) throws -> [UInt8]
    ) {
        self.name = name
        self.publicKey = publicKey
        self.sign = sign
    }
}

/// A signed tree head (C2SP tlog-checkpoint): a note of origin, size and root, with Ed25519 signature lines
/// (C2SP signed-note).
package struct Checkpoint: Hashable, Sendable {
    package let origin: String
    package let size: Int
    package let root: TreeHash

    init(origin: String, size: Int, root: TreeHash) {
        self.origin = origin
        self.size = size
        self.root = root
    }

    /// The signed text: three lines, each ended.
    var body: String { "\(origin)\n\(size)\n\(Data(root.bytes).base64EncodedString())\n" }

    /// The note with its signature line.
    func signed(by signer: AuditSigner) throws -> String {
        guard !origin.isEmpty, !origin.contains("\n"), !signer.name.isEmpty,
            !signer.name.contains(where: { $0.isWhitespace || $0 == "+" })
        else {
            throw AuditError(.badKey, "a log's origin is one line, its key's name has no space and no '+'.")
        }
        let signature = try signer.sign(Array(body.utf8))
        let line = Self.keyHash(name: signer.name, publicKey: signer.publicKey) + signature
        return body + "\n\u{2014} \(signer.name) \(Data(line).base64EncodedString())\n"
    }

    /// The first four bytes of SHA-256(name || LF || 0x01 || public key) (C2SP signed-note, Ed25519).
    package static func keyHash(name: String, publicKey: [UInt8]) -> [UInt8] {
        Array(SHA256.hash(data: Array(name.utf8) + [0x0A, 0x01] + publicKey).prefix(4))
    }

    /// Reads a note without believing it; call ``verify(_:name:publicKey:)`` for that.
    package init(parsing note: String) throws(AuditError) {
        let malformed = AuditError(.checkpointMalformed, "the file is no tlog-checkpoint.")
        let lines = note.split(separator: "\n", omittingEmptySubsequences: false)
        guard lines.count >= 6, lines.last == "", lines[3].isEmpty, !lines[0].isEmpty,
            let size = Int(lines[1]), size >= 0, String(size) == lines[1],
            let rootBytes = Data(base64Encoded: String(lines[2])), let root = TreeHash(rootBytes)
        else { throw malformed }
        self.origin = String(lines[0])
        self.size = size
        self.root = root
        // One note has one text: what base64 and numbers leave open is closed by writing it again.
        guard note.hasPrefix(body + "\n") else { throw malformed }
    }

    /// Reads a note and checks its signature by the key of this name; other signature lines are ignored.
    package static func verify(
        _ note: String, name: String, publicKey: [UInt8]
    ) throws(AuditError) -> Checkpoint {
        let checkpoint = try Checkpoint(parsing: note)
        guard let key = try? Curve25519.Signing.PublicKey(rawRepresentation: publicKey) else {
            throw AuditError(.badKey, "the log's public key is not an Ed25519 key.")
        }
        let prefix = "\u{2014} \(name) "
        let expected = keyHash(name: name, publicKey: publicKey)
        for line in note.dropFirst(checkpoint.body.count + 1).split(separator: "\n")
        where line.hasPrefix(prefix) {
            guard let bytes = Data(base64Encoded: String(line.dropFirst(prefix.count))), bytes.count == 68,
                bytes.prefix(4).elementsEqual(expected)
            else { continue }
            if key.isValidSignature(bytes.dropFirst(4), for: Data(checkpoint.body.utf8)) { return checkpoint }
        }
        throw AuditError(.mismatch, "the checkpoint is not signed by '\(name)'.")
    }
}
