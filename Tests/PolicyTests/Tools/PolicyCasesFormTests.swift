import Foundation
import Testing

@testable import Policy

/// What a file of cases says when it cannot be read, and when a case fails.
@Suite struct PolicyCasesFormTests {
    static let head = """
        agreement:
          id: a
          version: 1
          title: T
          requester: QWE
          controllers: [RJ1]
          purpose: planning
          legalContext: { article6: e, article9: h, gateway: s251Reg5, references: { cag: 26/CAG/0001 } }
          actions: [aggregate]
          datasets: { patient: [sex] }
          releaseForm: site
          disclosureProfile: concordat
          honour: []
          validFrom: 2026-01-01
          validUntil: 2026-12-31
          approvers: []
        request: { requester: QWE, controller: RJ1, action: aggregate, columns: [patient.sex], today: 2026-06-01 }
        cases:

        """

    @Test(arguments: [
        (
            "  - { name: a, decision: permit, determining: [], reson: x }",
            "x.cases.yaml: 19: case 'a': 'reson' is not a field; did you mean 'reason'?"
        ),
        (
            "  - { name: a, request: { purpse: x }, decision: permit, determining: [] }",
            "x.cases.yaml: 19: case 'a': 'purpse' is not a field of request; did you mean 'purpose'?"
        ),
        (
            "  - { name: a, decision: maybe, determining: [] }",
            "x.cases.yaml: 19: case 'a': decision cannot be read: not one of the values allowed here"
        ),
        ("  - { name: a, decision: permit }", "x.cases.yaml: 19: case 'a': determining is missing"),
        (
            "  - { name: a, agreement: { gateway: open }, decision: permit, determining: [] }",
            "x.cases.yaml: 19: case 'a': legalContext.gateway: cannot be read: not one of the values allowed here"
        ),
        ("  - [", "x.cases.yaml: not YAML: line 20, column 1: did not find expected node content"),
    ])
    func whatIsWrongIsSaidWithItsPlace(cases: String, expected: String) {
        let fault = #expect(throws: PolicyFault.self) {
            try PolicyCases(yaml: Self.head + cases + "\n", file: "x.cases.yaml")
        }
        #expect(fault?.description == expected)
    }

    @Test func aFailedCaseSaysInWhatItDiffers() throws {
        let engine = try PolicyEngine(directory: PolicyCasesTests.directory)
        let text = Self.head + "  - { name: a, decision: refuse, determining: [none] }\n"
        let results = try PolicyCases(yaml: text, file: "x.cases.yaml").results(engine)
        let result = try #require(results.first)
        #expect(!result.passed)
        #expect(result.line == 19)
        #expect(result.differences.first == .init(field: "decision", expected: "refuse", got: "permit"))
        #expect(result.differences.map(\.field).contains("determining"))
    }
}
