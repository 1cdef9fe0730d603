import Core
import Exchange
import Foundation
import Policy
import Store
import Synthesis

@testable import Node

/// Nodes of one federation in this process, each with a temporary home of its own; messages go by hand.
struct NodeFederation: Sendable {
    struct Member: Sendable {
        let organisation: OrganisationCode
        let role: NodeRole
        var synthetic = true
        var warehouse = WarehouseKind.duckdb
        /// Whether questions are run on columnar copies of a PostgreSQL warehouse.
        var hasSnapshots = false
        var requesterBudget: Int?
        /// Cedar policies of its own, beside the shipped ones.
        var policies: String?
    }

    /// What an agreement says beyond what all of them say.
    struct Terms: Sendable {
        let id: String
        let controllers: [OrganisationCode]
        var linker: OrganisationCode?
        var profile = "none"
        var purpose = "planning"
        var gateway = "s251Reg5"
        var honour: [String] = []
        var study: String?
        var from = 0
        var until = 365
        /// Columns by dataset; every column of every dataset if left out.
        var datasets: [String: [String]] = [:]
        var version = 1
        /// Further fields, as YAML.
        var more = ""
    }

    static let requester = organisation("QWE")
    static let linker = organisation("X26")

    /// For codes that are written in the tests.
    static func organisation(_ text: StaticString) -> OrganisationCode {
        guard let code = OrganisationCode("\(text)") else { preconditionFailure("not an ODS code") }
        return code
    }

    let root: String
    let nodes: [OrganisationCode: NodeContext]

    /// Makes the homes, a directory that all of them join, and nothing else.
    init(root: String, members: [Member]) async throws {
        self.root = root
        var openers: [OrganisationCode: NodeHome.Opener] = [:]
        for member in members {
            openers[member.organisation] = try await NodeHome.make(
                at: "\(root)/\(member.organisation)", member.organisation, roles: [member.role],
                synthetic: member.synthetic, warehouse: member.warehouse, hasSnapshots: member.hasSnapshots,
                requesterBudget: member.requesterBudget)
            if let policies = member.policies {
                try NodeHome.addPolicies(policies, to: "\(root)/\(member.organisation)")
            }
        }
        try await Self.join(openers)
        var nodes: [OrganisationCode: NodeContext] = [:]
        for (organisation, open) in openers { nodes[organisation] = try await open() }
        self.nodes = nodes
    }

    /// One command at a time, as the command line does it with nodes that are not serving.
    private static func join(_ openers: [OrganisationCode: NodeHome.Opener]) async throws {
        func run(_ command: NodeCommand, at organisation: OrganisationCode) async throws -> String {
            let open = try TestFailure.unwrap(openers[organisation], "no node of that organisation")
            let node = try await open()
            do {
                let reply = try await node.run(command)
                await node.close()
                return reply
            } catch {
                await node.close()
                throw error
            }
        }
        _ = try await run(.createFederation(name: "Tests"), at: requester)
        for member in openers.keys.sorted() {
            let card = try await run(.membershipCard, at: member)
            _ = try await run(.addMember(card: card), at: requester)
        }
        let directory = try await run(.signDirectory(validDays: 30), at: requester)
        for member in openers.keys.sorted() {
            _ = try await run(.joinFederation(directory: directory), at: member)
        }
    }

    func node(_ organisation: OrganisationCode) throws -> NodeContext {
        try TestFailure.unwrap(nodes[organisation], "no node of that organisation")
    }

    /// Takes an agreement round: drafted and signed by the requester, countersigned, imported by all.
    func agree(_ terms: Terms) async throws {
        var document = try await node(Self.requester).run(.draftAgreement(yaml: try yaml(terms)))
        for party in [Self.requester] + terms.controllers {
            document = try await node(party).run(.signAgreement(document: document))
        }
        for party in [Self.requester] + terms.controllers + [terms.linker].compactMap(\.self) {
            try await node(party).run(.importAgreement(document: document))
        }
    }

    func yaml(_ terms: Terms) throws -> String {
        func day(_ offset: Int) -> String {
            Civil.formatDate(Int(Clock.days(Clock.now)) + offset)
        }
        let named = try NodeHome.shared.datasetNames().map { ($0, terms.datasets[$0] ?? ["'*'"]) }
        let datasets = named.map { "  \($0): [\($1.joined(separator: ", "))]" }.joined(separator: "\n")
        return """
            id: \(terms.id)
            version: \(terms.version)
            title: For the tests
            requester: \(Self.requester)
            controllers: [\(terms.controllers.map(\.text).joined(separator: ", "))]
            purpose: \(terms.purpose)
            legalContext:
              article6: e
              article9: h
              gateway: \(terms.gateway)
              references: {cag: 26/CAG/0001, dpia: DPIA-1\(terms.study.map { ", study: \($0)" } ?? "")}
            actions: [aggregate\(terms.linker == nil ? "" : ", link")]
            datasets:
            \(datasets)
            releaseForm: site
            disclosureProfile: \(terms.profile)
            honour: [\(terms.honour.joined(separator: ", "))]
            validFrom: \(day(terms.from))
            validUntil: \(day(terms.until))
            approvers: []
            \(terms.linker.map { "linker: \($0)" } ?? "")
            \(terms.more)

            """
    }

    /// Synthesises people and takes each site's files in.
    func fill(
        _ sites: [OrganisationCode], patients: Int, seed: UInt64, overlap: Double = 0.2
    ) async throws {
        let directory = root + "/data"
        let parameters = try PopulationParameters(
            patients: patients, seed: seed, sites: sites.count, overlap: overlap)
        _ = try SynthesisRun(parameters, directory: directory, siteNames: sites.map(\.text)).write()
        for site in sites { _ = try await node(site).ingest(["\(directory)/\(site)"]) }
    }

    /// Makes a federation for the body; its nodes are closed however that ends.
    static func with(
        root: String, members: [Member], _ body: (NodeFederation) async throws -> Void
    ) async throws {
        let federation = try await NodeFederation(root: root, members: members)
        do {
            try await body(federation)
        } catch {
            await federation.close()
            throw error
        }
        await federation.close()
    }

    private func close() async {
        for node in nodes.values { await node.close() }
    }
}
