/// Reads policies and templates (Cedar reference, "Grammar specification").
package struct CedarParser: CedarTokenReader {
    /// How policies are called.
    package enum Naming: Sendable {
        /// By `@id` where they have one, else `policyN` by their place in the text, from 0.
        case annotation
        /// `policyN` always, as the Cedar language's own tools have it.
        case place
    }

    let tokens: [CedarToken]
    var index = 0
    var depth = 0
    // INVARIANT: what these two limits let through is parsed, evaluated, validated and printed in half a megabyte
    // of stack (measured, release build).
    /// The deepest nesting of an expression, a type or a document that is read.
    static let deepest = 64
    /// Operators so far in this condition that nest the tree by one each.
    private var chained = 0
    /// The most of them in one condition.
    static let longest = 128

    private init(_ text: String) throws(CedarFault) { tokens = try CedarLexer.tokens(of: text) }

    /// Parses a policy set.
    /// - Throws: `CedarFault` with the position of the first thing that is wrong.
    package static func policies(
        in text: String, naming: Naming = .annotation
    ) throws(CedarFault) -> [CedarPolicy] {
        var parser = try CedarParser(text)
        var policies: [CedarPolicy] = []
        while parser.token.kind != .end {
            policies.append(try parser.policy(number: policies.count, naming))
        }
        return policies
    }

    /// Takes an operator that makes the tree one level deeper.
    mutating func chain() throws(CedarFault) -> CedarPosition {
        chained += 1
        guard chained <= Self.longest else {
            throw CedarFault(.tooDeep, "the condition has too many operators", at: token.position)
        }
        return advance().position
    }

    private mutating func policy(number: Int, _ naming: Naming) throws(CedarFault) -> CedarPolicy {
        let annotations = try annotations()
        let position = token.position
        guard let effect = CedarPolicy.Effect(rawValue: try word()) else {
            throw CedarFault(.syntax, "expected 'permit' or 'forbid'", at: position)
        }
        try expect("(")
        let principal = try scope("principal")
        try expect(",")
        let action = try scope("action")
        try expect(",")
        let resource = try scope("resource")
        _ = skip(",")
        try expect(")")
        let conditions = try conditions()
        try expect(";")
        let name = naming == .place ? nil : annotations.first { $0.name == "id" }?.value
        return CedarPolicy(
            id: name ?? "policy\(number)", effect: effect, annotations: annotations, principal: principal,
            action: action, resource: resource, conditions: conditions, position: position)
    }

    private mutating func conditions() throws(CedarFault) -> [CedarPolicy.Condition] {
        var conditions: [CedarPolicy.Condition] = []
        while isWord("when") || isWord("unless") {
            let isUnless = isWord("unless")
            let position = advance().position
            try expect("{")
            chained = 0
            let body = try expression()
            conditions.append(CedarPolicy.Condition(isUnless: isUnless, body: body, position: position))
            try expect("}")
        }
        return conditions
    }
}
