import Testing

@testable import Policy

@Suite struct CedarSchemaTests {
    private static let text = """
        @doc("people") namespace NHS {
          type Address = { city: String, "post code"?: String };
          entity Group;
          entity User in [Group] = { age: Long, home?: Address, flags: Set<Bool> } tags String;
          entity Status enum ["open", "shut"];
          action read;
          action "view it" in [read] appliesTo {
            principal: User, resource: [User, Group], context: { at: datetime, from?: __cedar::ipaddr },
          };
        }
        """

    private static let json = """
        {"NHS": {
          "commonTypes": {"Address": {"type": "Record", "attributes": {
            "city": {"type": "String"}, "post code": {"type": "String", "required": false}}}},
          "entityTypes": {
            "Group": {}, "Status": {"enum": ["open", "shut"]},
            "User": {"memberOfTypes": ["Group"], "tags": {"type": "String"}, "shape": {"type": "Record", "attributes": {
              "age": {"type": "Long"}, "home": {"type": "Address", "required": false},
              "flags": {"type": "Set", "element": {"type": "Boolean"}}}}}},
          "actions": {"read": {}, "view it": {"memberOf": [{"id": "read"}], "appliesTo": {
            "principalTypes": ["User"], "resourceTypes": ["User", "NHS::Group"],
            "context": {"type": "Record", "attributes": {"at": {"type": "datetime"},
              "from": {"type": "Extension", "name": "ipaddr", "required": false}}}}}}}}
        """

    @Test func bothSyntaxesMeanTheSame() throws {
        let schemas = [try CedarSchema(parsing: Self.text), try CedarSchema(json: Self.json.utf8)]
        for schema in schemas {
            #expect(schema.entityTypes.keys.sorted() == ["NHS::Group", "NHS::Status", "NHS::User"])
            let user = try #require(schema.entityTypes["NHS::User"])
            #expect(
                CedarType.record(user.attributes).description
                    == "{age: Long, flags: Set<Bool>, home?: {city: String, \"post code\"?: String}}")
            #expect(user.ancestors == ["NHS::Group"])
            #expect(user.tags == .string)
            #expect(schema.entityTypes["NHS::Status"]?.enumeration == ["open", "shut"])
            let view = try #require(schema.actions[EntityUID("NHS::Action", "view it")])
            #expect(view.ancestors == [EntityUID("NHS::Action", "read")])
            #expect(view.resources == ["NHS::User", "NHS::Group"])
            #expect(CedarType.record(view.context).description == "{at: datetime, from?: ipaddr}")
        }
    }

    @Test(arguments: [
        ("entity A", "1:9: expected ';'"), ("entity A; entity A;", "1:18: the entity type A stands twice"),
        ("entity Action;", "1:8: no entity type can be called Action"),
        ("entity A in B;", "1:13: there is no entity type B"),
        ("entity A { a: Foo };", "1:15: there is no type Foo"),
        ("type Long = String;", "1:6: 'Long' is a word of schemas"),
        ("type A = { a: B }; type B = Set<A>;", "1:33: the type A contains itself"),
        ("action a in b; action b in a;", "the action Action::\"a\" is in itself"),
        ("action a in b;", "1:13: there is no action \"b\""),
        ("entity U; action a appliesTo { principal: U };", "1:18: the appliesTo does not say which resource"),
        (
            "entity U; action a appliesTo { principal: U, resource: [] };",
            "1:46: 'resource' names no entity type"
        ),
        (
            "entity U; type T = Long; action a appliesTo { principal: U, resource: U, context: T };",
            "1:33: the context of Action::\"a\" is not a record"
        ),
        ("entity U; namespace N { entity U; }", "N::U hides U, which stands in no namespace"),
        ("namespace N {} namespace N {}", "1:16: the namespace N stands twice"),
        ("entity __cedar;", "1:8: '__cedar' is reserved and cannot be used as a name"),
        ("entity E enum [];", "1:16: expected a string"), ("@a @a entity E;", "1:4: @a stands twice"),
    ])
    func faultsHavePositions(text: String, expected: String) {
        let fault = #expect(throws: CedarFault.self) { try CedarSchema(parsing: text) }
        // A cycle has no first action.
        #expect(fault?.description.replacing("Action::\"b\" is in", with: "Action::\"a\" is in") == expected)
    }

    @Test(arguments: [
        ("[]", "the schema is not an object"),
        ("{\"\": {\"actions\": {}}}", "the empty namespace needs 'entityTypes' and 'actions'"),
        (
            "{\"N\": {\"entityTypes\": {\"A\": {\"foo\": 1}}, \"actions\": {}}}",
            "the entity type A has an unknown member 'foo'"
        ),
        (
            "{\"N\": {\"entityTypes\": {\"A\": {\"tags\": {\"type\": \"A\"}}}, \"actions\": {}}}",
            "there is no type A"
        ),
        ("{\"N\": 1, \"N\": 2}", "1:16: the name 'N' stands twice in an object"),
        ("{\"N\": 1.5}", "1:8: Cedar has no numbers but integers"),
    ])
    func faultsInJSONNameThePlace(json: String, expected: String) {
        let fault = #expect(throws: CedarFault.self) { try CedarSchema(json: json.utf8) }
        #expect(fault?.description == expected)
    }

    @Test func whatExplodesIsRefused() {
        let types = (0..<40).map { "type T\($0) = { a: T\($0 + 1), b: T\($0 + 1) };" }.joined()
        let fault = #expect(throws: CedarFault.self) { try CedarSchema(parsing: types + "type T40 = Long;") }
        #expect(fault?.code == .tooLarge)
        let deep = String(repeating: "Set<", count: 10_000) + "Long"
        #expect(throws: CedarFault.self) { try CedarSchema(parsing: "type T = \(deep)") }
    }
}
