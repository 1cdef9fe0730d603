import Core
import Exchange
import Store
import Synchronization
import Testing

@testable import Node

/// How often peers are looked for, how many at once, and what is kept of it.
@Suite struct PeerWatchTests {
    private static let members = ["AAA", "BBB", "CCC", "DDD", "EEE", "FFF"].compactMap(OrganisationCode.init)

    private func withStore(_ body: (ControlStore) async throws -> Void) async throws {
        try await withTemporaryDirectory { root in
            let store = try ControlStore(
                path: root + "/control.sqlite", migrations: PeerWatch.migrations)
            try await body(store)
            try store.close()
        }
    }

    @Test func peersAreLookedForOnceInAWhileAndAFewAtATime() async throws {
        struct Seen {
            var inside = 0
            var most = 0
            var total = 0
        }
        let seen = Mutex(Seen())
        try await withStore { store in
            let watch = PeerWatch(store: store) { _ in
                seen.withLock {
                    $0.inside += 1
                    $0.total += 1
                    $0.most = max($0.most, $0.inside)
                }
                try await Task.sleep(for: .milliseconds(20))
                seen.withLock { $0.inside -= 1 }
                return .milliseconds(7)
            }
            #expect(watch.look(for: Self.members))
            // Whoever comes meanwhile begins nothing, and hears that it is under way.
            #expect(watch.look(for: Self.members))
            await watch.settle()
            #expect(!watch.look(for: Self.members))
            await watch.settle()
            let counts = seen.withLock { $0 }
            #expect(counts.total == Self.members.count)
            #expect(counts.most <= PeerWatch.width && counts.inside == 0)
            let sightings = try await watch.sightings()
            #expect(sightings.count == Self.members.count)
            #expect(sightings.values.allSatisfy { $0.milliseconds == 7 && $0.fault == nil })
            #expect(sightings.values.allSatisfy { $0.seenAt == $0.checkedAt && $0.unseenSince == nil })
            await watch.close()
            #expect(!watch.look(for: Self.members))
        }
    }

    /// Each of these is a process of the node's own, so that nothing is held back by what was looked for before.
    @Test func sinceWhenAPeerIsNotReachedIsKept() async throws {
        try await withStore { store in
            let member = Array(Self.members.prefix(1))
            func look(_ probe: @escaping PeerWatch.Probe) async throws -> PeerSighting {
                let watch = PeerWatch(store: store, probe: probe)
                watch.look(for: member)
                await watch.settle()
                return try #require(try await watch.sightings()["AAA"])
            }
            let first = try await look { _ in throw ExchangeError(.deadlineExceeded) }
            #expect(first.fault == .deadlineExceeded && first.seenAt == nil)
            #expect(first.unseenSince == first.checkedAt)
            let seen = try await look { _ in .milliseconds(1_200) }
            #expect(seen.milliseconds == 1_200 && seen.seenAt == seen.checkedAt && seen.unseenSince == nil)
            #expect(PeerNote.Latency(milliseconds: 1_200) == .verySlow)
            let lost = try await look { _ in throw ExchangeError(.unknownSender) }
            #expect(lost.unseenSince == lost.checkedAt && lost.seenAt == seen.seenAt)
            try await Task.sleep(for: .milliseconds(5))
            let still = try await look { _ in throw ExchangeError(.unreachable) }
            #expect(still.unseenSince == lost.unseenSince && still.seenAt == seen.seenAt)
            #expect(still.checkedAt > lost.checkedAt && still.fault == .unreachable)
        }
    }
}
