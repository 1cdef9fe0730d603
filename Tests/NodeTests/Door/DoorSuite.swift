import Core
import Exchange
import Store
import Testing

@testable import Node

/// One federation for every suite about what comes through the door: a requester, two controllers with
/// synthetic people, one whose data are stamped real, and a linker.
@Suite(.serialized, .doorFederation)
struct DoorSuite {
    static let first = NodeFederation.organisation("RJ1")
    static let second = NodeFederation.organisation("RYJ")
    static let real = NodeFederation.organisation("RAX")
    static let count = "SELECT count(*) AS n FROM patient"
}

/// What the suites of `DoorSuite` start from.
struct Door: Sendable {
    @TaskLocal static var current: NodeFederation?

    let federation: NodeFederation
    let requester: NodeContext
    let first: NodeContext
    let second: NodeContext
    let real: NodeContext
    let linker: NodeContext

    init() throws {
        federation = try TestFailure.unwrap(Self.current, "the suite lacks .doorFederation")
        requester = try federation.node(NodeFederation.requester)
        first = try federation.node(DoorSuite.first)
        second = try federation.node(DoorSuite.second)
        real = try federation.node(DoorSuite.real)
        linker = try federation.node(NodeFederation.linker)
    }

    func question(
        _ sql: String = DoorSuite.count, under agreement: String = "linked"
    ) async throws -> QuestionByHand {
        try await QuestionByHand(sql, under: agreement, at: requester)
    }
}

/// Makes the federation of `DoorSuite`, once for all of its suites.
struct DoorFederationTrait: SuiteTrait, TestScoping {
    func provideScope(
        for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void
    ) async throws {
        try await withTemporaryDirectory { root in
            let (first, second, real) = (DoorSuite.first, DoorSuite.second, DoorSuite.real)
            try await NodeFederation.with(
                root: root,
                members: [
                    .init(organisation: NodeFederation.requester, role: .requester),
                    .init(organisation: first, role: .controller),
                    .init(organisation: second, role: .controller),
                    .init(organisation: real, role: .controller, synthetic: false),
                    .init(organisation: NodeFederation.linker, role: .linker),
                ]
            ) { federation in
                let both = [first, second]
                try await federation.agree(
                    .init(id: "linked", controllers: both, linker: NodeFederation.linker))
                try await federation.agree(.init(id: "other", controllers: [first]))
                try await federation.agree(.init(id: "revoked", controllers: [first]))
                try await federation.agree(.init(id: "expired", controllers: [first], from: -30, until: -1))
                try await federation.agree(.init(id: "planning", controllers: [real], profile: "concordat"))
                try await federation.agree(.init(id: "bare", controllers: [real]))
                try await federation.fill([first, second, real], patients: 600, seed: 7)
                try await Door.$current.withValue(federation) { try await function() }
            }
        }
    }
}

extension Trait where Self == DoorFederationTrait {
    static var doorFederation: Self { Self() }
}
