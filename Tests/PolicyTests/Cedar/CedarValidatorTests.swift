import Testing

@testable import Policy

/// One condition and what the validator finds; nothing where it is valid.
private struct Case: Sendable, CustomStringConvertible {
    let condition: String
    let findings: [String]

    init(_ condition: String, _ findings: String...) {
        (self.condition, self.findings) = (condition, findings)
    }

    var description: String { condition }
}

@Suite struct CedarValidatorTests {
    private static let schema = """
        entity Group;
        entity User in Group = { age: Long, name?: String, home: { city: String, code?: Long }, boss?: User } tags Long;
        entity Doc = { owner: User };
        entity Status enum ["open", "shut"];
        action all;
        action view in all appliesTo { principal: User, resource: Doc, context: { at?: datetime, ip: ipaddr } };
        """

    private static let cases = [
        Case("principal.age > 17"), Case("principal has name && principal.name like \"a*\""),
        Case("principal has boss.boss && principal.boss.boss.age == 1"),
        Case("if principal has name then principal.name == \"x\" else false"),
        Case("(principal has name || principal has boss) || true"),
        Case("principal has name && (principal.age == 1 || principal.name == \"x\")"),
        Case("principal.hasTag(\"n\") && principal.getTag(\"n\") == 1"), Case("resource.owner == principal"),
        Case("principal in Group::\"g\" || principal in [Group::\"a\", Group::\"b\"]"),
        Case("context has at && context.at < datetime(\"2024-01-01\")"),
        Case("Status::\"open\" == Status::\"shut\"", never),
        Case("context.ip.isInRange(ip(\"10.0.0.0/8\"))"), Case("[1, 2].contains(principal.age)"),
        Case("{ a: 1 }.a == 1 && { a: 1 } has a"),
        Case("action in Action::\"all\" && action == Action::\"view\""),
        Case("principal == resource", never), Case("principal is Doc", never),
        Case("resource in Group::\"g\"", never),
        Case("principal has nothing", never), Case("false && 1", never), Case("1 == \"a\"", never),
        Case(
            "principal.name == \"x\"",
            "1:53: 'name' of User is optional: ask first whether it is there, with 'has'"),
        Case(
            "(principal has name || principal.age == 1) && principal.name == \"x\"",
            "1:99: 'name' of User is optional: ask first whether it is there, with 'has'"),
        Case(
            "principal.home.code == 1",
            "1:58: 'code' of the record is optional: ask first whether it is there, with 'has'"),
        Case("principal.nothing == 1", "1:53: User has no attribute 'nothing'"),
        Case("principal.age == \"x\"", "1:58: Long is compared with String"),
        Case("principal.age", "1:53: expected Bool, found Long"),
        Case("principal.age < \"1\"", "1:60: expected Long, found String"),
        Case("principal.age + true == 1", "1:60: expected Long, found True"),
        Case("[] == [1]", "1:44: an empty set has no type, so it cannot stand in a policy"),
        Case("[1, \"a\"].isEmpty()", "1:44: the set has elements of types Long and String"),
        Case("[1].contains(\"a\")", "1:47: Long and String are never equal"),
        Case("(if principal.age == 1 then 1 else \"a\") == 1", "1:45: the branches are Long and String"),
        Case(
            "principal.getTag(\"n\") == 1",
            "1:53: the tag may be missing: ask first whether it is there, with 'hasTag'"),
        Case("ip(\"1.2.3\").isIpv4()", "1:44: not a valid ip"),
        Case("ip(principal.home.city).isIpv4()", "1:44: 'ip' takes a string that is written out"),
        Case("context.ip.isInRange()", "1:54: 'isInRange' takes 1 arguments, not 0"),
        Case("principal == Usr::\"x\"", "1:57: there is no entity type Usr"),
        Case("action == Action::\"edit\"", "1:54: there is no action Action::\"edit\""),
        Case("principal is Usr", "1:54: there is no entity type Usr", never),
        Case(
            "Status::\"ajar\" == Status::\"open\"", "1:44: Status::\"ajar\" is not one that the schema lists",
            never),
        Case("principal has age.years", "1:54: expected an entity or a record, found Long"),
    ]

    private static let never = "warning: 1:1: the policy can never apply"

    @Test(arguments: cases)
    private func finds(_ test: Case) throws {
        let validator = CedarValidator(try CedarSchema(parsing: Self.schema))
        let set = try CedarPolicySet(
            parsing: "permit(principal, action, resource) when { \(test.condition) };")
        let found = validator.validate(set).map { "\($0.isWarning ? "warning: " : "")\($0.fault)" }
        #expect(found == test.findings)
    }

    @Test(arguments: [
        ("principal, action == Action::\"view\", resource", []),
        (
            "principal == Group::\"g\", action, resource",
            ["1:1: no action of the schema applies to this scope", never]
        ),
        (
            "principal, action == Action::\"all\", resource",
            ["1:1: no action of the schema applies to this scope", never]
        ),
        ("principal in Group::\"g\", action in Action::\"all\", resource is Doc", []),
        (
            "principal is Usr, action, resource",
            ["1:1: there is no entity type Usr", "1:1: no action of the schema applies to this scope", never]
        ),
        ("principal == ?principal, action, resource in ?resource", []),
    ])
    func scopes(scope: String, expected: [String]) throws {
        let validator = CedarValidator(try CedarSchema(parsing: Self.schema))
        let set = try CedarPolicySet(parsing: "permit(\(scope));")
        #expect(validator.validate(set).map { "\($0.isWarning ? "warning: " : "")\($0.fault)" } == expected)
    }

