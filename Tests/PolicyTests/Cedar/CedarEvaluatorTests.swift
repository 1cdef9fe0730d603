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
        Case("\"e\u{301}\" == \"\u{e9}\"", false), Case("{\"\u{e9}\": 1} has \"e\u{301}\"", false),
        Case("[\"\u{e9}\", \"e\u{301}\"].containsAll([\"\u{e9}\"])", true),
        Case("--9223372036854775808 == 1", fails: .overflow), Case("-(5) == -5", true),
        Case("9223372036854775807 * 2 == 1", fails: .overflow),
        Case("-9223372036854775808 - 1 == 1", fails: .overflow),
        Case("\"a\\nb\" like \"a*b\"", true), Case("\"x\" like \"**\"", true),
        Case("\"*\" like \"\\*\"", true),
        Case("\"\\u{1_0}\" == \"\\x10\"", true),
        Case("datetime(\"2024-01-01T10:00:00.500Z\").toDate() == datetime(\"2024-01-01\")", true),
        Case("datetime(\"1969-12-31T23:00:00Z\").toTime() == duration(\"23h\")", true),
        Case("datetime(\"2024-01-02\").durationSince(datetime(\"2024-01-01\")).toHours() == 24", true),
        Case("duration(\"1d2h3m4s5ms\").toMilliseconds() == 93784005", true),
        Case("duration(\"-9223372036854775808ms\").toDays() < 0", true),
        Case("duration(\"9223372036854775808ms\").toDays() < 0", fails: .extensionValue),
        Case("datetime(\"0000-01-01\") < datetime(\"9999-12-31T23:59:59.999-2359\")", true),
        Case("decimal(\"922337203685477.5807\").greaterThan(decimal(\"-922337203685477.5808\"))", true),
        Case("decimal(\"922337203685477.5808\") == decimal(\"1.0\")", fails: .extensionValue),
        Case("ip(\"1.2.3.4\").isInRange()", fails: .type),
        Case("ip(\"1::2::3\").isIpv6()", fails: .extensionValue),
        Case("ip(\"::ffff:1.2.3.4\").isIpv6()", fails: .extensionValue),
        Case("principal is NHS::User in [Group::\"no\", Group::\"mid\"]", true),
        Case("principal has age.years", fails: .type), Case("principal has none.years", false),
        Case("action in [Action::\"a\"] && !(action in [])", true),
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
        (
            "permit(principal, action,\n  resource == ?principal);",
            "2:15: only the slot ?resource can stand here"
        ),
        (
            "permit(principal, action, resource) when { principal.if };",
            "1:54: 'if' is reserved and cannot be used as a name"
        ),
        ("permit(principal, action, resource) when { principal.foo() };", "1:54: unknown method 'foo'"),
        (
            "permit(principal, action, resource) when { isIpv4(1) };",
            "1:44: 'isIpv4' is a method, not a function"
        ),
        (
            "permit(principal, action, resource) when { [1].contains() };",
            "1:48: 'contains' takes 1 argument, not 0"
        ),
        (
            "permit(principal, action, resource) when { -9223372036854775809 };",
            "1:45: the integer is too large"
        ),
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

    /// Chains of `&&` and `||` are as long as one likes; what nests the tree has a limit, and is evaluated up to it.
    @Test(arguments: [
        (" && true", 20_000, true), (" + 0", 128, true), (" + 0", 129, false), (".a", 129, false),
    ])
    func chainsHaveALimitAndTheLongestIsEvaluated(link: String, count: Int, isRead: Bool) throws {
        let nested = String(repeating: "(", count: 60) + "1 == 1" + String(repeating: ")", count: 60)
        let chain = link.contains("&&") ? nested : "\(nested) && 0"
        let text =
            "permit(principal, action, resource) when { \(chain)"
            + String(repeating: link, count: count) + (link.contains("&&") ? " };" : " == 0 };")
        guard isRead else {
            let fault = #expect(throws: CedarFault.self) { try CedarPolicySet(parsing: text) }
            #expect(fault?.code == .tooDeep)
            return
        }
        let request = CedarRequest(
            principal: EntityUID("U", "u"), action: EntityUID("Action", "a"), resource: EntityUID("R", "r"))
        #expect(try CedarPolicySet(parsing: text).decide(request, CedarEntities(), errors: .skip).isAllowed)
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
