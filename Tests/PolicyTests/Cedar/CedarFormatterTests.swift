import Foundation
import Testing

@testable import Policy

@Suite struct CedarFormatterTests {
    @Test(arguments: [
        ("permit(principal,action,resource);", "permit (principal, action, resource);\n"),
        (
            "// why\n@id(\"a\")@b permit(principal==U::\"x\",action in[Action::\"a\",Action::\"b\"],resource is R in ?resource)when{1+2*3==(4-5)-6&&!(a:1}.a==1)}unless{true};// end"
                .replacing("!(a:1}", with: "!({a:1}"),
            """
            // why
            @id("a")
            @b
            permit (principal == U::"x", action in [Action::"a", Action::"b"], resource is R in ?resource)
            when { 1 + 2 * 3 == 4 - 5 - 6 && !({ a: 1 }.a == 1) }
            unless { true };

            // end

            """
        ),
        (
            "permit(principal,action,resource) when { context[\"a b\"] has \"x y\" && context has a.b && \"x\\ny\" like \"\\**\" && (-5).a == -(5) };",
            "permit (principal, action, resource)\nwhen { context[\"a b\"] has \"x y\" && context has a.b && \"x\\ny\" like \"\\**\" && (-5).a == -(5) };\n"
        ),
    ])
    func layout(text: String, expected: String) throws {
        #expect(try CedarFormatter.format(text) == expected)
    }

    @Test func longConditionsAreBroken() throws {
        let part = "principal.attribute_with_a_long_name == \"a value that is long too\""
        let text = "permit(principal, action, resource) when { \(part) && (\(part) || \(part)) };"
        #expect(
            try CedarFormatter.format(text) == """
                permit (principal, action, resource)
                when {
                    \(part) &&
                    (
                        \(part) ||
                        \(part)
                    )
                };

                """)
    }

    /// The shipped policies are formatted to something that means the same and is stable.
    @Test(arguments: ["baseline.cedar", "planning.cedar"])
    func formattingTwiceChangesNothing(name: String) throws {
        let file = PolicyCasesTests.directory.appending(path: name)
        let text = try String(contentsOf: file, encoding: .utf8)
        let once = try CedarFormatter.format(text)
        #expect(try CedarFormatter.format(once) == once)
        let (before, after) = (try CedarParser.policies(in: text), try CedarParser.policies(in: once))
        for (a, b) in zip(before, after) {
            #expect(a.id == b.id)
            #expect(a.principal == b.principal)
            #expect(
                a.conditions.map { CedarPrinter.text($0.body) }
                    == b.conditions.map { CedarPrinter.text($0.body) })
        }
        #expect(before.count == after.count)
        let comments = try CedarLexer.read(text).comments.count
        #expect(try CedarLexer.read(once).comments.count == comments)
    }
}