    @Test func whatFillsASlotIsChecked() throws {
        let validator = CedarValidator(try CedarSchema(parsing: Self.schema))
        let set = try CedarPolicySet(parsing: "@id(\"t\") permit(principal == ?principal, action, resource);")
        #expect(validator.validate(try set.linked("t", as: "a", principal: EntityUID("User", "u"))).isEmpty)
        let wrong = try set.linked("t", as: "b", principal: EntityUID("Doc", "d"))
        #expect(
            validator.validate(wrong).map(\.description) == [
                "b: 1:10: no action of the schema applies to this scope"
            ])
    }

    @Test func whatDoesNotShowIsAWarning() throws {
        let validator = CedarValidator(try CedarSchema(parsing: Self.schema))
        let set = try CedarPolicySet(
            parsing: "permit(principal, action, resource) when { principal.home.city == \"a\u{200b}\" };")
        #expect(validator.isValid(set))
        #expect(
            validator.validate(set).map(\.description)
                == ["warning: policy0: 1:67: a string has characters that do not show"])
    }
}

/// Entities and requests against a schema.
@Suite struct CedarConformityTests {
    private static let schema = """
        entity G in G; entity U in G = { a: Long, at?: datetime, of?: U, r?: { x: Set<ipaddr> } } tags Long;
        entity E enum ["x"] ; action all; action go in all appliesTo { principal: U, resource: [U, E], context: { c?: E } };
        """

    @Test(arguments: [
        (#"{"uid": {"type": "U", "id": "u"}, "attrs": {"a": 1}, "parents": []}"#, nil),
        (
            #"{"uid": {"__entity": {"type": "U", "id": "u"}}, "attrs": {"a": 1, "at": "2024-01-01", "of": {"type": "U", "id": "v"}, "r": {"x": ["::1", {"__extn": {"fn": "ip", "arg": "1.2.3.4"}}]}}, "parents": [{"type": "G", "id": "g"}], "tags": {"t": 1}}"#,
            nil
        ),
        (#"{"uid": {"type": "U", "id": "u"}, "attrs": {}, "parents": []}"#, "an entity of type U lacks 'a'"),
        (
            #"{"uid": {"type": "U", "id": "u"}, "attrs": {"a": "1"}, "parents": []}"#,
            "'a' of an entity of type U is not of type Long"
        ),
        (
            #"{"uid": {"type": "U", "id": "u"}, "attrs": {"a": 1, "b": 1}, "parents": []}"#,
            "an entity of type U has 'b', which the schema does not know"
        ),
        (
            #"{"uid": {"type": "U", "id": "u"}, "attrs": {"a": 1}, "parents": [{"type": "U", "id": "v"}]}"#,
            "an entity of type U cannot be in one of type U"
        ),
        (
            #"{"uid": {"type": "G", "id": "u"}, "attrs": {}, "parents": [], "tags": {"t": 1}}"#,
            "an entity of type G cannot have tags"
        ),
        (
            #"{"uid": {"type": "G", "id": "u"}, "attrs": {}, "parents": [{"type": "G", "id": "u"}]}"#,
            "an entity of type G is its own ancestor"
        ),
        (
            #"{"uid": {"type": "E", "id": "y"}, "attrs": {}, "parents": []}"#,
            "an entity of type E is not one that the schema lists"
        ),
        (#"{"uid": {"type": "X", "id": "y"}, "attrs": {}, "parents": []}"#, "there is no entity type X"),
        (
            #"{"uid": {"type": "Action", "id": "go"}, "attrs": {}, "parents": []}"#,
            "the action Action::\"go\" is not as the schema has it"
        ),
    ])
    func entities(json: String, expected: String?) throws {
        let schema = try CedarSchema(parsing: Self.schema)
        do throws(CedarFault) {
            let entities = try CedarJSON.entities("[\(json)]".utf8, schema: schema)
            #expect(expected == nil)
            #expect(entities.isWithin(EntityUID("Action", "go"), EntityUID("Action", "all")))
        } catch {
            #expect(error.description == expected)
        }
    }

    @Test(arguments: [
        ("U", "go", "U", nil), ("U", "go", "G", "Action::\"go\" does not apply to a resource of type G"),
        ("U", "all", "U", "Action::\"all\" does not apply to a principal of type U"),
        ("X", "go", "U", "there is no entity type X"),
        ("U", "no", "U", "there is no action Action::\"no\""),
        ("U", "go", "E", "an entity of type E is not one that the schema lists"),
    ])
    func requests(principal: String, action: String, resource: String, expected: String?) throws {
        let schema = try CedarSchema(parsing: Self.schema)
        let request = CedarRequest(
            principal: EntityUID(principal, "p"), action: EntityUID("Action", action),
            resource: EntityUID(resource, "r"))
        do throws(CedarFault) {
            try schema.check(request)
            #expect(expected == nil)
        } catch {
            #expect(error.description == expected)
        }
    }
}
