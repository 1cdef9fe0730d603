/// What the parsers of policies and of schemas have in common: a place among tokens.
protocol CedarTokenReader {
    /// Ends with `.end`.
    var tokens: [CedarToken] { get }
    var index: Int { get set }
}

extension CedarTokenReader {
    var token: CedarToken { tokens[index] }

    mutating func advance() -> CedarToken {
        let token = tokens[index]
        if token.kind != .end { index += 1 }
        return token
    }

    func isNext(_ symbol: String) -> Bool { token.kind == .symbol(symbol) }

    func isWord(_ word: String) -> Bool { token.kind == .identifier(word) }

    /// Whether the token after the next is this symbol.
    func isAfter(_ symbol: String) -> Bool {
        index + 1 < tokens.count && tokens[index + 1].kind == .symbol(symbol)
    }

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

    /// Any identifier, as annotations are called.
    mutating func word() throws(CedarFault) -> String {
        guard case .identifier(let name) = token.kind else { throw fault("expected a name") }
        index += 1
        return name
    }

    /// An identifier that is not reserved.
    mutating func identifier() throws(CedarFault) -> String {
        if case .identifier(let name) = token.kind, CedarName.reserved.contains(name) {
            throw fault("'\(name)' is reserved and cannot be used as a name")
        }
        return try word()
    }

    mutating func string() throws(CedarFault) -> String {
        guard case .string(let raw) = token.kind else { throw fault("expected a string") }
        return try CedarEscape.string(raw, at: advance().position)
    }

    func fault(_ message: String) -> CedarFault { CedarFault(.syntax, message, at: token.position) }

    /// `A::B::C`; stops before `::"id"`.
    mutating func path() throws(CedarFault) -> String {
        var path = try identifier()
        while isNext("::"), case .identifier = tokens[index + 1].kind {
            index += 1
            path += "::" + (try identifier())
        }
        return path
    }

    /// `@name` or `@name("value")`, any number of them, none twice.
    mutating func annotations() throws(CedarFault) -> [CedarPolicy.Annotation] {
        var annotations: [CedarPolicy.Annotation] = []
        while isNext("@") {
            let position = advance().position
            let name = try word()
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
}
