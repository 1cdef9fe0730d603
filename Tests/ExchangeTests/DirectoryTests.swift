import Core
import Exchange
import Store
import Testing

@Suite("Directory")
struct DirectoryTests {
    private let federation: Federation

    init() throws { federation = try Federation.shared.get() }

    private func verify(
        _ signed: SignedDocument, known: (version: Int, digest: Digest)? = nil,
        at now: WireInstant = Federation.now
    ) async -> ExchangeError.Code? {
        await code { _ = try Directory.verified(signed, root: federation.root, known: known, at: now) }
    }

    @Test func acceptsWhatEnoughStewardsSigned() async throws {
        let directory = try federation.directory()
        let signed = try federation.signed(directory)
        let parsed = try SignedDocument(parsing: signed.serialised())
        #expect(
            try Directory.verified(parsed, root: federation.root, known: nil, at: Federation.now) == directory
        )
    }

    @Test func refusesTooFewStewards() async throws {
        let directory = try federation.directory()
        #expect(await verify(try federation.signed(directory, by: [])) == .belowThreshold)
        #expect(await verify(try federation.signed(directory, by: [Federation.trust])) == .belowThreshold)
        // One steward who signs twice is one; a stranger's key under a steward's name is none.
        let twice = try federation.signed(directory, by: [Federation.trust, Federation.trust])
        #expect(await verify(twice) == .belowThreshold)
        let forged = try federation.signed(directory, by: [Federation.trust]).signed(
            as: Directory.stewardRole, of: Federation.requester, by: SigningKey(), at: Federation.now)
        #expect(await verify(forged) == .belowThreshold)
    }

    /// A signature in another role, or by the key of another use, is none.
    @Test func refusesSignaturesOfAnotherRoleOrUse() async throws {
        let one = try federation.signed(federation.directory(), by: [Federation.trust])
        let keys = try federation.keys(of: Federation.requester)
        let role = try one.signed(
            as: "witness", of: Federation.requester, by: keys.directory, at: Federation.now)
        #expect(await verify(role) == .belowThreshold)
        let use = try one.signed(
            as: Directory.stewardRole, of: Federation.requester, by: keys.agreement, at: Federation.now)
        #expect(await verify(use) == .belowThreshold)
    }

    @Test func refusesAnOlderOrAnotherVersion() async throws {
        let known = try federation.signed(federation.directory(version: 2))
        let state = (version: 2, digest: known.digest)
        #expect(await verify(known, known: state) == nil)
        #expect(await verify(try federation.signed(federation.directory(version: 3)), known: state) == nil)
        #expect(
            await verify(try federation.signed(federation.directory(version: 1)), known: state)
                == .directoryRollback)
        let other = try federation.directory(version: 2, members: [federation.member(Federation.trust)])
        #expect(await verify(try federation.signed(other), known: state) == .directoryRollback)
    }

    @Test func refusesAnExpiredOne() async throws {
        let directory = try federation.directory(expiresAt: Federation.now.advanced(bySeconds: 10))
        let later = Federation.now.advanced(bySeconds: 11)
        #expect(await verify(try federation.signed(directory), at: later) == .directoryExpired)
        #expect(
            await code { _ = try directory.keySets(of: Federation.trust, at: later) } == .directoryExpired)
        let early = Federation.now.advanced(bySeconds: -3600)
        #expect(await verify(try federation.signed(directory), at: early) == .notYetValid)
    }

    /// New stewards are accepted where enough of the old and enough of the new signed.
    @Test func rotatesItsStewards() async throws {
        let stewards = federation.root.stewards
        let alone = TrustRoot(
            threshold: 1, stewards: stewards.filter { $0.organisation == Federation.otherTrust })
        let directory = try federation.directory(version: 2, root: alone)
        #expect(await verify(try federation.signed(directory)) == .belowThreshold)
        let all = [Federation.requester, Federation.trust, Federation.otherTrust]
        #expect(await verify(try federation.signed(directory, by: all)) == nil)
    }

    @Test func knowsWhichKeysAreInForce() async throws {
        let next = try NodeKeys.generate(
            organisation: Federation.trust, generation: 2,
            validFrom: Federation.now.advanced(bySeconds: 3600))
        let first = try federation.keys(of: Federation.trust).publicKeys
        let member = try federation.member(Federation.trust, sets: [first, next.publicKeys])
        let directory = try federation.directory(members: [member])
        func generations(after seconds: Int64) throws -> [Int] {
            try directory.keySets(
                of: Federation.trust, at: Federation.now.advanced(bySeconds: seconds)
            ).map(\.generation)
        }
        #expect(try generations(after: 0) == [1])
        #expect(try generations(after: 3600) == [2, 1])
        let revoked = try federation.directory(
            members: [member],
            revocations: [
                Directory.Revocation(organisation: Federation.trust, generation: 1, revokedAt: Federation.now)
            ])
        #expect(await code { _ = try revoked.keySets(of: Federation.trust, at: Federation.now) } == .revoked)
        let stranger = await code { _ = try directory.keySets(of: Federation.requester, at: Federation.now) }
        #expect(stranger == .unknownSender)
    }
}

