import Audit
import Core
import Exchange
import Foundation
import GRDB
import Store
import Testing

@testable import Node
@testable import Policy

/// Policies change under a node that answers: a question ends under those it began with.
@Suite(.serialized) struct PolicySwapTests {
    private static let site = NodeFederation.organisation("RJ1")

    private struct Site {
        let node: NodeContext
        let requester: NodeContext
        let root: String

        func question(_ sql: String = "SELECT count(*) AS n FROM patient") async throws -> QuestionByHand {
            try await QuestionByHand(sql, under: "all", at: requester)
        }

        func ask(_ sql: String = "SELECT count(*) AS n FROM patient") async throws -> QueryResult {
            try await question(sql).ask(node, from: requester).body
        }

        func sign(_ folder: PolicyFolder, version: Int? = nil) async throws -> String {
            try await node.policyCommand(.sign(path: folder.path, version: version))
        }
    }

    private func withSite(_ body: (Site) async throws -> Void) async throws {
        try await withTemporaryDirectory { root in
            try await NodeFederation.with(
                root: root,
                members: [
                    .init(organisation: NodeFederation.requester, role: .requester),
                    .init(organisation: Self.site, role: .controller),
                ]
            ) { federation in
                try await federation.agree(.init(id: "all", controllers: [Self.site]))
                try await federation.fill([Self.site], patients: 40, seed: 3)
                try await body(
                    Site(
                        node: try federation.node(Self.site),
                        requester: try federation.node(NodeFederation.requester), root: root))
            }
        }
    }

    @Test func aQuestionUnderWayEndsUnderItsOwnPolicies() async throws {
        try await withSite { site in
            let folder = try PolicyFolder(at: site.root + "/mine", adding: PolicyFolder.closed("ours"))
            let bundle = try await site.sign(folder)
            let now = WireInstant(milliseconds: Clock.now)
            let enforcement = Enforcement(
                context: site.node, request: try await site.question().request,
                sender: NodeFederation.requester, now: now)
            let agreement = try await enforcement.agreement()
            let fragments = try enforcement.replan()
            let permit = try enforcement.decide(fragments, under: agreement)
            try await site.node.policyCommand(.load(document: bundle))
            let frame = try await enforcement.frame(permit)
            let control = try enforcement.control(permit, fragments)
            let outcome = try await enforcement.release(fragments, permit, frame, control, agreement)
            #expect(outcome.outcome == .answered)
            #expect(permit.note?.policyVersion.hasPrefix("shipped-") == true)
            let next = try await site.ask()
            #expect(next.outcome == .refused)
            #expect(next.refusal?.words == "closed by ours")
            #expect(next.evidence.policyVersion == "1")
            // A policy that refuses everything does not keep the controller from replacing it.
            try FileManager.default.removeItem(atPath: folder.path + "/own.cedar")
            try await site.node.policyCommand(.load(document: try await site.sign(folder)))
            let later = try await site.ask("SELECT sex, count(*) AS n FROM patient GROUP BY sex")
            #expect(later.outcome == .answered)
            #expect(later.evidence.policyVersion == "2")
        }
    }

    /// Loaded at once in any order: the newest is in force, and it never goes back.
    @Test func bundlesThatAreLoadedAtOnceNeverGoBack() async throws {
        try await withSite { site in
            let folder = try PolicyFolder(at: site.root + "/mine")
            var bundles: [String] = []
            for version in 1...6 {
                try folder.write(PolicyFolder.closed("v\(version)"))
                bundles.append(try await site.sign(folder, version: version))
            }
            await withTaskGroup(of: Void.self) { group in
                for bundle in bundles.shuffled() {
                    group.addTask { _ = try? await site.node.policyCommand(.load(document: bundle)) }
                }
            }
            let inForce = try site.node.policy.current()
            #expect(inForce.version == "6")
            #expect(inForce.engine.policies.policies.contains { $0.id == "v6" })
        }
    }

    @Test func withoutGoodPoliciesEveryQuestionIsRefused() async throws {
        try await withTemporaryDirectory { root in
            let keeper = try await emptyKeeper(root)
            #expect(throws: NodeError.self) { try keeper.current() }
            #expect(keeper.note.warnings.first?.hasPrefix("NO POLICIES ARE IN FORCE") == true)
        }
    }

