/// An entity by type and identifier, e.g. `User::"alice"`; the type may have namespaces.
package struct EntityUID: Hashable, Sendable, CustomStringConvertible {
    package let type: String
    package let id: String
    /// Computed once: entities are looked up far more often than they are made.
    private let digest: Int

    package init(_ type: String, _ id: String) {
        self.type = type
        self.id = id
        var hasher = Hasher()
        CedarText.hash(type, into: &hasher)
        CedarText.hash(id, into: &hasher)
        digest = hasher.finalize()
    }

    package static func == (left: EntityUID, right: EntityUID) -> Bool {
        left.digest == right.digest && CedarText.areSame(left.id, right.id)
            && CedarText.areSame(left.type, right.type)
    }

    package func hash(into hasher: inout Hasher) { hasher.combine(digest) }

    package var description: String { "\(type)::\(CedarEscape.quoted(id))" }

    /// Whether its type is `Action`, in whatever namespace.
    var isAction: Bool { CedarName.isAction(type) }
}

/// Names of types and functions: identifiers with `::` between them.
enum CedarName {
    /// Identifiers that only stand for themselves where they are annotations' names.
    static let reserved: Set<String> = [
        "if", "true", "false", "then", "else", "in", "is", "like", "has", "__cedar",
    ]

    /// Whether the last part of a type's name is `Action`.
    static func isAction(_ type: String) -> Bool { type == "Action" || type.hasSuffix("::Action") }

    /// The last part of a name.
    static func base(_ name: String) -> String {
        guard let colon = name.utf8.lastIndex(of: UInt8(ascii: ":")) else { return name }
        return String(name[name.utf8.index(after: colon)...])
    }

    /// Whether a text is an identifier, reserved or not.
    static func isIdentifier(_ text: String) -> Bool {
        guard let first = text.utf8.first, CedarLexer.isLetter(first) else { return false }
        return text.utf8.allSatisfy { CedarLexer.isLetter($0) || CedarLexer.isDigit($0) }
    }

    /// Whether a text is a path of identifiers that are not reserved, e.g. `NHS::User`.
    static func isPath(_ text: String) -> Bool {
        text.split(separator: "::", omittingEmptySubsequences: false).allSatisfy {
            isIdentifier(String($0)) && !reserved.contains(String($0))
        }
    }
}

/// One policy of a policy set, as it was written; a template where its scope has a slot.
package struct CedarPolicy: Sendable {
    package enum Effect: String, Sendable {
        case permit
        case forbid
    }

    /// `@name("value")`.
    package struct Annotation: Sendable, Hashable {
        package let name: String
        package let value: String
        package let position: CedarPosition
    }

    /// What a policy's head asks of the principal, the action or the resource.
    package enum Scope: Sendable, Hashable {
        case any
        case equal(EntityUID)
        case within(EntityUID)
        case withinAny([EntityUID])
        case isType(String, within: EntityUID?)
        /// `== ?principal` or `== ?resource`: filled in when the template is linked.
        case equalSlot
        /// `in ?principal`.
        case withinSlot
        /// `is T in ?principal`.
        case isTypeWithinSlot(String)

        /// Whether it waits for an entity.
        var isSlot: Bool {
            switch self {
            case .equalSlot, .withinSlot, .isTypeWithinSlot: true
            default: false
            }
        }

        /// With the entity in the slot.
        func filled(_ uid: EntityUID) -> Scope {
            switch self {
            case .equalSlot: .equal(uid)
            case .withinSlot: .within(uid)
            case .isTypeWithinSlot(let type): .isType(type, within: uid)
            default: self
            }
        }
    }

    package struct Condition: Sendable {
        package let isUnless: Bool
        package let body: CedarExpression
        package let position: CedarPosition
    }

    /// Where a policy came from that was made from a template.
    package struct Link: Sendable, Hashable {
        package let template: String
        package let principal: EntityUID?
        package let resource: EntityUID?
    }

    /// `@id`, or `policyN` by its place in the text.
    package let id: String
    package let effect: Effect
    package let annotations: [Annotation]
    package let principal: Scope
    package let action: Scope
    package let resource: Scope
    package let conditions: [Condition]
    package let position: CedarPosition
    package var link: Link?

    /// The annotation of that name.
    package func annotation(_ name: String) -> Annotation? { annotations.first { $0.name == name } }

    /// Whether it has a slot, and so decides nothing until it is linked.
    package var isTemplate: Bool { principal.isSlot || resource.isSlot }

    /// A policy made from this template.
    /// - Throws: `CedarFault` where a slot has no entity, or an entity no slot.
    package func linked(
        as id: String, principal: EntityUID?, resource: EntityUID?
    ) throws(CedarFault) -> CedarPolicy {
        for (name, scope, uid) in [
            ("principal", self.principal, principal), ("resource", self.resource, resource),
        ] {
            if scope.isSlot, uid == nil {
                throw CedarFault(.link, "the slot ?\(name) has no entity", at: position)
            }
            if !scope.isSlot, uid != nil {
                throw CedarFault(.link, "the template has no slot ?\(name)", at: position)
            }
        }
        return CedarPolicy(
            id: id, effect: effect, annotations: annotations,
            principal: principal.map(self.principal.filled) ?? self.principal, action: action,
            resource: resource.map(self.resource.filled) ?? self.resource, conditions: conditions,
            position: position, link: Link(template: self.id, principal: principal, resource: resource))
    }
}
