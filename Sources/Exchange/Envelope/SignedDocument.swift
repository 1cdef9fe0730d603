package import Core

/// A document that several parties sign over time and anybody may read: an agreement, a directory.
///
/// Each party signs the DSSE pre-authentication encoding of the same payload bytes under a payload type that
/// also names the party, its role and the time, so that none of these can be exchanged.
package struct SignedDocument: Codable, Hashable, Sendable {
    package struct Signature: Codable, Hashable, Sendable {
        package let organisation: OrganisationCode
        /// What the party signs as, e.g. `controller`, `recipient`, `steward`.
        package let role: String
        package let signedAt: WireInstant
        package let ed25519: Base64Bytes
        package let mldsa65: Base64Bytes
    }

    package let payloadType: String
    package let payload: Base64Bytes
    package private(set) var signatures: [Signature]

    package init(payload: [UInt8], type: DocumentType) {
        payloadType = type.payloadType
        self.payload = Base64Bytes(payload)
        signatures = []
    }

    package init(parsing bytes: [UInt8], limits: WireLimits = .standard) throws(ExchangeError) {
        self = try WireJSON.decode(Self.self, from: bytes, limits: limits)
    }

    package func serialised() throws(ExchangeError) -> [UInt8] { try WireJSON.encode(self) }

    /// Identifies what is signed.
    package var digest: Digest { Digest(of: payload.bytes) }

    /// The document with one party's signatures added, or replaced where it signed in this role before.
    package func signed(
        as role: String, of organisation: OrganisationCode, by key: SigningKey, at now: WireInstant
    ) throws(ExchangeError) -> SignedDocument {
        guard Self.isRole(role) else { throw ExchangeError(.malformed, "role of a signature") }
        let pair = try key.sign(message(organisation: organisation, role: role, signedAt: now))
        var copy = self
        copy.signatures.removeAll { $0.organisation == organisation && $0.role == role }
        copy.signatures.append(
            Signature(
                organisation: organisation, role: role, signedAt: now, ed25519: Base64Bytes(pair.ed25519),
                mldsa65: Base64Bytes(pair.mldsa65)))
        return copy
    }

    /// Whether `signature` was made with one pair of `keys`, both halves.
    package func isValid(_ signature: Signature, by keys: [VerifyingKey]) -> Bool {
        guard Self.isRole(signature.role) else { return false }
        let message = message(
            organisation: signature.organisation, role: signature.role, signedAt: signature.signedAt)
        let pair = HybridSignature(ed25519: signature.ed25519.bytes, mldsa65: signature.mldsa65.bytes)
        return keys.contains { $0.verify(pair, of: message) }
    }

    /// The parties whose signatures verify with the directory's keys, as (organisation, role).
    package func validSigners(
        in directory: some KeyDirectory, for use: SigningUse, at now: WireInstant
    ) -> [Signature] {
        signatures.filter { signature in
            guard let keys = try? directory.verifyingKeys(of: signature.organisation, for: use, at: now)
            else {
                return false
            }
            return isValid(signature, by: keys)
        }
    }

    /// Lower-case letters and hyphens: nothing that could end the parameter it stands in.
    private static func isRole(_ role: String) -> Bool {
        (1...32).contains(role.utf8.count)
            && role.utf8.allSatisfy { (0x61...0x7A).contains($0) || $0 == 0x2D }
    }

    private func message(organisation: OrganisationCode, role: String, signedAt: WireInstant) -> [UInt8] {
        let type = "\(payloadType);signer=\(organisation);role=\(role);at=\(signedAt.milliseconds)"
        return DSSEEnvelope.preAuthenticationEncoding(type: type, payload: payload.bytes)
    }
}
