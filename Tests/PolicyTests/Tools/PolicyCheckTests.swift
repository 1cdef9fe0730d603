import Core
import Testing

@testable import Policy

/// What `policy check` finds, where, and what it says to do.
@Suite struct PolicyCheckTests {
    private func findings(_ policies: String, bound: Int = 600) throws -> [PolicyFinding] {
        let today = try #require(CivilDate("2026-06-01"))
        return PolicyCheck.findings(
            in: try PolicyFolderFixture.with(policies), names: PolicyFolderFixture.names, today: today,
            bound: bound)
    }

    /// Place, severity, kind and message.
    private func lines(_ policies: String) throws -> [String] {
        try findings(policies).map {
            "\($0.place): \($0.severity.rawValue): \($0.kind.rawValue): \($0.message)"
        }
    }

    private static let good =
        "@id(\"all\") @valid_until(\"2027-01-01\")\npermit (principal, action, resource);\n"

    @Test func aGoodFolderHasNoFindings() throws {
        #expect(try lines(Self.good) == [])
    }

    @Test func theShippedPoliciesHaveNoErrors() throws {
        let today = try #require(CivilDate("2026-06-01"))
        let files = try PolicyFolderFixture.shipped()
        let found = PolicyCheck.findings(
            in: files, names: PolicyFolderFixture.names, today: today, bound: 4000)
        #expect(found.filter { $0.severity == .error } == [])
        #expect(found.filter { $0.kind == .shadowed } == [])
    }

    @Test func allFaultsAreFoundNotOnlyTheFirst() throws {
        let text = """
            @id("a") @valid_until("2027-01-01")
            permit (principal, action, resource) when { context.purpose in };
            @id("b") @valid_until("2027-01-01")
            permit (principal, action, resource);
            @id("c")
            forbid (principal, action);
            """
        #expect(
            try lines(text) == [
                "own.cedar:2:64: error: syntax: expected an expression",
                "own.cedar:6:26: error: syntax: expected ','",
            ])
    }

    @Test func annotationsAreCheckedOneByOne() throws {
        let text = """
            @id("a") @minimum_poeple("10") @honour("nothing") @valid_until("2027-01-01")
            permit (principal, action, resource);
            """
        let found = try findings(text)
        #expect(
            found.map(\.message) == [
                "@minimum_poeple is not an annotation that is known",
                "@honour has a value that cannot be read",
            ])
        #expect(found.first?.remedy == "did you mean @minimum_people?")
        #expect(
            found.first?.source
                == #"@id("a") @minimum_poeple("10") @honour("nothing") @valid_until("2027-01-01")"#)
        #expect(found.first?.column == 10)
    }

    @Test func anIdentifierStandsOnce() throws {
        let found = try lines(Self.good + Self.good)
        #expect(
            found == [
                "own.cedar:3:1: error: duplicate-id: two policies are called 'all'; the other stands at own.cedar:1:1"
            ])
    }

    @Test func everyFaultOfTheSchemaIsFound() throws {
        let text = """
            @id("a") @valid_until("2027-01-01")
            permit (principal, action == Action::"aggregate", resource)
            when { context.isSyntetic && principal in Team::"x" };
            """
        let found = try findings(text).filter { $0.kind == .schema }
        #expect(
            found.map(\.message) == [
                "the record has no attribute 'isSyntetic'", "there is no entity type Team",
            ])
        #expect(found.map(\.line) == [3, 3])
    }

    @Test(arguments: [
        (
            "context has purpose && context.purpose in Purpose::\"planing\"",
            "'planing' is not a purpose that is known", "did you mean 'planning'?"
        ),
        (
            "context has legalContext && context.legalContext.gateway == \"s251Reg6\"",
            "'s251Reg6' is not a gateway that is known", "did you mean 's251Reg2'?"
        ),
        (
            "context has agreement && context.agreement.disclosureProfile == \"concordad\"",
            "'concordad' is not a disclosure profile that is known", "did you mean 'concordat'?"
        ),
        (
            "context.codelists.contains(Codelist::\"diabetis\")",
            "'diabetis' is not a codelist that is known", "did you mean 'diabetes'?"
        ),
        (
            "context.datasets.contains(Dataset::\"pateint\")", "'pateint' is not a dataset that is known",
            "did you mean 'patient'?"
        ),
        (
            "context.columns.contains(\"patient.sexx\")", "'patient.sexx' is not a column that is known",
            "did you mean 'patient.sex'?"
        ),
    ])
    func namesThatNobodyKnowsAreFound(condition: String, message: String, remedy: String) throws {
        let text = """
            @id("a") @valid_until("2027-01-01")
            permit (principal, action == Action::"aggregate", resource) when { \(condition) };
            """
        let found = try findings(text).filter { $0.kind == .unknownName }
        #expect(found.map(\.message) == [message])
        #expect(found.first?.remedy == remedy)
    }

    @Test func aPolicyThatCanNeverApplyIsFound() throws {
        let text = """
            @id("a") @valid_until("2027-01-01")
            permit (principal, action, resource) when { action == Action::"aggregate" && resource is User };
            """
        let found = try findings(text).filter { $0.kind == .unreachable }
        #expect(found.map(\.policy) == ["a"])
        #expect(found.map(\.severity) == [.error])
    }

    @Test func aPermitUnderAnUnconditionalForbidIsFound() throws {
        let text =
            Self.good + """
                @id("never") @reason("no")
                forbid (principal, action in [Action::"aggregate", Action::"link"], resource);
                @id("link") @valid_until("2027-01-01")
                permit (principal, action == Action::"link", resource);
                """
        let found = try findings(text).filter { $0.kind == .unreachable }
        #expect(found.map(\.policy) == ["link"])
        #expect(found.first?.message.contains("'never' forbids all of its requests") == true)
    }

    @Test func aPolicyThatAnotherCoversIsShadowed() throws {
        let narrow = """
            @id("narrow") @valid_until("2027-01-01")
            permit (principal, action == Action::"aggregate", resource) when { context.isSynthetic };
            """
        let found = try findings(Self.good + narrow).filter { $0.kind == .shadowed }
        #expect(found.map(\.policy) == ["narrow"])
        #expect(found.map(\.severity) == [.warning])
        // It asks for more: it makes a difference.
        let stricter = narrow.replacing("@id", with: "@minimum_people(\"20\") @id")
        #expect(try findings(Self.good + stricter).filter { $0.kind == .shadowed } == [])
    }

    @Test func aForbidThatMakesADifferenceIsNotShadowed() throws {
        let text =
            Self.good + """
                @id("one") @reason("no") forbid (principal, action == Action::"link", resource) when { context.isSynthetic };
                @id("two") @reason("no") forbid (principal, action == Action::"link", resource) unless { context.isSynthetic };
                """
        #expect(try findings(text).filter { $0.kind == .shadowed } == [])
    }

    @Test func permitsWithoutAnEndOrPastItAreWarnings() throws {
        let text = """
            @id("a") permit (principal, action == Action::"aggregate", resource);
            @id("b") @valid_until("2026-05-31") permit (principal, action == Action::"link", resource);
            """
        let found = try findings(text)
        #expect(found.map(\.kind) == [.noExpiry, .expired])
        #expect(found.allSatisfy { $0.severity == .warning })
    }
}
