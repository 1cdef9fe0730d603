import Core
import Foundation
import Testing

@testable import Policy

/// What CAG set aside is not demanded by law; a policy may still ask for it.
@Suite struct AgreementExemptionTests {
    @Test(arguments: [true, false])
    func onlyAnExemptedFlowIsFreeOfTheNationalDataOptOut(isExempt: Bool) throws {
        let text = AgreementSchemaTests.whole.replacing(
            isExempt ? "\u{0}" : "  nationalDataOptOut: { reason: CAG advised so, cagFlow: Flow 2 }\n",
            with: "")
        let agreement = try Agreement(yaml: text)
        let directory = FileManager.default.temporaryDirectory.appending(
            path: "policies-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        for name in ["purposes.yaml", "opt-outs.yaml"] {
            try FileManager.default.copyItem(
                at: PolicyCasesTests.directory.appending(path: name), to: directory.appending(path: name))
        }
        try "@id(\"open\") permit (principal, action, resource);".write(
            to: directory.appending(path: "own.cedar"), atomically: true, encoding: .utf8)
        let day = try #require(CivilDate("2026-12-01"))
        let decision = try PolicyEngine(directory: directory).decide(
            AccessRequest(
                requester: try #require(OrganisationCode("QWE")),
                controller: try #require(OrganisationCode("RJ1")), user: "u", roles: [.analyst],
                action: .aggregate,
                agreement: AgreementRecord(agreement: agreement, signers: agreement.parties),
                statedPurpose: nil, columns: ["patient.sex"], codelists: [], isSynthetic: false,
                now: Date(timeIntervalSince1970: Double(day.days) * 86_400)))
        #expect(decision.isPermit)
        #expect(decision.obligations.honour.contains(.nationalDataOptOut) == !isExempt)
        #expect(decision.obligations.honour.contains(.type1))
    }
}
