package import Core
package import Store

/// Who signs the directory, and how many of them must: pinned by each node when it is handed over.
package struct TrustRoot: Codable, Hashable, Sendable {
    package struct Steward: Codable, Hashable, Sendable {
        package let organisation: OrganisationCode
        package let key: VerifyingKey

        package init(organisation: OrganisationCode, key: VerifyingKey) {
            self.organisation = organisation
            self.key = key
        }
    }

    package let threshold: Int
    package let stewards: [Steward]

    package init(threshold: Int, stewards: [Steward]) {
        self.threshold = threshold
        self.stewards = stewards
    }
}

/// The organisations of the federation, their keys and endpoints: versioned, expiring, signed by stewards.
package struct Directory: Codable, Hashable, Sendable {
    package struct Member: Codable, Hashable, Sendable {
        package let organisation: OrganisationCode
        package let name: String
        package let roles: Set<NodeRole>
        /// `https://host:port`, without a path.
        package let endpoint: String
        /// The node's warehouse holds synthetic people only.
        package let synthetic: Bool
        /// Newest generation first.
        package let keys: [PublicKeySet]

        package init(
            organisation: OrganisationCode, name: String, roles: Set<NodeRole>, endpoint: String,
            synthetic: Bool, keys: [PublicKeySet]
        ) {
            self.organisation = organisation
            self.name = name
            self.roles = roles
            self.endpoint = endpoint
            self.synthetic = synthetic
            self.keys = keys
        }
    }

    /// Takes keys out of force at once, whatever their validity says.
    package struct Revocation: Codable, Hashable, Sendable {
        package let organisation: OrganisationCode
        /// nil: every generation.
        package let generation: Int?
        package let revokedAt: WireInstant

        package init(organisation: OrganisationCode, generation: Int?, revokedAt: WireInstant) {
            self.organisation = organisation
            self.generation = generation
            self.revokedAt = revokedAt
        }
    }

    package let version: Int
    package let issuedAt: WireInstant
    package let expiresAt: WireInstant
    /// Who signs the next version; a change is signed by enough of the old stewards and enough of the new.
    package let root: TrustRoot
    package let members: [Member]
    package let revocations: [Revocation]

    package init(
        version: Int, issuedAt: WireInstant, expiresAt: WireInstant, root: TrustRoot, members: [Member],
        revocations: [Revocation] = []
    ) {
        self.version = version
        self.issuedAt = issuedAt
        self.expiresAt = expiresAt
        self.root = root
        self.members = members
        self.revocations = revocations
    }

    /// The directory as a document for stewards to sign.
    package func document() throws(ExchangeError) -> SignedDocument {
        SignedDocument(payload: try WireJSON.encode(self), type: .directory)
    }

    /// The role that stewards sign in.
    package static let stewardRole = "steward"

    /// Reads and verifies a signed directory, as The Update Framework verifies roots.
    /// - Parameters:
    ///   - root: the stewards that this node trusts until now.
    ///   - minimumVersion: the version known; an older one, or another one of the same version, is refused.
    /// - Throws: `belowThreshold`, `directoryRollback`, `directoryExpired`, `notYetValid`, `malformed`.
    package static func verified(
        _ signed: SignedDocument, root: TrustRoot, known: (version: Int, digest: Digest)?, at now: WireInstant
    ) throws(ExchangeError) -> Directory {
        guard signed.payloadType == DocumentType.directory.payloadType else {
            throw ExchangeError(.wrongType, "directory")
        }
        try requireThreshold(of: root, in: signed)
        let directory = try WireJSON.decode(Directory.self, from: signed.payload.bytes)
        if directory.root != root { try requireThreshold(of: directory.root, in: signed) }
        if let known {
            guard directory.version > known.version || signed.digest == known.digest else {
                throw ExchangeError(.directoryRollback)
            }
        }
        guard directory.issuedAt <= now.advanced(bySeconds: Clocks.skewSeconds) else {
            throw ExchangeError(.notYetValid, "directory")
        }
        guard now <= directory.expiresAt else { throw ExchangeError(.directoryExpired) }
        guard Set(directory.members.map(\.organisation)).count == directory.members.count else {
            throw ExchangeError(.malformed, "an organisation stands twice in the directory")
        }
        return directory
    }

    /// Counts stewards, not signatures: one organisation or one key counts once.
    private static func requireThreshold(of root: TrustRoot, in signed: SignedDocument) throws(ExchangeError)
    {
        let signers = root.stewards.filter { steward in
            signed.signatures.contains {
                $0.organisation == steward.organisation && $0.role == stewardRole
                    && signed.isValid($0, by: [steward.key])
            }
        }
        let distinct = min(Set(signers.map(\.organisation)).count, Set(signers.map(\.key)).count)
        guard root.threshold >= 1, distinct >= root.threshold else { throw ExchangeError(.belowThreshold) }
    }
}

extension Directory: KeyDirectory {
    package func member(_ organisation: OrganisationCode) throws(ExchangeError) -> Member {
        guard let member = members.first(where: { $0.organisation == organisation }) else {
            throw ExchangeError(.unknownSender, "not in the directory")
        }
        return member
    }

    /// The generations in force: valid now, and not revoked.
    /// - Throws: `unknownSender`, `revoked`, `directoryExpired`.
    package func keySets(
        of organisation: OrganisationCode, at now: WireInstant
    ) throws(ExchangeError) -> [PublicKeySet] {
        guard now <= expiresAt else { throw ExchangeError(.directoryExpired) }
        let valid = try member(organisation).keys.filter { $0.isInForce(at: now) }
        let revoked = revocations.filter { $0.organisation == organisation }
        let inForce = valid.filter { set in
            !revoked.contains { $0.generation == nil || $0.generation == set.generation }
        }
        guard !inForce.isEmpty else {
            throw valid.isEmpty ? ExchangeError(.unknownSender, "no key in force") : ExchangeError(.revoked)
        }
        return inForce.sorted { $0.generation > $1.generation }
    }

    package func verifyingKeys(
        of organisation: OrganisationCode, for use: SigningUse, at now: WireInstant
    ) throws(ExchangeError) -> [VerifyingKey] {
        try keySets(of: organisation, at: now).map { $0.verifying(use) }
    }

    /// Every member's certificates, for a server that asks peers for one.
    var certificates: [Base64Bytes] { members.flatMap { $0.keys.map(\.tlsCertificate) } }
}
