/// An entity by type and identifier, e.g. `User::"alice"`; the type may have namespaces.
package struct EntityUID: Hashable, Sendable, CustomStringConvertible {
    package let type: String
    package let id: String

    package init(_ type: String, _ id: String) {
        self.type = type
        self.id = id
    }

    package var description: String { "\(type)::\"\(id)\"" }
}

/// One policy of a policy set, as it was written.
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
    }

    struct Condition: Sendable {
        let isUnless: Bool
        let body: CedarExpression
    }

    /// `@id`, or `policyN` by its place in the text.
    package let id: String
    package let effect: Effect
    package let annotations: [Annotation]
    package let principal: Scope
    package let action: Scope
    package let resource: Scope
    let conditions: [Condition]
    package let position: CedarPosition

    /// The annotation of that name.
    package func annotation(_ name: String) -> Annotation? { annotations.first { $0.name == name } }
}

/// An expression with the place it was written at.
struct CedarExpression: Sendable {
    enum Variable: String, Sendable { case principal, action, resource, context }

    enum Binary: String, Sendable {
        case equal = "=="
        case notEqual = "!="
        case less = "<"
        case lessOrEqual = "<="
        case greater = ">"
        case greaterOrEqual = ">="
        case within = "in"
        case plus = "+"
        case minus = "-"
        case times = "*"
    }

    indirect enum Kind: Sendable {
        case literal(CedarValue)
        case variable(Variable)
        case and(CedarExpression, CedarExpression)
        case or(CedarExpression, CedarExpression)
        case not(CedarExpression)
        case negate(CedarExpression)
        case choice(CedarExpression, CedarExpression, CedarExpression)
        case binary(Binary, CedarExpression, CedarExpression)
        case attribute(CedarExpression, String)
        /// `has a.b.c` names a path.
        case has(CedarExpression, [String])
        /// nil stands for the wildcard.
        case like(CedarExpression, [Unicode.Scalar?])
        case isType(CedarExpression, String, within: CedarExpression?)
        case set([CedarExpression])
        case record([String: CedarExpression])
        case method(CedarExpression, String, [CedarExpression])
        case function(String, [CedarExpression])
    }

    let kind: Kind
    let position: CedarPosition
}
