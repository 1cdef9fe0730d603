import Foundation
import Store
import Synchronization
import TestSupport

@testable import Node

/// A controller and a Bulk Data server that knows its key.
struct BulkSite: Sendable {
    let node: NodeContext
    let server: BulkServer
    let waits = Waits()

    /// Waits that were asked for: none of them is waited.
    final class Waits: Sendable {
        /// Stands for the process being killed.
        struct Killed: Error {}

        private let state = Mutex<(all: [Duration], kill: Int?, body: (@Sendable () -> Void)?)>(
            ([], nil, nil))

        var all: [Duration] { state.withLock { $0.all } }

        func forget() { state.withLock { $0.all = [] } }

        /// The process ends in the place of the given wait.
        func kill(at number: Int?) { state.withLock { $0.kill = number } }

        /// What happens during each wait.
        func during(_ body: (@Sendable () -> Void)?) { state.withLock { $0.body = body } }

        func wait(_ duration: Duration) async throws {
            let (isKilled, body) = state.withLock { state in
                state.all.append(duration)
                return (state.kill == state.all.count, state.body)
            }
            if isKilled { throw Killed() }
            body?()
            try Task.checkCancellation()
        }
    }

    static let clientID = BulkScript().clientID

    static func with(
        _ script: BulkScript, algorithm: ClientKey.Algorithm = .es384, _ body: (BulkSite) async throws -> Void
    ) async throws {
        try await IngestSite.with(.duckdb) { node, _ in
            try await with(script, at: node, algorithm: algorithm, body)
        }
    }

    /// At a node of the caller's.
    static func with(
        _ script: BulkScript, at node: NodeContext, algorithm: ClientKey.Algorithm = .es384,
        _ body: (BulkSite) async throws -> Void
    ) async throws {
        let keyring = ClientKeyring.bulk(node.vault)
        if try keyring.keys().isEmpty {
            try keyring.add(ClientKey.generate(algorithm, at: "2026-11-20T00:00:00Z"))
        }
        var script = script
        script.keySet = try keyring.publicKeys()
        try await BulkServer.with(script) { server in try await body(BulkSite(node: node, server: server)) }
    }

    /// One person with a condition and a body mass index; one more without a number.
    static var script: BulkScript {
        var script = BulkScript()
        script.resources = [
            "Patient": [
                FHIRText.patient("p1", number: FHIRText.number(1)), FHIRText.patient("p2", sex: "male"),
            ],
            "Condition": [FHIRText.condition("c1", of: "p1"), FHIRText.condition("c2", of: "p2")],
            "Observation": [FHIRText.observation("o1", of: "p1", value: "31.5")],
        ]
        return script
    }

    func administration(patience: Duration? = nil) -> BulkAdministration {
        let waits = waits
        var pace = BulkPace()
        pace.sleep = { try await waits.wait($0) }
        return BulkAdministration(context: node, pace: pace)
    }

    func ingest(_ change: (inout BulkIngestCommand) -> Void = { _ in }) async throws -> IngestReport {
        var command = BulkIngestCommand(base: server.base, clientID: Self.clientID)
        change(&command)
        return try await administration().ingest(command) { _, _, _, _ in }
    }

    /// The code and the words of the error that an ingest ends with.
    func refusal(_ change: (inout BulkIngestCommand) -> Void = { _ in }) async -> BulkError? {
        do {
            _ = try await ingest(change)
            return nil
        } catch {
            return error as? BulkError
        }
    }

    /// The last kick-off as it came.
    func kickOff() async throws -> BulkRequest {
        try TestFailure.unwrap(await server.log.last { $0.path.hasSuffix("$export") }, "no kick-off")
    }

    /// States of all exports, as `bulk list` has them.
    func states() async throws -> [String] {
        guard case .listing(_, let rows) = try await administration().run(.list, progress: { _, _, _, _ in })
        else { return [] }
        return rows.map { $0[5] }
    }

    /// What lies in the home of exports: paths below its folder.
    func files() -> [String] {
        let root = node.home.layout.bulkDirectory
        return (FileManager.default.enumerator(atPath: root)?.compactMap { $0 as? String } ?? []).sorted()
    }
}
