import Testing

@testable import Policy

/// Cases and what they have tried.
@Suite struct PolicyTestRunTests {
    private static let policies = """
        @id("planning") permit (principal, action, resource)
        when { context has purpose && context.purpose in Purpose::"planning" };
        @id("real") @reason("real") forbid (principal, action, resource) unless { context.isSynthetic };
        """

    private static func cases(_ list: String) -> String {
        PolicyCasesFormTests.head + list.split(separator: "\n").map { "  \($0)" }.joined(separator: "\n")
            + "\n"
    }

    @Test func coverageSaysWhatNoCaseHasTried() throws {
        let files = try PolicyFolderFixture.with(
            Self.policies,
            cases: Self.cases(
                "- { name: a, request: { synthetic: true }, decision: permit, determining: [planning], profiles: [concordat], honour: [national-data-opt-out, objection] }"
            ))
        let run = try PolicyTestRun(files)
        let coverage = run.coverage
        #expect(coverage.policies == 2)
        #expect(coverage.coveredPolicies == 1)
        #expect(coverage.clauses == 3)
        #expect(coverage.coveredClauses == 0)
        #expect(
            coverage.gaps.map { "\($0.line):\($0.column) \($0.policy) [\($0.clause)] \($0.missing)" } == [
                "1:17 planning [context has purpose] never false".replacing("1:17", with: "2:8"),
                "2:31 planning [context.purpose in Purpose::\"planning\"] never false",
                "3:29 real [] no case is refused by it",
                "3:75 real [context.isSynthetic] never false",
            ])
    }

    @Test func whatIsTriedBothWaysIsCovered() throws {
        let files = try PolicyFolderFixture.with(
            Self.policies,
            cases: Self.cases(
                """
                - { name: a, request: { synthetic: true }, decision: permit, determining: [planning] }
                - { name: b, decision: refuse, determining: [real] }
                - { name: c, request: { synthetic: true, purpose: research }, decision: refuse, determining: [] }
                """))
        let coverage = try PolicyTestRun(files).coverage
        #expect((coverage.coveredPolicies, coverage.coveredClauses) == (2, 2))
        #expect(coverage.gaps.map(\.clause) == ["context has purpose"])
        #expect(coverage.percent == 80)
    }

    @Test func aFolderWithoutCasesIsAnError() throws {
        let files = try PolicyFolderFixture.with(Self.policies)
        let fault = #expect(throws: PolicyFault.self) { try PolicyTestRun(files) }
        #expect(fault?.message.hasPrefix("the folder holds no cases") == true)
    }

    @Test func theShippedCasesPass() throws {
        let run = try PolicyTestRun(try PolicyFolderFixture.shipped())
        #expect(run.failed.map(\.name) == [])
        #expect(run.results.count > 50)
    }
}
