/// A signed payload: Dead Simple Signing Envelope 1.0.2.
///
/// The bytes that are signed are the bytes that are parsed. Key ids are hints; the signatures that the suite
/// asks for are told apart by their length, and keys come from the directory alone.
package struct DSSEEnvelope: Hashable, Sendable {
    package struct Signature: Hashable, Sendable, Codable {
        package let keyid: String
        package let sig: Base64Bytes

        package init(keyid: String, sig: Base64Bytes) {
            self.keyid = keyid
            self.sig = sig
        }

        package init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: CodingKeys.self)
            keyid = try container.decodeIfPresent(String.self, forKey: .keyid) ?? ""
            sig = try container.decode(Base64Bytes.self, forKey: .sig)
        }

        private enum CodingKeys: String, CodingKey {
            case keyid
            case sig
        }
    }

    package let payloadType: String
    package let payload: [UInt8]
    package let signatures: [Signature]

    package init(payloadType: String, payload: [UInt8], signatures: [Signature]) {
        self.payloadType = payloadType
        self.payload = payload
        self.signatures = signatures
    }

    package init(signing payload: [UInt8], type: String, by key: SigningKey) throws(ExchangeError) {
        let signature = try key.sign(Self.preAuthenticationEncoding(type: type, payload: payload))
        let keyID = key.verifying.keyID.text
        self.init(
            payloadType: type, payload: payload,
            signatures: [
                Signature(keyid: keyID, sig: Base64Bytes(signature.ed25519)),
                Signature(keyid: keyID, sig: Base64Bytes(signature.mldsa65)),
            ])
    }

    /// `PAE(type, body)` of the DSSE protocol: "DSSEv1" SP LEN(type) SP type SP LEN(body) SP body.
    package static func preAuthenticationEncoding(type: String, payload: [UInt8]) -> [UInt8] {
        Array("DSSEv1 \(type.utf8.count) \(type) \(payload.count) ".utf8) + payload
    }

    /// Verifies both signatures with one pair of `keys`: never one of each of two generations.
    /// - Parameter keys: the sender's generations in force.
    /// - Throws: `missingSignature`, `badSignature`.
    package func verify(by keys: [VerifyingKey]) throws(ExchangeError) {
        let classical = signatures.filter { $0.sig.bytes.count == HybridSignature.ed25519Count }
        let postQuantum = signatures.filter { $0.sig.bytes.count == HybridSignature.mldsa65Count }
        guard let first = classical.first, let second = postQuantum.first else {
            throw ExchangeError(.missingSignature, "both signatures of the suite are required")
        }
        guard signatures.count == 2 else { throw ExchangeError(.badSignature, "more signatures than two") }
        let message = Self.preAuthenticationEncoding(type: payloadType, payload: payload)
        let pair = HybridSignature(ed25519: first.sig.bytes, mldsa65: second.sig.bytes)
        guard keys.contains(where: { $0.verify(pair, of: message) }) else {
            throw ExchangeError(.badSignature, "no generation of the sender's keys made both signatures")
        }
    }
}

extension DSSEEnvelope: Codable {}

extension DSSEEnvelope {
    private struct Wire: Codable {
        let payload: Base64Bytes
        let payloadType: String
        let signatures: [Signature]
    }

    package init(from decoder: any Decoder) throws {
        let wire = try Wire(from: decoder)
        self.init(payloadType: wire.payloadType, payload: wire.payload.bytes, signatures: wire.signatures)
    }

    package func encode(to encoder: any Encoder) throws {
        try Wire(payload: Base64Bytes(payload), payloadType: payloadType, signatures: signatures)
            .encode(to: encoder)
    }

    /// The envelope as JSON.
    package func serialised() throws(ExchangeError) -> [UInt8] { try WireJSON.encode(self) }

    package init(parsing bytes: [UInt8], limits: WireLimits = .standard) throws(ExchangeError) {
        self = try WireJSON.decode(Self.self, from: bytes, limits: limits)
    }
}
