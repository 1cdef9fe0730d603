import Foundation
import Testing

@testable import Policy

/// Combinations of permits whose profiles have no join are refused when they are loaded.
@Suite struct ProfileLatticeTests {
    /// Profiles `round-N`; two roundings hold together where one is a multiple of the other.
    private static let roundings = ProfileLattice(
        isKnown: { $0.hasPrefix("round-") },
        conflict: { names in
            let bases = names.compactMap { Int($0.dropFirst("round-".count)) }.sorted()
            let fits = zip(bases, bases.dropFirst()).allSatisfy { $1 % $0 == 0 }
            return fits ? nil : "no join for rounding to \(bases.map(String.init).joined(separator: " and "))"
        })

    private func load(_ texts: [String: String]) throws -> PolicyEngine {
        let shipped = try PolicyFiles(directory: PolicyCasesTests.directory)
        var all = texts
        for name in ["purposes.yaml", "opt-outs.yaml"] { all[name] = shipped.texts[name] }
        return try PolicyEngine(files: PolicyFiles(name: "own", texts: all), profiles: Self.roundings)
    }

    @Test(arguments: [
        (
            "@id(\"a\")\n  @profile(\"rouned-5\") permit (principal, action, resource);",
            "a.cedar: 2:3: the disclosure profile 'rouned-5' is not known"
        ),
        (
            "@id(\"a\") @profile(\"round-5, round-7\") permit (principal, action, resource);",
            "a.cedar: 1:10: no join for rounding to 5 and 7"
        ),
        (
            "@id(\"a\") @profile(\"round-5\") permit (principal, action == Action::\"aggregate\", resource);\n"
                + "@id(\"b\") @profile(\"round-7\") permit (principal, action in Action::\"useOfData\", resource);",
            "a.cedar: 2:10: no join for rounding to 5 and 7; the policy 'a' (a.cedar: 1:10) may apply to the same "
                + "question"
        ),
    ])
    func whatHasNoJoinIsRefusedWithItsPlace(policies: String, expected: String) {
        let fault = #expect(throws: PolicyFault.self) { try load(["a.cedar": policies]) }
        #expect(fault?.description == expected)
    }

    @Test func filesAreLookedAtTogether() {
        let permit = { (id: String, base: Int) in
            "@id(\"\(id)\") @profile(\"round-\(base)\") permit (principal, action, resource);"
        }
        let fault = #expect(throws: PolicyFault.self) {
            try load(["a.cedar": permit("a", 5), "b.cedar": permit("b", 10), "c.cedar": permit("c", 8)])
        }
        #expect(fault?.file == "c.cedar")
    }

    @Test(arguments: [
        "permit (principal, action == Action::\"extract\", resource);",
        "permit (principal, action == Action::\"aggregate\", resource == Controller::\"RYJ\");",
    ])
    func permitsThatNeverMeetMayDiffer(other: String) throws {
        let engine = try load([
            "a.cedar": """
            @id("a") @profile("round-5")
            permit (principal, action == Action::"aggregate", resource == Controller::"RJ1");
            @id("b") @profile("round-7") \(other)
            """
        ])
        #expect(engine.policies.policies.count == 2)
    }
}
