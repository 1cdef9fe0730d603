/// Reads policies (Cedar reference, "Grammar specification"): everything but templates.
package struct CedarParser {
    private let tokens: [CedarToken]
    private var index = 0
    var depth = 0
    /// The deepest nesting of an expression that is read.
    static let deepest = 128
    /// Operators in chains so far in this condition: every one nests the tree by one.
    private var chained = 0
    /// The most of them in one condition.
    static let longest = 400

    private init(_ text: String) throws(CedarFault) { tokens = try CedarLexer.tokens(of: text) }

    /// Parses a policy set.
    /// - Throws: `CedarFault` with the position of the first thing that is wrong.
    package static func policies(in text: String) throws(CedarFault) -> [CedarPolicy] {
        var parser = try CedarParser(text)
        var policies: [CedarPolicy] = []
        while parser.token.kind != .end { policies.append(try parser.policy(number: policies.count)) }
        return policies
    }

    var token: CedarToken { tokens[index] }

    mutating func advance() -> CedarToken {
        let token = tokens[index]
        if token.kind != .end { index += 1 }
        return token
    }

    func isNext(_ symbol: String) -> Bool { token.kind == .symbol(symbol) }

    func isWord(_ word: String) -> Bool { token.kind == .identifier(word) }

    mutating func skip(_ symbol: String) -> Bool {
        guard isNext(symbol) else { return false }
        index += 1
        return true
    }

    mutating func skipWord(_ word: String) -> Bool {
        guard isWord(word) else { return false }
        index += 1
        return true
    }

    mutating func expect(_ symbol: String) throws(CedarFault) {
        guard skip(symbol) else { throw fault("expected '\(symbol)'") }
    }

    /// Takes an operator that makes the tree one level deeper.
    mutating func chain() throws(CedarFault) -> CedarPosition {
        chained += 1
        guard chained <= Self.longest else {
            throw CedarFault(.tooDeep, "the condition has too many operators", at: token.position)
        }
        return advance().position
    }

    mutating func identifier() throws(CedarFault) -> String {
        guard case .identifier(let name) = token.kind else { throw fault("expected a name") }
        index += 1
        return name
    }

    mutating func string() throws(CedarFault) -> String {
        guard case .string(let raw) = token.kind else { throw fault("expected a string") }
        return try CedarEscape.string(raw, at: advance().position)
    }

    func fault(_ message: String) -> CedarFault { CedarFault(.syntax, message, at: token.position) }

    /// `A::B::C`; stops before `::"id"`.
    mutating func path() throws(CedarFault) -> String {
        var path = try identifier()
        while isNext("::"), case .identifier(let name) = tokens[index + 1].kind {
            index += 2
            path += "::" + name
        }
        return path
    }

    mutating func entity() throws(CedarFault) -> EntityUID {
        if isNext("?") { throw CedarFault(.unsupported, "templates are not supported", at: token.position) }
        let type = try path()
        try expect("::")
        return EntityUID(type, try string())
    }

    private mutating func policy(number: Int) throws(CedarFault) -> CedarPolicy {
        let annotations = try annotations()
        let position = token.position
        guard let effect = CedarPolicy.Effect(rawValue: try identifier()) else {
            throw CedarFault(.syntax, "expected 'permit' or 'forbid'", at: position)
        }
        try expect("(")
        let principal = try scope("principal")
        try expect(",")
        let action = try scope("action")
        try expect(",")
        let resource = try scope("resource")
        try expect(")")
        let conditions = try conditions()
        try expect(";")
        return CedarPolicy(
            id: annotations.first { $0.name == "id" }?.value ?? "policy\(number)", effect: effect,
            annotations: annotations, principal: principal, action: action, resource: resource,
            conditions: conditions, position: position)
    }

    private mutating func annotations() throws(CedarFault) -> [CedarPolicy.Annotation] {
        var annotations: [CedarPolicy.Annotation] = []
        while isNext("@") {
            let position = advance().position
            let name = try identifier()
            var value = ""
            if skip("(") {
                value = try string()
                try expect(")")
            }
            if annotations.contains(where: { $0.name == name }) {
                throw CedarFault(.annotation, "@\(name) stands twice", at: position)
            }
            annotations.append(CedarPolicy.Annotation(name: name, value: value, position: position))
        }
        return annotations
    }

    private mutating func scope(_ variable: String) throws(CedarFault) -> CedarPolicy.Scope {
        guard skipWord(variable) else { throw fault("expected '\(variable)'") }
        if skip("==") { return .equal(try entity()) }
        if skipWord("in") {
            guard variable == "action", skip("[") else { return .within(try entity()) }
            var entities: [EntityUID] = []
            while !isNext("]") {
                entities.append(try entity())
                if !skip(",") { break }
            }
            try expect("]")
            return .withinAny(entities)
        }
        if variable != "action", skipWord("is") {
            let type = try path()
            return .isType(type, within: skipWord("in") ? try entity() : nil)
        }
        return .any
    }

    private mutating func conditions() throws(CedarFault) -> [CedarPolicy.Condition] {
        var conditions: [CedarPolicy.Condition] = []
        while isWord("when") || isWord("unless") {
            let isUnless = isWord("unless")
            _ = advance()
            try expect("{")
            chained = 0
            conditions.append(CedarPolicy.Condition(isUnless: isUnless, body: try expression()))
            try expect("}")
        }
        return conditions
    }
}
