import Core
import Foundation
import Testing

@testable import Policy

/// Everything that can have happened to an agreement, and what it permits then.
@Suite struct AgreementStateTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let name: String
        var signed = ["QWE", "RJ1", "RYJ"]
        var revoked: [String] = []
        var suspended: [String] = []
        var day = "2026-12-01"
        let expected: AgreementState
        var words: String?
        var testDescription: String { name }
    }

    static let cases = [
        Case(name: "all signed", expected: .inForce), Case(name: "nobody signed", signed: [], expected: .draft),
        Case(name: "only the requester signed", signed: ["QWE"], expected: .partlySigned),
        Case(name: "another controller has not signed", signed: ["QWE", "RJ1"], expected: .partlySigned),
        Case(name: "the requester has not signed", signed: ["RJ1", "RYJ"], expected: .partlySigned),
        Case(name: "strangers signed", signed: ["RAX"], expected: .draft),
        Case(name: "the day before", day: "2026-10-31", expected: .notYetInForce),
        Case(name: "the first day", day: "2026-11-01", expected: .inForce),
        Case(name: "the day after", day: "2027-11-01", expected: .expired),
        Case(name: "the day of the review", day: "2027-06-01", expected: .inForce),
        Case(
            name: "the review is overdue", day: "2027-06-02", expected: .suspended,
            words: "suspended (its review was due on 2027-06-01)"),
        Case(
            name: "CAG's review is overdue", day: "2027-04-02", expected: .suspended,
            words: "suspended (CAG's annual review was due on 2027-04-01)"),
        Case(name: "suspended here", suspended: ["RJ1"], expected: .suspended, words: "suspended"),
        Case(name: "suspended by the requester", suspended: ["QWE"], expected: .suspended),
        Case(name: "suspended by another controller", suspended: ["RYJ"], expected: .inForce),
        Case(name: "revoked here", revoked: ["RJ1"], expected: .revoked),
        Case(name: "revoked by the requester", revoked: ["QWE"], expected: .revoked),
        Case(name: "revoked by another controller", revoked: ["RYJ"], expected: .inForce),
        Case(name: "revoked and suspended", revoked: ["RJ1"], suspended: ["RJ1"], expected: .revoked),
        Case(name: "revoked, half signed", signed: ["QWE"], revoked: ["RJ1"], expected: .revoked),
        Case(name: "suspended, half signed", signed: ["QWE"], suspended: ["RJ1"], expected: .partlySigned),
        Case(name: "suspended, expired", suspended: ["RJ1"], day: "2028-01-01", expected: .expired),
    ]

    @Test(arguments: cases)
    func stateAndWords(_ example: Case) throws {
        let record = try record(example)
        let controller = try #require(OrganisationCode("RJ1"))
        let day = try #require(CivilDate(example.day))
        #expect(record.state(for: controller, on: day) == example.expected)
        #expect(record.stateInWords(for: controller, on: day) == example.words ?? example.expected.rawValue)
    }

    /// Only one of all these lets anything through the shipped policies.
    @Test(arguments: cases)
    func onlyOneInForcePermits(_ example: Case) throws {
        let engine = try PolicyEngine(directory: PolicyCasesTests.directory)
        let day = try #require(CivilDate(example.day))
        for action in [AccessAction.aggregate, .link] {
            let decision = engine.decide(
                AccessRequest(
                    requester: try #require(OrganisationCode("QWE")),
                    controller: try #require(OrganisationCode("RJ1")), user: "u-1", roles: [.analyst],
                    action: action,
                    agreement: try record(example), statedPurpose: nil, columns: ["patient.sex"], codelists: [],
                    isSynthetic: false,
                    now: Date(timeIntervalSince1970: Double(day.days) * 86_400 + 43_200)))
            #expect(decision.isPermit == (example.expected == .inForce), "\(decision.reason)")
            if example.expected != .inForce {
                #expect(decision.determining.contains("agreement-not-in-force"))
                #expect(decision.reason.contains(example.words ?? example.expected.rawValue))
            }
        }
    }

    private func record(_ example: Case) throws -> AgreementRecord {
        var text = AgreementSchemaTests.whole
        if example.name.hasPrefix("CAG") {
            text = text.replacing("cagReviewDue: 2027-11-01", with: "cagReviewDue: 2027-04-01")
        }
        func codes(_ names: [String]) -> Set<OrganisationCode> { Set(names.compactMap(OrganisationCode.init)) }
        return AgreementRecord(
            agreement: try Agreement(yaml: text), signers: codes(example.signed),
            revokedBy: codes(example.revoked), suspendedBy: codes(example.suspended))
    }
}
