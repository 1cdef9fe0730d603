import Testing

@testable import Policy

@Suite struct CedarTemplateTests {
    private static let text = """
        @id("share") permit(principal == ?principal, action, resource in ?resource);
        @id("typed") permit(principal is U in ?principal, action, resource);
        """

    private static func decide(_ set: CedarPolicySet, _ principal: String) -> CedarPolicySet.Answer {
        let entities = CedarEntities([EntityUID("R", "r"): .init(parents: [EntityUID("F", "f")])])
        return set.decide(
            CedarRequest(
                principal: EntityUID("U", principal), action: EntityUID("Action", "a"),
                resource: EntityUID("R", "r")), entities, errors: .skip)
    }

    @Test func aTemplateDecidesNothingUntilItIsLinked() throws {
        let set = try CedarPolicySet(parsing: Self.text)
        #expect(set.policies.isEmpty)
        #expect(set.templates.map(\.id) == ["share", "typed"])
        #expect(!Self.decide(set, "u").isAllowed)
        let linked = try set.linked(
            "share", as: "share-u", principal: EntityUID("U", "u"), resource: EntityUID("F", "f"))
        #expect(Self.decide(linked, "u").determining == ["share-u"])
        #expect(!Self.decide(linked, "v").isAllowed)
        #expect(linked.policies[0].link?.template == "share")
    }

    @Test func aTypedSlotIsFilled() throws {
        let set = try CedarPolicySet(parsing: Self.text)
            .linked("typed", as: "t", principal: EntityUID("U", "u"))
        #expect(set.policies[0].principal == .isType("U", within: EntityUID("U", "u")))
        #expect(Self.decide(set, "u").isAllowed)
    }

    @Test func linkingSaysWhatIsMissing() throws {
        let set = try CedarPolicySet(parsing: Self.text)
        let user = EntityUID("U", "u")
        func message(_ link: () throws -> CedarPolicySet) -> String? {
            #expect(throws: CedarFault.self) { try link() }?.description
        }
        #expect(message { try set.linked("none", as: "x") } == "there is no template 'none'")
        #expect(
            message { try set.linked("share", as: "x", principal: user) }
                == "1:14: the slot ?resource has no entity")
        #expect(
            message { try set.linked("typed", as: "x", principal: user, resource: user) }
                == "2:14: the template has no slot ?resource")
        #expect(
            message { try set.linked("typed", as: "share", principal: user) }
                == "1:14: two policies are called 'share'"
                || message { try set.linked("typed", as: "share", principal: user) }
                    == "2:14: two policies are called 'share'"
        )
    }

    @Test(arguments: [
        (
            "permit(principal == ?resource, action, resource);",
            "1:21: only the slot ?principal can stand here"
        ),
        ("permit(principal, action == ?action, resource);", "1:29: no slot can stand for an action"),
        (
            "permit(principal, action, resource) when { ?principal == principal };",
            "1:44: the slot ?principal can only stand in a policy's scope"
        ),
        ("permit(principal, action in Foo::\"a\", resource);", "1:29: expected an entity of type Action"),
    ])
    func slotsStandOnlyInScopes(text: String, expected: String) {
        let fault = #expect(throws: CedarFault.self) { try CedarPolicySet(parsing: text) }
        #expect(fault?.description == expected)
    }
}
