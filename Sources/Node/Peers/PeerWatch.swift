internal import Core
internal import Exchange
internal import Foundation
internal import GRDB
internal import Store
internal import Synchronization

/// What this node last saw of another member of the federation.
struct PeerSighting: Hashable, Sendable {
    /// Milliseconds since 1970, as everywhere here: when it was last looked for.
    let checkedAt: Int64
    /// Of a round trip; nil where the member was not reached then.
    let milliseconds: Int?
    /// Why it was not reached.
    let fault: ExchangeError.Code?
    /// When it was last reached; nil: never.
    let seenAt: Int64?
    /// Since when it is not reached, as far as anybody looked; nil where it is.
    let unseenSince: Int64?
}

/// Which members of the federation answer: a small request over mutual TLS to each of them, only when somebody wants to
/// know, and once a minute at most. Whoever wants to know is not kept waiting: they see what was seen before.
final class PeerWatch: Sendable {
    static let migrations = [
        ControlMigration(identifier: "node-peer-sighting-1") { db in
            try db.execute(
                sql: """
                    CREATE TABLE node_peer_sighting (organisation TEXT PRIMARY KEY, checked_at INTEGER NOT NULL,
                        milliseconds INTEGER, fault TEXT, seen_at INTEGER, unseen_since INTEGER)
                    """)
        }
    ]

    typealias Probe = @Sendable (OrganisationCode) async throws -> Duration

    private struct State {
        var began: ContinuousClock.Instant?
        var task: Task<Void, Never>?
        var isClosed = false
    }

    /// How long what was seen holds, before it is looked again.
    static let grain = Duration.seconds(60)
    /// How many are looked for at once.
    static let width = 4
    /// How long one of them may take.
    static let patience = Duration.seconds(5)

    private let store: ControlStore
    private let probe: Probe
    private let state = Mutex(State())

    init(store: ControlStore, probe: @escaping Probe) {
        (self.store, self.probe) = (store, probe)
    }

    convenience init(store: ControlStore, peers: PeerClient) {
        self.init(store: store) { peer in
            try await peers.probe(peer, within: Self.patience, at: WireInstant(milliseconds: Clock.now))
        }
    }

    /// Begins to look unless that was done a moment ago; returns at once.
    /// - Returns: whether it is being looked now.
    @discardableResult
    func look(for members: [OrganisationCode]) -> Bool {
        state.withLock { state in
            let isRecent = state.began.map { $0 + Self.grain > .now } ?? false
            guard !state.isClosed, !isRecent, state.task == nil, !members.isEmpty else {
                return state.task != nil
            }
            state.began = .now
            state.task = Task { [self] in
                await sweep(members)
                self.state.withLock { $0.task = nil }
            }
            return true
        }
    }

    /// Waits until what is under way has ended.
    func settle() async { await state.withLock { $0.task }?.value }

    /// Ends what is under way; nothing is looked for afterwards.
    func close() async {
        let task = state.withLock { state in
            state.isClosed = true
            return state.task
        }
        task?.cancel()
        await task?.value
    }

    private func sweep(_ members: [OrganisationCode]) async {
        await withTaskGroup(of: Void.self) { group in
            for (place, member) in members.enumerated() {
                if place >= Self.width { await group.next() }
                group.addTask { [self] in await look(for: member) }
            }
        }
    }

    private func look(for member: OrganisationCode) async {
        var milliseconds: Int?
        var fault: ExchangeError.Code?
        do {
            let (seconds, attoseconds) = try await probe(member).components
            milliseconds = Int(seconds * 1_000 + attoseconds / 1_000_000_000_000_000)
        } catch {
            // Nothing was learnt where this node stops.
            guard !Task.isCancelled else { return }
            fault = (error as? ExchangeError)?.code ?? .unreachable
        }
        // What cannot be written down now is looked for again.
        try? await keep(member, milliseconds, fault, at: Clock.now)
    }

    private func keep(
        _ member: OrganisationCode, _ milliseconds: Int?, _ fault: ExchangeError.Code?, at now: Int64
    ) async throws {
        let isSeen = milliseconds != nil
        let values: StatementArguments = [
            member.text, now, milliseconds, fault?.rawValue, isSeen ? now : nil, isSeen ? nil : now,
        ]
        try await store.write { db in
            try db.execute(
                sql: """
                    INSERT INTO node_peer_sighting (organisation, checked_at, milliseconds, fault, seen_at, unseen_since)
                    VALUES (?, ?, ?, ?, ?, ?)
                    ON CONFLICT (organisation) DO UPDATE SET checked_at = excluded.checked_at,
                        milliseconds = excluded.milliseconds, fault = excluded.fault,
                        seen_at = coalesce(excluded.seen_at, seen_at),
                        unseen_since = CASE WHEN excluded.unseen_since IS NULL THEN NULL
                            ELSE coalesce(unseen_since, excluded.unseen_since) END
                    """, arguments: values)
        }
    }

    /// By organisation.
    func sightings() async throws -> [String: PeerSighting] {
        try await store.read { db in
            let rows = try Row.fetchAll(db, sql: "SELECT * FROM node_peer_sighting")
            return Dictionary(
                rows.map { row in
                    (
                        row["organisation"] as String,
                        PeerSighting(
                            checkedAt: row["checked_at"], milliseconds: row["milliseconds"],
                            fault: (row["fault"] as String?).flatMap(ExchangeError.Code.init),
                            seenAt: row["seen_at"], unseenSince: row["unseen_since"])
                    )
                }
            ) { first, _ in first }
        }
    }
}
