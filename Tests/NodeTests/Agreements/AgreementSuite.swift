import Core
import Exchange
import Foundation
import Store
import Testing

@testable import Node

/// One federation for every suite about what is done with agreements: a requester, two controllers, one more whose
/// data are stamped real, and a linker. Each test has agreements of its own.
@Suite(.serialized, .agreementFederation)
struct AgreementSuite {
    static let first = NodeFederation.organisation("RJ1")
    static let second = NodeFederation.organisation("RYJ")
    static let real = NodeFederation.organisation("RAX")
}

/// Makes the federation of `AgreementSuite`, once for all of its suites.
struct AgreementFederationTrait: SuiteTrait, TestScoping {
    func provideScope(
        for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void
    ) async throws {
        try await withTemporaryDirectory { root in
            let (first, second, real) = (AgreementSuite.first, AgreementSuite.second, AgreementSuite.real)
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
                try await federation.fill([first, second, real], patients: 900, seed: 11)
                try await AgreementFederation.$current.withValue(federation) { try await function() }
            }
        }
    }
}

extension Trait where Self == AgreementFederationTrait {
    static var agreementFederation: Self { Self() }
}

/// What the suites of `AgreementSuite` do with their nodes.
struct AgreementFederation {
    @TaskLocal static var current: NodeFederation?

    let federation: NodeFederation

    init() throws {
        federation = try TestFailure.unwrap(Self.current, "the suite lacks .agreementFederation")
    }

    var requester: NodeContext { get throws { try federation.node(NodeFederation.requester) } }
    var first: NodeContext { get throws { try federation.node(AgreementSuite.first) } }
    var second: NodeContext { get throws { try federation.node(AgreementSuite.second) } }
    var real: NodeContext { get throws { try federation.node(AgreementSuite.real) } }
    var linker: NodeContext { get throws { try federation.node(NodeFederation.linker) } }

    /// Takes notices that are due from one node to their recipients' doors, by hand.
    func deliverNotices(of node: NodeContext) async throws {
        let nodes = federation.nodes
        let sender = node.organisation
        let post = NoticePost(context: node) { recipient, bytes in
            let door = FederationDoor(
                context: try TestFailure.unwrap(nodes[recipient], "no such node"), peer: sender)
            return try await door.handle(bytes)
        }
        // After the failed attempt over a network that is not there.
        try await post.deliver(at: WireInstant(milliseconds: Clock.now + 120_000))
    }

    /// Asks one site by hand; the answer's body.
    func ask(
        _ sql: String = DoorSuite.count, under agreement: String, at site: NodeContext
    ) async throws -> QueryResult {
        let requester = try requester
        return try await QuestionByHand(sql, under: agreement, at: requester).ask(site, from: requester).body
    }

    /// Asks as an analyst does, at the requester's node: no site can be reached over the network.
    func sites(under agreement: String, require: Requirement = .all) async throws -> [SiteReceipt] {
        do {
            _ = try await Coordinator(context: try requester).ask(
                Question(
                    sql: DoorSuite.count, agreement: agreement, purpose: nil, require: require,
                    deadlineSeconds: 5, user: "tester"))
            throw TestFailure(description: "the question was answered")
        } catch let fault as QuestionFault {
            return fault.sites
        }
    }

    /// What a node's list says of one agreement.
    func listed(_ agreement: String, at node: NodeContext) async throws -> [String: String] {
        let rows = try await rows(.listAgreements, at: node)
        return try TestFailure.unwrap(rows.first { $0["id"] == agreement }, "not in the list")
    }

    /// Rows of a listing.
    func rows(_ command: NodeCommand, at node: NodeContext) async throws -> [[String: String]] {
        let reply = await CommandRunner(context: node, isServing: false).run(command) { _, _, _, _ in }
        guard case .listing(let columns, let rows) = reply else {
            throw TestFailure(description: "no listing: \(reply)")
        }
        return rows.map { Dictionary(zip(columns, $0)) { first, _ in first } }
    }
}
