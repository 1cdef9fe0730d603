import Core
import Exchange
import Foundation
import Store

/// Three organisations with real keys, and the directory that lists them: what every suite here starts from.
struct Federation: Sendable {
    static let now = WireInstant(milliseconds: 1_790_000_000_000)
    static let requester = OrganisationCode("QWE")!
    static let trust = OrganisationCode("RJ1")!
    static let otherTrust = OrganisationCode("RYJ")!
    /// Generated once a run: keys are costly.
    static let shared = Result { try Federation() }

    let keys: [OrganisationCode: NodeKeys]

    init() throws {
        var keys: [OrganisationCode: NodeKeys] = [:]
        for organisation in [Self.requester, Self.trust, Self.otherTrust] {
            keys[organisation] = try NodeKeys.generate(
                organisation: organisation, validFrom: Self.now.advanced(bySeconds: -86_400),
                validForDays: 36_500)
        }
        self.keys = keys
    }

    func keys(of organisation: OrganisationCode) throws -> NodeKeys {
        guard let keys = keys[organisation] else { throw ExchangeError(.missingKey) }
        return keys
    }

    /// Two of the three organisations must sign.
    var root: TrustRoot {
        TrustRoot(
            threshold: 2,
            stewards: keys.values.map {
                TrustRoot.Steward(organisation: $0.organisation, key: $0.directory.verifying)
            }.sorted { $0.organisation < $1.organisation })
    }

    func member(
        _ organisation: OrganisationCode, endpoint: String = "https://127.0.0.1:1",
        sets: [PublicKeySet]? = nil
    ) throws -> Directory.Member {
        Directory.Member(
            organisation: organisation, name: "Organisation \(organisation)",
            roles: organisation == Self.requester ? [.requester] : [.controller], endpoint: endpoint,
            synthetic: true, keys: try sets ?? [keys(of: organisation).publicKeys])
    }

    func directory(
        version: Int = 1, expiresAt: WireInstant = now.advanced(bySeconds: 30 * 86_400),
        members: [Directory.Member]? = nil, revocations: [Directory.Revocation] = [], root: TrustRoot? = nil
    ) throws -> Directory {
        Directory(
            version: version, issuedAt: Self.now, expiresAt: expiresAt, root: root ?? self.root,
            members: try members ?? keys.keys.sorted().map { try member($0) }, revocations: revocations)
    }

    func signed(
        _ directory: Directory, by stewards: [OrganisationCode] = [requester, trust]
    ) throws -> SignedDocument {
        try stewards.reduce(directory.document()) { document, steward in
            try document.signed(
                as: Directory.stewardRole, of: steward, by: keys(of: steward).directory, at: Self.now)
        }
    }

    func request(
        id: String = "q-1", to recipient: OrganisationCode = trust,
        sql: String = "SELECT count(*) FROM patient"
    ) throws -> QueryRequest {
        QueryRequest(
            queryID: id, requester: Self.requester, user: "u-1", agreementID: "demo-planning",
            agreementDigest: Digest(of: [1]), purpose: Purpose("planning")!,
            fragments: [RequestFragment(sql: sql, linked: false)], releaseForm: .site,
            participants: [Self.trust, Self.otherTrust], catalogDigest: Digest(of: [2]),
            referenceDigests: ["reference.imd": Digest(of: [3])], deadlineMilliseconds: 30_000,
            nowMicroseconds: 1_790_000_000_000_000, responseKey: try SealingPrivateKey().publicKey)
    }

    func addressing(
        from sender: OrganisationCode = requester, to recipient: OrganisationCode = trust,
        issuedAt: WireInstant = now, answering digest: Digest? = nil
    ) throws -> Envelope.Addressing {
        Envelope.Addressing(
            from: sender, to: recipient, key: try keys(of: recipient).sealing.publicKey, issuedAt: issuedAt,
            expiresAt: issuedAt.advanced(bySeconds: 60), answering: digest)
    }

    func expectation(_ recipient: OrganisationCode = trust) throws -> Envelope.Expectation {
        Envelope.Expectation(recipient: recipient, keys: [try keys(of: recipient).sealing])
    }
}

/// A control store in a directory of its own, removed when the body has ended.
func withControlStore<T>(_ body: (String) async throws -> T) async throws -> T {
    let folder = FileManager.default.temporaryDirectory.appending(path: "exchange-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    return try await body(folder.appending(path: "control.sqlite").path)
}

/// The code of the `ExchangeError` that `body` throws; nil if it throws none.
func code(of body: () async throws -> Void) async -> ExchangeError.Code? {
    do {
        try await body()
        return nil
    } catch {
        return (error as? ExchangeError)?.code
    }
}

/// A generator that replays from its seed (SplitMix64, Steele et al. 2014).
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ z >> 30) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ z >> 27) &* 0x94D0_49BB_1331_11EB
        return z ^ z >> 31
    }
}
