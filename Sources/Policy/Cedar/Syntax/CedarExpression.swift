/// An expression with the place it was written at.
package struct CedarExpression: Sendable {
    package enum Variable: String, Sendable { case principal, action, resource, context }

    package enum Binary: String, Sendable {
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

    package indirect enum Kind: Sendable {
        case literal(CedarValue)
        case variable(Variable)
        /// Two or more, left to right: a chain is one node, so that its length costs no depth.
        case and([CedarExpression])
        case or([CedarExpression])
        case not(CedarExpression)
        case negate(CedarExpression)
        case choice(CedarExpression, CedarExpression, CedarExpression)
        case binary(Binary, CedarExpression, CedarExpression)
        case attribute(CedarExpression, CedarText)
        /// `has a.b.c` names a path.
        case has(CedarExpression, [CedarText])
        /// nil stands for the wildcard.
        case like(CedarExpression, [Unicode.Scalar?])
        case isType(CedarExpression, String, within: CedarExpression?)
        case set([CedarExpression])
        /// Sorted by name, no name twice.
        case record([Field])
        case method(CedarExpression, String, [CedarExpression])
        case function(String, [CedarExpression])
    }

    package struct Field: Sendable {
        package let name: CedarText
        package let value: CedarExpression
    }

    package let kind: Kind
    package let position: CedarPosition

    /// The entity it names, where it is a literal.
    var entityLiteral: EntityUID? {
        if case .literal(.entity(let uid)) = kind { return uid }
        return nil
    }

    /// The expressions inside it.
    var children: [CedarExpression] {
        switch kind {
        case .literal, .variable: []
        case .and(let parts), .or(let parts), .set(let parts), .function(_, let parts): parts
        case .not(let inner), .negate(let inner), .attribute(let inner, _), .has(let inner, _),
            .like(let inner, _):
            [inner]
        case .choice(let test, let yes, let no): [test, yes, no]
        case .binary(_, let left, let right): [left, right]
        case .isType(let inner, _, let within): within.map { [inner, $0] } ?? [inner]
        case .record(let fields): fields.map(\.value)
        case .method(let base, _, let arguments): [base] + arguments
        }
    }

    /// Calls on this expression and all inside it, outermost first.
    func walk(_ visit: (CedarExpression) -> Void) {
        visit(self)
        for child in children { child.walk(visit) }
    }
}
