import Testing

@testable import Policy

/// One condition and what it comes to: true, false, or the code of an error.
private struct Case: Sendable, CustomStringConvertible {
    let expression: String
    let expected: CedarFault.Code?
    let value: Bool

    init(_ expression: String, _ value: Bool) {
        (self.expression, self.value, expected) = (expression, value, nil)
    }

    init(_ expression: String, fails code: CedarFault.Code) {
        (self.expression, value, expected) = (expression, false, code)
    }

    var description: String { expression }
}

@Suite struct CedarEvaluatorTests {
    private static let cases = [
        Case("1 + 2 * 3 == 7", true), Case("-9223372036854775808 < 0", true), Case("- 3 == 0 - 3", true),
        Case("9223372036854775807 + 1 == 0", fails: .overflow),
        Case("1 == \"1\"", false), Case("1 < \"1\"", fails: .type), Case("!(1 != 1)", true),
        Case("true || (1 < \"a\")", true), Case("false && (1 < \"a\")", false),
        Case("(1 < \"a\") || true", fails: .type), Case("true && 1", fails: .type),
        Case("if 1 == 1 then true else (1 < \"a\")", true),
        Case("[1, 2, 2] == [2, 1]", true), Case("[1, 2].contains(2)", true),
        Case("[1, 2].containsAll([2, 1])", true), Case("[1].containsAny([2])", false),
        Case("[].isEmpty()", true), Case("{a: 1, \"b c\": [2]} has \"b c\"", true),
        Case("{a: {b: {c: 1}}} has a.b.c", true), Case("{a: {b: 1}} has a.c.d", false),
        Case("{a: 1}.a == 1", true), Case("{a: 1}[\"a\"] == 1", true),
        Case("context.missing", fails: .missingAttribute),
        Case("\"a*c\" like \"a\\*c\"", true), Case("\"abc\" like \"a\\*c\"", false),
        Case("\"abxbc\" like \"a*b*c\"", true), Case("\"\" like \"*\"", true),
        Case("\"t\\u{e9}\\x41\" == \"t\u{e9}A\"", true),
        Case("principal in Group::\"top\"", true), Case("principal in [Group::\"no\", Group::\"mid\"]", true),
        Case("principal is NHS::User", true), Case("principal is User", false),
        Case("principal is NHS::User in Group::\"top\"", true), Case("principal.age >= 18", true),
        Case("NHS::User::\"nobody\".age == 1", fails: .missingEntity),
        Case("NHS::User::\"nobody\" has age", false), Case("1 in principal", fails: .type),
        Case("principal.hasTag(\"t\") && principal.getTag(\"t\") == 5", true),
        Case("decimal(\"1.10\") == decimal(\"1.1\")", true),
        Case("decimal(\"-0.5\").lessThan(decimal(\"0.0\"))", true),
        Case("decimal(\"1.23456\") == decimal(\"1.0\")", fails: .extensionValue),
        Case("ip(\"10.1.2.3\").isInRange(ip(\"10.0.0.0/8\"))", true),
        Case("ip(\"::1\").isLoopback() && ip(\"ff02::1\").isMulticast()", true),
        Case("ip(\"2001:db8::1/64\").isInRange(ip(\"2001:db8::/32\"))", true),
        Case("ip(\"01.2.3.4\").isIpv4()", fails: .extensionValue),
        Case("datetime(\"2024-10-15T11:38:02+0130\") == datetime(\"2024-10-15T10:08:02Z\")", true),
        Case("datetime(\"2024-02-30\") < datetime(\"2024-03-01\")", fails: .extensionValue),
        Case("datetime(\"2024-01-01\").offset(duration(\"1d2h\")).toTime() == duration(\"2h\")", true),
        Case("duration(\"-1h30m\").toMinutes() == -90", true),
        Case("duration(\"1m1h\") < duration(\"1d\")", fails: .extensionValue),
    ]

    @Test(arguments: cases)
    private func evaluates(_ test: Case) throws {
        let user = EntityUID("NHS::User", "u")
        let (middle, top) = (EntityUID("Group", "mid"), EntityUID("Group", "top"))
        let entities = CedarEntities([
            user: .init(attributes: ["age": .long(40)], parents: [middle], tags: ["t": .long(5)]),
            middle: .init(parents: [top]),
        ])
        let set = try CedarPolicySet(
            parsing: "permit(principal, action, resource) when { \(test.expression) };")
        let answer = set.decide(
            CedarRequest(principal: user, action: EntityUID("Action", "a"), resource: EntityUID("R", "r")),
            entities, errors: .skip)
        #expect(answer.errors.values.first?.code == test.expected)
        #expect(answer.isAllowed == test.value)
    }

    @Test(arguments: [
        ("permit(principal, action, resource)", "1:36: expected ';'"),
        ("permit(principal, action, resource) when { foo };", "1:44: unknown name 'foo'"),
        ("permit(principal, action, resource) when { 1 == \"a };", "1:49: the string does not end"),
        ("permit(principal, action,\n  resource == ?resource);", "2:15: templates are not supported"),
        ("permit(principal, action, resource) when { 1 < 2 < 3 };", "1:50: expected '}'"),
        ("@a(\"1\") @a(\"2\") permit(principal, action, resource);", "1:9: @a stands twice"),
    ])
    func faultsHavePositions(text: String, expected: String) {
        let fault = #expect(throws: CedarFault.self) { try CedarPolicySet(parsing: text) }
        #expect(fault?.description == expected)
    }

    @Test func nestingHasALimit() {
        let text = String(repeating: "(", count: 50_000) + "1"
        let fault = #expect(throws: CedarFault.self) {
            try CedarPolicySet(parsing: "permit(principal, action, resource) when { \(text)")
        }
        #expect(fault?.code == .tooDeep)
    }

    @Test func chainsHaveALimitAndTheLongestIsEvaluated() throws {
        func decide(_ operators: Int) throws -> Bool {
            let nested = String(repeating: "(", count: 100) + "true" + String(repeating: ")", count: 100)
            let chain = nested + String(repeating: " && true", count: operators)
            let set = try CedarPolicySet(
                parsing: "permit(principal, action, resource) when { \(chain) };")
            let request = CedarRequest(
                principal: EntityUID("U", "u"), action: EntityUID("Action", "a"),
                resource: EntityUID("R", "r"))
            return set.decide(request, CedarEntities(), errors: .skip).isAllowed
        }
        #expect(try decide(400))
        let fault = #expect(throws: CedarFault.self) { try decide(401) }
        #expect(fault?.code == .tooDeep)
    }

    @Test func aForbidThatCannotBeEvaluatedDenies() throws {
        let set = try CedarPolicySet(
            parsing: """
                permit(principal, action, resource);
                @id("broken") forbid(principal, action, resource) when { context.missing };
                """)
        let request = CedarRequest(
            principal: EntityUID("U", "u"), action: EntityUID("Action", "a"), resource: EntityUID("R", "r"))
        #expect(set.decide(request, CedarEntities(), errors: .skip).isAllowed)
        let strict = set.decide(request, CedarEntities(), errors: .forbidDenies)
        #expect(!strict.isAllowed)
        #expect(strict.determining == ["broken"])
    }
}