    /// A home whose folder never was good.
    private func emptyKeeper(_ root: String) async throws -> PolicyKeeper {
        let folder = root + "/policies"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try "nothing".write(toFile: folder + "/own.cedar", atomically: true, encoding: .utf8)
        let store = try ControlStore(
            path: root + "/control.sqlite", migrations: ExchangeStore.migrations + PolicyRecords.migrations)
        let now = WireInstant(milliseconds: Clock.now)
        let keys = try NodeKeys.generate(organisation: Self.site, validFrom: now)
        let directory = try PeerDirectory(store: store, root: TrustRoot(threshold: 1, stewards: []))
        return try PolicyKeeper(
            records: PolicyRecords(store: store),
            signature: BundleSignature(organisation: Self.site, keys: keys, directory: directory),
            folder: URL(filePath: folder), folderOrigin: .folder)
    }

    /// The same, through the door: the refusal says why, and the log has it.
    @Test func aSiteWithoutPoliciesSaysSoInItsAnswer() async throws {
        try await withSite { site in
            let folder = try PolicyFolder(at: site.root + "/mine")
            try await site.node.policyCommand(.load(document: try await site.sign(folder)))
            #expect(try await site.ask().outcome == .answered)
            try await site.node.store.write { db in
                try db.execute(sql: "UPDATE policy_version SET document = x'00' WHERE number = 1")
            }
            try site.node.policy.start()
            let log = try LogWatch(site.node)
            let result = try await site.ask("SELECT sex, count(*) AS n FROM patient GROUP BY sex")
            #expect(result.outcome == .refused)
            #expect(result.refusal?.rule == "policy")
            #expect(result.refusal?.words == "RJ1 has no policies in force, and so permits nothing")
            #expect(result.evidence.policyVersion == nil)
            #expect(try log.records.map { $0.details["rule"] } == ["policy"])
            // Nor may anything be changed but the policies.
            await #expect(throws: TestFailure.self) { try await site.node.run(.publish) }
            try await site.node.policyCommand(.load(document: try await site.sign(folder)))
            #expect(
                try await site.ask("SELECT deceased, count(*) AS n FROM patient GROUP BY 1").outcome
                    == .answered)
        }
    }

    /// A list that only the bundle has would be without effect: it is refused, with the way to put it in force.
    @Test func aRestrictedListThatTheNodeDoesNotHoldIsRefused() async throws {
        try await withSite { site in
            let folder = try PolicyFolder(at: site.root + "/mine")
            let lists = folder.path + "/restricted"
            try FileManager.default.createDirectory(atPath: lists, withIntermediateDirectories: true)
            try "code,term\n1,One\n".write(toFile: lists + "/other@1.csv", atomically: true, encoding: .utf8)
            let bundle = try await site.sign(folder)
            await #expect(throws: TestFailure.self) {
                try await site.node.policyCommand(.load(document: bundle))
            }
            let why = try #require(site.node.policyNote().refused?.reason)
            #expect(why.hasPrefix("restricted/other@1.csv: this node holds no such list with that text"))
        }
    }

    /// A column that nobody has classified is refused, whatever the agreement says.
    @Test func anUnclassifiedColumnIsRefused() async throws {
        try await withSite { site in
            let folder = try PolicyFolder(at: site.root + "/mine")
            let path = folder.path + "/column-classes.yaml"
            let text = try String(contentsOfFile: path, encoding: .utf8)
            let without = text.split(separator: "\n", omittingEmptySubsequences: false)
                .filter { !$0.contains("ethnic_category") }.joined(separator: "\n")
            #expect(without != text)
            try without.write(toFile: path, atomically: true, encoding: .utf8)
            try await site.node.policyCommand(.load(document: try await site.sign(folder)))
            let refused = try await site.ask("SELECT count(*) AS n FROM patient WHERE ethnic_category = 'A'")
            #expect(refused.outcome == .refused)
            #expect(refused.refusal?.words.contains("patient.ethnic_category") == true)
            let answered = try await site.ask("SELECT count(*) AS n FROM patient WHERE sex = 'female'")
            #expect(answered.outcome == .answered)
        }
    }
}
