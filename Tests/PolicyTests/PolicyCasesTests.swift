import Core
import Foundation
import Testing
import Yams

@testable import Policy

/// Runs every `Policies/*.cases.yaml` against the shipped policies.
@Suite struct PolicyCasesTests {
    struct File: Decodable {
        struct Request: Decodable {
            let requester: OrganisationCode?
            let controller: OrganisationCode?
            let roles: Set<UserRole>?
            let action: AccessAction?
            let purpose: Purpose?
            let columns: Set<String>?
            let synthetic: Bool?
            let today: CivilDate?
        }

        /// What a case changes in the agreement above it.
        struct Change: Decodable {
            let unknown: Bool?
            let signers: Set<OrganisationCode>?
            let revokedBy: Set<OrganisationCode>?
            let purpose: String?
            let actions: [String]?
            let gateway: String?
            let cagReviewDue: String?
            let disclosureProfile: String?
            let honour: [String]?
        }

        struct Case: Decodable {
            let name: String
            let agreement: Change?
            let request: Request?
            let decision: Decision.Outcome
            let determining: [String]
            let reason: String?
            let minimumPeople: Int?
            let profiles: Set<String>?
            let honour: Set<OptOutScheme>?
        }

        let agreement: Agreement
        let request: Request
        let cases: [Case]
    }

    static let directory = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../../Policies").standardizedFileURL

    static let files = ((try? FileManager.default.contentsOfDirectory(atPath: directory.path)) ?? [])
        .filter { $0.hasSuffix(".cases.yaml") }.sorted()

    @Test func everyPolicyFileHasCases() throws {
        let names = try FileManager.default.contentsOfDirectory(atPath: Self.directory.path)
        let policies = names.filter { $0.hasSuffix(".cedar") }.map { $0.replacing(".cedar", with: "") }
        #expect(policies.sorted() == Self.files.map { $0.replacing(".cases.yaml", with: "") })
    }

    @Test(arguments: files)
    func cases(name: String) throws {
        let engine = try PolicyEngine(directory: Self.directory)
        let text = try String(contentsOf: Self.directory.appending(path: name), encoding: .utf8)
        let file = try YAMLDecoder().decode(File.self, from: text)
        for test in file.cases {
            let decision = engine.decide(try request(test, file))
            #expect(decision.outcome == test.decision, "\(test.name): \(decision.reason)")
            #expect(decision.determining == test.determining, "\(test.name)")
            if let reason = test.reason { #expect(decision.reason == reason, "\(test.name)") }
            #expect(decision.obligations.minimumPeople == test.minimumPeople, "\(test.name)")
            #expect(decision.obligations.profiles == test.profiles ?? [], "\(test.name)")
            #expect(decision.obligations.honour == test.honour ?? [], "\(test.name)")
        }
    }

    private func request(_ test: File.Case, _ file: File) throws -> AccessRequest {
        let (base, own) = (file.request, test.request)
        let day = try #require(own?.today ?? base.today)
        return AccessRequest(
            requester: try #require(own?.requester ?? base.requester),
            controller: try #require(own?.controller ?? base.controller), user: "u-7f3a",
            roles: own?.roles ?? base.roles ?? [.analyst],
            action: try #require(own?.action ?? base.action),
            agreement: test.agreement?.unknown == true ? nil : try record(test.agreement, file.agreement),
            statedPurpose: own?.purpose ?? base.purpose, columns: own?.columns ?? base.columns ?? [],
            codelists: [], isSynthetic: own?.synthetic ?? base.synthetic ?? false,
            now: Date(timeIntervalSince1970: Double(day.days) * 86_400 + 3600))
    }

    private func record(_ change: File.Change?, _ agreement: Agreement) throws -> AgreementRecord {
        let json = try JSONSerialization.jsonObject(with: try agreement.canonicalJSON())
        var fields = try #require(json as? [String: Any])
        var legal = try #require(fields["legalContext"] as? [String: Any])
        var references = legal["references"] as? [String: Any] ?? [:]
        if let purpose = change?.purpose { fields["purpose"] = purpose }
        if let actions = change?.actions { fields["actions"] = actions }
        if let profile = change?.disclosureProfile { fields["disclosureProfile"] = profile }
        if let honour = change?.honour { fields["honour"] = honour }
        if let gateway = change?.gateway { legal["gateway"] = gateway }
        if let due = change?.cagReviewDue { references["cagReviewDue"] = due }
        legal["references"] = references
        fields["legalContext"] = legal
        let data = try JSONSerialization.data(withJSONObject: fields)
        // Not validated: policies must hold whatever agreement reached the node.
        let changed = try JSONDecoder().decode(Agreement.self, from: data)
        return AgreementRecord(
            agreement: changed, signers: change?.signers ?? changed.parties,
            revokedBy: change?.revokedBy ?? [])
    }
}
