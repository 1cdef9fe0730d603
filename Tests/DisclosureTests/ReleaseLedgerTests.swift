import Core
import Foundation
import Store
import Testing

@testable import Disclosure

@Suite struct ReleaseLedgerTests {
    private func ledger() throws -> ReleaseLedger {
        let path = NSTemporaryDirectory() + "ledger-\(UUID().uuidString).sqlite"
        let store = try ControlStore(path: path, migrations: ReleaseLedger.migrations)
        // Not encryption: shows that what is stored went through the closure and comes back through it.
        let flip: @Sendable (Data) throws -> Data = { Data($0.map { $0 ^ 0x55 }) }
        return ReleaseLedger(store: store, seal: flip, open: flip)
    }

    private let now = Date(timeIntervalSince1970: 1_800_000_000)

    @Test func anIdenticalQuestionInASnapshotGetsTheStoredAnswer() async throws {
        let ledger = try ledger()
        let key = ReleaseLedger.Key(
            controller: "RJ1", agreement: "demo", snapshot: "2026-11-16", digest: "abc")
        var generator = SeededGenerator(seed: 1)
        let cells = (0..<20).map { _ in
            Cell(people: Int.random(in: 0...50, using: &generator), using: &generator)
        }
        let (block, summary) = DisclosureControl(profile: .concordat).release(
            block(cells, [aggregate(.count, .bigint, range: nil, over: cells) { _ in 1 }]))
        let release = StoredRelease(block, summary: summary)
        #expect(release.block == block)
        #expect(try await ledger.stored(key) == nil)
        try await ledger.record([release], for: key, query: "q1", at: now)
        #expect(try await ledger.stored(key) == [release])
        let next = ReleaseLedger.Key(
            controller: "RJ1", agreement: "demo", snapshot: "2026-11-23", digest: "abc")
        #expect(try await ledger.stored(next) == nil)
    }

    @Test func aFullLedgerChargesNothing() async throws {
        let ledger = try ledger()
        func charge(_ query: String, _ controller: String = "RJ1") async throws -> ReleaseLedger.Charge {
            try await ledger.charge(
                controller: controller, agreement: "demo", requester: "QWE", query: query, cap: 2, at: now)
        }
        #expect(try await charge("q1") == .charged(used: 1, cap: 2))
        #expect(try await charge("q1") == .charged(used: 1, cap: 2))
        #expect(try await charge("q2") == .charged(used: 2, cap: 2))
        #expect(try await charge("q3") == .full(cap: 2))
        #expect(try await charge("q2") == .charged(used: 2, cap: 2))
        #expect(try await charge("q3", "RYJ") == .charged(used: 1, cap: 2))
    }

    /// Agreements and users are free to mint: an organisation has one budget over all of them, and no other's.
    @Test func aRequesterHasABudgetOverAllAgreements() async throws {
        let ledger = try ledger()
        func charge(
            _ query: String, _ agreement: String, by requester: String = "QWE", after days: Double = 0
        ) async throws -> ReleaseLedger.Charge {
            try await ledger.charge(
                controller: "RJ1", agreement: agreement, requester: requester, query: query, cap: nil,
                budget: .init(most: 2, seconds: 10 * 86_400), at: now.addingTimeInterval(days * 86_400))
        }
        #expect(try await charge("q1", "a") == .charged(used: 1, cap: nil))
        #expect(try await charge("q2", "b", after: 5) == .charged(used: 1, cap: nil))
        #expect(try await charge("q3", "c", after: 6) == .spent)
        // The same again, and another's, are not in the way.
        #expect(try await charge("q1", "a", after: 6) == .charged(used: 1, cap: nil))
        #expect(try await charge("q3", "c", by: "QRL", after: 6) == .charged(used: 1, cap: nil))
        // Whatever left the window is given back, and no more.
        #expect(try await charge("q4", "c", after: 11) == .charged(used: 2, cap: nil))
        #expect(try await charge("q5", "c", after: 11) == .spent)
    }
}
