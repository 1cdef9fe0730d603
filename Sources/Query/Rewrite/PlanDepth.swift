package import Core

/// Bounds how deep plans and expressions may nest, so that no walker below can exhaust a stack.
///
/// INVARIANT: every entry into Law, Rewrite and Federate measures its plan here before walking it otherwise.
package enum PlanDepth {
    package static let plan = 100
    package static let expression = 200

    /// Throws 54001 for a plan or an expression that nests deeper than the limits.
    package static func check(_ plan: Plan, depth: Int = 0) throws(SQLFault) {
        guard depth < Self.plan else { throw tooComplex }
        for expression in plan.expressions { try check(expression) }
        for input in plan.inputs { try check(input, depth: depth + 1) }
    }

    static func check(_ expression: Expression, depth: Int = 0) throws(SQLFault) {
        guard depth < Self.expression else { throw tooComplex }
        for child in expression.children { try check(child, depth: depth + 1) }
    }

    private static var tooComplex: SQLFault {
        SQLFault(
            .statementTooComplex, "the statement nests too deeply",
            hint: "Write long lists with IN (…), and fewer levels of sub-queries and parentheses.")
    }
}
