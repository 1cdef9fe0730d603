import Audit
import Core
import Exchange
import Foundation
import GRDB
import Store
import Testing

@testable import Node

extension AgreementSuite {
    /// Questions that are being answered when their agreement is halted.
    @Suite struct UnderWayTests {
        @Test func aRunningQuestionIsCancelledAndNothingLeaves() async throws {
            let nodes = try AgreementFederation()
            try await nodes.federation.agree(.init(id: "u-running", controllers: [AgreementSuite.first]))
            let (first, requester) = (try nodes.first, try nodes.requester)
            let question = try await QuestionByHand(DoorSuite.count, under: "u-running", at: requester)
            let log = try LogWatch(first)
            // Every place at the gate is taken, so that the question is under way and cannot end.
            let holding = try await GateHolder.fill(
                first.gate, width: first.configuration.maximumConcurrentQueries)
            async let answer = question.ask(first, from: requester)
            try await waitUntilCharged("u-running", at: first)
            try await first.run(.revokeAgreement(id: "u-running", reason: "at once"))
            let result = try await answer.body
            holding.release()
            #expect(result.outcome == .refused)
            #expect(result.refusal?.rule == "agreement-not-in-force")
            #expect(result.releases == [])
            #expect(try log.kinds.filter { $0 == .release } == [])
            #expect(try log.records.contains { $0.details["rule"] == "agreement-not-in-force" })
        }

        /// The message that was answered before gives its answer again only while the agreement is in force.
        @Test func whatWasAnsweredBeforeIsNotGivenAgain() async throws {
            let nodes = try AgreementFederation()
            try await nodes.federation.agree(.init(id: "u-again", controllers: [AgreementSuite.first]))
            let (first, requester) = (try nodes.first, try nodes.requester)
            let question = try await QuestionByHand(DoorSuite.count, under: "u-again", at: requester)
            let sealed = try question.sealed(to: first, signedBy: requester.keys)
            let door = FederationDoor(context: first, peer: requester.organisation)
            let answer = try await door.handle(sealed.bytes)
            #expect(try await door.handle(sealed.bytes) == answer)
            try await first.run(.revokeAgreement(id: "u-again", reason: "at once"))
            try await refusalCode(of: sealed.bytes, at: first)
        }

        private func waitUntilCharged(_ agreement: String, at node: NodeContext) async throws {
            for _ in 0..<2_000 {
                let charged = try await node.store.read { db in
                    try Int.fetchOne(
                        db, sql: "SELECT count(*) FROM release_charge WHERE agreement = ?",
                        arguments: [agreement]) ?? 0
                }
                if charged > 0 { return }
                try await Task.sleep(for: .milliseconds(5))
            }
            throw TestFailure(description: "the question was never charged")
        }
    }
}

/// Keeps all places at a gate until told to let go.
struct GateHolder {
    private let tasks: [Task<Void, any Error>]

    static func fill(_ gate: Gate, width: Int) async throws -> GateHolder {
        let (entered, enter) = AsyncStream.makeStream(of: Void.self)
        let tasks = (0..<width).map { _ in
            Task {
                try await gate.pass {
                    enter.yield()
                    try? await Task.sleep(for: .seconds(120))
                }
            }
        }
        var inside = 0
        for await _ in entered {
            inside += 1
            if inside == width { break }
        }
        return GateHolder(tasks: tasks)
    }

    func release() { for task in tasks { task.cancel() } }
}
