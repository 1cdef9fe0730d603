package import Core
import Crypto
import Foundation

/// What the controllers of an agreement share and nobody else knows: neither requester nor linker.
package struct LinkageSecret: Sendable {
    package static let shareByteCount = 32
    private let key: SymmetricKey

    /// A fresh share of one controller.
    package static func makeShare() -> [UInt8] {
        SymmetricKey(size: .bits256).withUnsafeBytes { Array($0) }
    }

    /// Derives the secret from one share of every controller, in whatever order they came.
    /// - Throws: `malformed` unless there are two shares or more, distinct, of 32 bytes each.
    package init(shares: [[UInt8]], agreement: Digest) throws(ExchangeError) {
        guard shares.count >= 2, Set(shares).count == shares.count,
            shares.allSatisfy({ $0.count == Self.shareByteCount })
        else { throw ExchangeError(.malformed, "linkage shares") }
        let sorted = shares.sorted { $0.lexicographicallyPrecedes($1) }
        key = Self.derive(
            SymmetricKey(data: Array(sorted.joined())), label: "secret", context: agreement.bytes)
    }

    /// The key of one linked query, for one question: no requester-chosen id derives it.
    /// - Parameter nonces: one of every participant, in whatever order they came.
    /// - Throws: `malformed` unless there are two nonces or more, distinct.
    package func queryKey(question: Digest, nonces: [[UInt8]]) throws(ExchangeError) -> QueryLinkageKey {
        guard nonces.count >= 2, Set(nonces).count == nonces.count else {
            throw ExchangeError(.malformed, "linkage nonces")
        }
        var context = ByteWriter()
        context.append(raw: question.bytes)
        for nonce in nonces.sorted(by: { $0.lexicographicallyPrecedes($1) }) { context.append(short: nonce) }
        return QueryLinkageKey(key: Self.derive(key, label: "query", context: context.bytes))
    }

    /// HKDF-SHA256 (RFC 5869) with a label of this protocol in `info`.
    static func derive(_ key: SymmetricKey, label: String, context: [UInt8]) -> SymmetricKey {
        HKDF<SHA256>.deriveKey(
            inputKeyMaterial: key, info: Array("concordat/1 linkage \(label)\0".utf8) + context,
            outputByteCount: 32)
    }
}

/// The key of one linked query: it gives each cell a key of its own, so that people cannot be followed from
/// one cell to another, nor from one query to another.
package struct QueryLinkageKey: Sendable {
    let key: SymmetricKey

    /// - Parameter cell: the cell's token.
    package func pseudonymiser(cell: CellToken) -> Pseudonymiser {
        Pseudonymiser(key: LinkageSecret.derive(key, label: "cell", context: cell.bytes))
    }
}

/// Verifies the nonces that came with a linked request.
package enum LinkNonces {
    /// - Returns: each participant's nonce.
    /// - Throws: `missingSignature`, `badSignature`, `unknownSender`, `expired`, …; `wrongRequest` unless
    /// exactly
    ///   the participants of the request signed a nonce for this question.
    package static func verified(
        in request: QueryRequest, directory: some KeyDirectory, at now: WireInstant
    ) throws(ExchangeError) -> [OrganisationCode: [UInt8]] {
        let question = request.questionDigest
        var nonces: [OrganisationCode: [UInt8]] = [:]
        for envelope in request.linkNonces {
            guard envelope.payloadType == DocumentType.linkNonce.payloadType else {
                throw ExchangeError(.wrongType, "nonce")
            }
            let message = try WireJSON.decode(Message<LinkNonce>.self, from: envelope.payload)
            let nonce = message.body
            try envelope.verify(by: try directory.verifyingKeys(of: message.sender, for: .query, at: now))
            try Envelope.checkTime(issuedAt: message.issuedAt, expiresAt: message.expiresAt, at: now)
            guard nonce.organisation == message.sender, message.recipient == request.requester,
                nonce.queryID == request.queryID, nonce.questionDigest == question,
                nonce.nonce.bytes.count == 32, nonces[message.sender] == nil
            else { throw ExchangeError(.wrongRequest, "nonce") }
            nonces[message.sender] = nonce.nonce.bytes
        }
        guard Set(nonces.keys) == Set(request.participants) else {
            throw ExchangeError(.wrongRequest, "a nonce of every participant, and no other")
        }
        return nonces
    }
}
