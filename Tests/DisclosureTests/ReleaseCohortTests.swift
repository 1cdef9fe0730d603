import Core
import Foundation
import Store
import Testing

@testable import Disclosure

/// The ledger's knowledge of who was counted.
@Suite struct ReleaseCohortTests {
    private let flip: @Sendable (Data) throws -> Data = { Data($0.map { $0 ^ 0x55 }) }
    private let now = Date(timeIntervalSince1970: 1_800_000_000)

    private func ledger() throws -> ReleaseLedger {
        let path = NSTemporaryDirectory() + "cohorts-\(UUID().uuidString).sqlite"
        let store = try ControlStore(path: path, migrations: ReleaseLedger.migrations)
        return ReleaseLedger(store: store, seal: flip, open: flip)
    }

    private func note(_ requester: String = "QWE") -> ReleaseCohorts.Note {
        .init(
            requester: requester, purpose: "planning", isLinked: false, kinds: ["count"],
            columns: ["patient.sex"], tables: ["codelist.asthma": "abc"])
    }

    private func key(_ digest: String, snapshot: Int = 1) -> ReleaseLedger.Key {
        .init(controller: "RJ1", agreement: "demo", snapshot: String(snapshot), digest: digest)
    }

    private func record(
        _ ledger: ReleaseLedger, _ digest: String, _ statements: [String], snapshot: Int = 1,
        after days: Double = 0
    ) async throws {
        try await ledger.record(
            [], for: key(digest, snapshot: snapshot), query: digest, at: now + days * 86_400,
            counted: .init(note(), statements: statements))
    }

    @Test func oneCohortAStatementAndPublication() async throws {
        let ledger = try ledger()
        try await record(ledger, "a", ["SELECT 1"])
        try await record(ledger, "a", ["SELECT never: the first record of a key stands"])
        try await record(ledger, "b", ["SELECT 1", "SELECT 2", "SELECT 2"])
        try await record(ledger, "a", ["SELECT 1"], snapshot: 2)
        let waiting = try await ledger.cohorts.waiting()
        #expect(waiting.map(\.statement) == ["SELECT 1", "SELECT 2", "SELECT 1"])
        #expect(waiting.map(\.snapshot) == ["1", "1", "2"])
        #expect(waiting.allSatisfy { $0.tables == ["codelist.asthma": "abc"] })
    }

    @Test func aPersonIsCountedWhereACohortHasThem() async throws {
        let ledger = try ledger()
        try await record(ledger, "a", ["SELECT 1"])
        try await record(ledger, "b", ["SELECT 1", "SELECT 2"], after: 1)
        try await record(ledger, "c", ["SELECT 3"], after: 2)
        try await record(ledger, "d", ["SELECT 4"], after: 3)
        let cohorts = ledger.cohorts
        let open = try await cohorts.waiting()
        try await cohorts.settle(open[0], PersonSet([1, 2]), isExact: true)
        try await cohorts.settle(open[1], PersonSet([3]), isExact: false)
        try await cohorts.lose(open[2])
        // What is settled stays as it is.
        try await cohorts.settle(open[0], PersonSet([9]), isExact: true)
        func presences(_ people: [UInt32]) async throws -> [ReleaseCohorts.Presence] {
            try await cohorts.releases(of: "RJ1", people: people).map(\.isCounted)
        }
        // Newest first: d waits, c is lost, b has both cohorts, a the first.
        #expect(try await presences([2]) == [.unknown, .unknown, .counted, .counted])
        #expect(try await presences([3]) == [.unknown, .unknown, .probablyCounted, .notCounted])
        #expect(try await presences([9]) == [.unknown, .unknown, .notCounted, .notCounted])
        #expect(try await presences([9, 1]) == [.unknown, .unknown, .counted, .counted])
        #expect(try await cohorts.releases(of: "RYJ", people: [1]) == [])
        let size = try await cohorts.size()
        #expect((size.settled, size.open, size.lost) == (2, 1, 1))
        #expect(size.bytes == PersonSet([1, 2]).bytes.count + PersonSet([3]).bytes.count)
    }

    @Test func whatIsOldIsForgottenAndWhatIsSharedStays() async throws {
        let ledger = try ledger()
        try await record(ledger, "a", ["SELECT 1", "SELECT 2"])
        try await record(ledger, "b", ["SELECT 1"], after: 10)
        let cohorts = ledger.cohorts
        #expect(try await cohorts.forget(before: now) == 0)
        #expect(try await cohorts.forget(before: now + 5 * 86_400) == 1)
        #expect(try await cohorts.waiting().map(\.statement) == ["SELECT 1"])
        #expect(try await cohorts.releases(of: "RJ1", people: [1]).count == 1)
        // The ledger itself forgets nothing: the same question still gets the same answer.
        #expect(try await ledger.stored(key("a")) == [])
    }

    @Test func releasesFromBeforeAreCounted() async throws {
        let ledger = try ledger()
        try await ledger.record([], for: key("old"), query: "q", at: now)
        #expect(try await ledger.cohorts.unnoted(of: "RJ1") == 1)
        try await record(ledger, "new", ["SELECT 1"], after: 1)
        #expect(try await ledger.cohorts.unnoted(of: "RJ1") == 1)
    }
}