@Suite("Peer directory")
struct PeerDirectoryTests {
    private let federation: Federation

    init() throws { federation = try Federation.shared.get() }

    private func open(_ path: String) throws -> PeerDirectory {
        try PeerDirectory(
            store: ControlStore(path: path, migrations: ExchangeStore.migrations), root: federation.root)
    }

    @Test func keepsWhatWasInstalledAndRefusesToGoBack() async throws {
        try await withControlStore { path in
            let peers = try open(path)
            #expect(peers.current == nil)
            #expect(await code { _ = try peers.member(Federation.trust) } == .directoryExpired)
            let second = try federation.directory(version: 2)
            try await peers.install(federation.signed(second), at: Federation.now)
            let again = try open(path)
            #expect(again.current == second)
            let first = try federation.signed(federation.directory(version: 1))
            #expect(await code { try await again.install(first, at: Federation.now) } == .directoryRollback)
            #expect(again.current == second)
            #expect(try await again.signed()?.digest == second.document().digest)
        }
    }

    /// Without a restart: the next look-up sees the revocation.
    @Test func revokesAtOnce() async throws {
        try await withControlStore { path in
            let peers = try open(path)
            try await peers.install(federation.signed(federation.directory()), at: Federation.now)
            let certificate = try federation.keys(of: Federation.trust).publicKeys.tlsCertificate.bytes
            #expect(
                try peers.organisation(presenting: certificate, at: Federation.now) == Federation.trust)
            let revoked = try federation.directory(
                version: 2,
                revocations: [
                    Directory.Revocation(
                        organisation: Federation.trust, generation: nil, revokedAt: Federation.now)
                ])
            try await peers.install(federation.signed(revoked), at: Federation.now)
            #expect(
                await code { _ = try peers.organisation(presenting: certificate, at: Federation.now) }
                    == .revoked)
            #expect(
                await code { _ = try peers.sealingKey(of: Federation.trust, at: Federation.now) } == .revoked)
        }
    }

    @Test func refusesAStrangersCertificateAndAWrongRole() async throws {
        try await withControlStore { path in
            let peers = try open(path)
            try await peers.install(federation.signed(federation.directory()), at: Federation.now)
            let stranger = try TLSIdentity.generate(
                organisation: Federation.trust, from: Federation.now,
                until: Federation.now.advanced(bySeconds: 3600))
            let refused = await code {
                _ = try peers.organisation(presenting: stranger.certificate, at: Federation.now)
            }
            #expect(refused == .unknownSender)
            try peers.require(.controller, of: Federation.trust)
            #expect(await code { try peers.require(.linker, of: Federation.trust) } == .wrongRole)
        }
    }
}
