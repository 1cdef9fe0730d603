import Core
import Exchange
import Store
import Testing

@Suite("Replay guard")
struct ReplayGuardTests {
    private let expiry = Federation.now.advanced(bySeconds: 60)

    private func open(_ path: String) throws -> ReplayGuard {
        ReplayGuard(store: try ControlStore(path: path, migrations: ExchangeStore.migrations))
    }

    private func begin(
        _ replays: ReplayGuard, digest: UInt8 = 1, sender: OrganisationCode = Federation.requester,
        after seconds: Int64 = 0
    ) async throws -> ReplayGuard.Admission {
        try await replays.begin(
            sender: sender, message: "q-1", digest: Digest(of: [digest]), expiresAt: expiry,
            at: Federation.now.advanced(bySeconds: seconds))
    }

    @Test func executesOnceAndThenGivesTheStoredResult() async throws {
        try await withControlStore { path in
            let replays = try open(path)
            #expect(try await begin(replays) == .execute)
            #expect(try await begin(replays) == .inProgress)
            try await replays.complete(sender: Federation.requester, message: "q-1", result: [7, 8])
            #expect(try await begin(replays) == .stored([7, 8]))
            #expect(await code { _ = try await begin(replays, digest: 2) } == .replay)
            #expect(try await begin(replays, digest: 2, sender: Federation.trust) == .execute)
        }
    }

    /// What sites seal to a linker: given again while it is kept, refused afterwards, never executed twice.
    @Test func keepsLargeResultsForAWhile() async throws {
        try await withControlStore { path in
            let replays = try open(path)
            let large = [UInt8](repeating: 7, count: 2 << 20)
            #expect(try await begin(replays) == .execute)
            try await replays.complete(sender: Federation.requester, message: "q-1", result: large)
            #expect(try await begin(replays) == .stored(large))
            for number in 0..<20 {
                try await replays.complete(sender: Federation.trust, message: "\(number)", result: large)
            }
            #expect(await code { _ = try await begin(replays) } == .replay)
            #expect(await code { _ = try await begin(open(path)) } == .replay)
        }
    }

    @Test func remembersAcrossARestart() async throws {
        try await withControlStore { path in
            let before = try open(path)
            #expect(try await begin(before) == .execute)
            let interrupted = try open(path)
            #expect(await code { _ = try await begin(interrupted, digest: 2) } == .replay)
            #expect(try await begin(interrupted) == .execute)
            #expect(try await begin(interrupted) == .inProgress)
            try await interrupted.complete(sender: Federation.requester, message: "q-1", result: [7])
            let after = try open(path)
            #expect(try await begin(after) == .stored([7]))
            #expect(await code { _ = try await begin(after, digest: 2) } == .replay)
        }
    }

    @Test func letsAnAbandonedMessageBeTriedAgain() async throws {
        try await withControlStore { path in
            let replays = try open(path)
            #expect(try await begin(replays) == .execute)
            try await replays.abandon(sender: Federation.requester, message: "q-1")
            #expect(await code { _ = try await begin(replays, digest: 2) } == .replay)
            #expect(try await begin(replays) == .execute)
        }
    }

    /// An entry lives as long as its message can be opened, and longer.
    @Test func forgetsOnlyWhatHasExpired() async throws {
        try await withControlStore { path in
            let replays = try open(path)
            #expect(try await begin(replays) == .execute)
            #expect(try await begin(replays, after: 60 + Clocks.skewSeconds + 1) == .inProgress)
            #expect(try await begin(replays, digest: 2, after: 2 * 3600) == .execute)
        }
    }
}

@Suite("Link nonces")
struct LinkNonceLedgerTests {
    @Test func issuesOneAQueryAndTakesItOnce() async throws {
        try await withControlStore { path in
            let ledger = LinkNonceLedger(
                store: try ControlStore(path: path, migrations: ExchangeStore.migrations))
            let (question, now) = (Digest(of: [1]), Federation.now)
            func issue(_ question: Digest) async throws -> [UInt8] {
                try await ledger.issue(queryID: "q-1", question: question, expiresAt: now, at: now)
            }
            let nonce = try await issue(question)
            #expect(nonce.count == 32)
            #expect(try await issue(question) == nonce)
            #expect(await code { _ = try await issue(Digest(of: [2])) } == .replay)
            let foreign = [UInt8](repeating: 0, count: 32)
            func consume(_ nonce: [UInt8]) async -> ExchangeError.Code? {
                await code { try await ledger.consume(queryID: "q-1", question: question, nonce: nonce) }
            }
            #expect(await consume(foreign) == .replay)
            #expect(await consume(nonce) == nil)
            #expect(await consume(nonce) == .replay)
            #expect(await code { _ = try await issue(question) } == .replay)
        }
    }
}
