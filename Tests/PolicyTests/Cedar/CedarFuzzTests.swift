import Testing

@testable import Policy

/// Nothing that is read crashes the parsers, the evaluator or the validator.
@Suite struct CedarFuzzTests {
    /// SplitMix64: one seed, one run.
    private struct Generator: RandomNumberGenerator {
        var state: UInt64

        mutating func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var z = state
            z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
            z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
            return z ^ (z >> 31)
        }
    }

    private static let words = [
        "permit", "forbid", "principal", "action", "resource", "context", "when", "unless", "{", "}", "(",
        ")", "[", "]",
        "==", "!=", "<", "<=", "in", "has", "like", "is", "&&", "||", "!", "-", "+", "*", ".", "::", ",", ";",
        ":", "@id", "?principal",
        "if", "then", "else", "true", "false", "U", "\"a\"", "\"\\u{1F600}*\"", "7", "9223372036854775807",
        "ip", "contains", "getTag", "hasTag",
        "decimal", "toDate", "// c\n", "entity", "type", "=", "Set", "<", ">", "enum", "appliesTo", "tags",
        "namespace", "\u{301}", "\\",
    ]

    private static let schema =
        "entity U in U = { a?: Long, b: { c?: U }, s: Set<Long> } tags Long;"
        + "action a appliesTo { principal: U, resource: U, context: { a?: Bool } };"

    /// A condition that is a sentence of the grammar, of no type in particular.
    private static func condition(_ random: inout Generator, _ depth: Int) -> String {
        let leaves = [
            "principal", "context", "1", "\"x\"", "true", "U::\"u\"", "action", "[]", "{}", "ip(\"::1\")",
            "decimal(\"1.0\")",
        ]
        guard depth > 0, Int.random(in: 0..<5, using: &random) > 0 else {
            return leaves.randomElement(using: &random) ?? "1"
        }
        let (a, b) = (condition(&random, depth - 1), condition(&random, depth - 1))
        let forms = [
            "(\(a) && \(b))", "(\(a) || \(b))", "!(\(a))", "-(\(a))", "(\(a) == \(b))", "(\(a) < \(b))",
            "(\(a) + \(b))",
            "(\(a) in \(b))", "(\(a)).a", "((\(a)) has a.b)", "(\(a) like \"*a*\")", "(\(a) is U in \(b))",
            "[\(a), \(b)]", "{a: \(a), b: \(b)}",
            "(\(a)).contains(\(b))", "(\(a)).getTag(\(b))", "(\(a)).hasTag(\(b))", "(\(a)).isInRange(\(b))",
            "(\(a)).offset(\(b))",
            "(if \(a) then \(b) else \(a))", "(\(a)).isEmpty()", "datetime(\(a))",
        ]
        return forms.randomElement(using: &random) ?? a
    }

    private static func use(_ text: String) throws(CedarFault) {
        let set = try CedarPolicySet(parsing: text, naming: .place)
        let user = EntityUID("U", "u")
        let entities = CedarEntities([
            user: .init(attributes: ["a": .long(1)], parents: [user], tags: ["x": .long(1)])
        ])
        let request = CedarRequest(
            principal: user, action: EntityUID("Action", "a"), resource: EntityUID("U", "v"),
            context: ["a": .bool(true)])
        _ = set.decide(request, entities, errors: .forbidDenies)
        _ = CedarValidator(try CedarSchema(parsing: schema)).validate(set)
        let formatted = try CedarFormatter.format(text)
        #expect(try CedarFormatter.format(formatted) == formatted, "\(text)")
    }

    @Test(arguments: 1...8)
    func anySequenceOfWords(seed: UInt64) {
        var random = Generator(state: seed)
        for _ in 0..<200 {
            let count = Int.random(in: 1..<40, using: &random)
            let text = (0..<count).map { _ in Self.words.randomElement(using: &random) ?? "" }.joined(
                separator: " ")
            for prefix in ["", "permit(principal, action, resource) when { "] { try? Self.use(prefix + text) }
            _ = try? CedarSchema(parsing: text)
            _ = try? CedarSchema(parsing: "entity A = { " + text)
            _ = try? CedarDocument(text.utf8)
        }
    }

    @Test(arguments: 1...8)
    func anySentence(seed: UInt64) throws {
        var random = Generator(state: seed)
        for _ in 0..<100 {
            let condition = Self.condition(&random, 6)
            try Self.use("permit(principal, action, resource) when { \(condition) };")
        }
    }

    /// Each level stands once in the level around it: the validator must look at it once, not twice.
    @Test(arguments: [
        ("(if ", " is U in U::\"g\" then principal else principal)", "principal"),
        ("(if ", " has b.c.b.c.b.c then principal else principal)", "principal"),
        ("(if ", ".hasTag(\"x\") then principal else principal)", "principal"),
        ("[", "].contains(principal) || principal == U::\"u\"", "principal"),
    ])
    func nestingCostsNoMoreThanItsDepth(before: String, after: String, core: String) throws {
        let depth = 60
        let condition =
            String(repeating: before, count: depth) + core + String(repeating: after, count: depth)
        try? Self.use("permit(principal, action, resource) when { \(condition) is U };")
    }

    @Test(arguments: [
        "(", "[", "{a:", "!", "-", "if ", "principal.", "[[", "1+", "true&&!", "\"", "//", "@a", "a::",
        "Set<", "{\"a\":[",
    ])
    func anyDepth(piece: String) {
        let text = String(repeating: piece, count: 20_000)
        for prefix in ["", "permit(principal, action, resource) when { "] { try? Self.use(prefix + text) }
        _ = try? CedarSchema(parsing: text)
        _ = try? CedarSchema(parsing: "type T = " + text)
        _ = try? CedarDocument(text.utf8)
    }
}
