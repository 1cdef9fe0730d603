/// A token of a policy text.
struct CedarToken: Hashable {
    enum Kind: Hashable {
        case identifier(String)
        case integer(UInt64)
        /// The characters between the quotes, escapes included: strings and patterns read them differently.
        case string(String)
        case symbol(String)
        case end
    }

    let kind: Kind
    let position: CedarPosition
}

/// Cuts a policy text into tokens (Cedar reference, "Grammar specification").
struct CedarLexer {
    private let characters: [Unicode.Scalar]
    private var index = 0
    private var line = 1
    private var column = 1

    private init(_ text: String) { characters = Array(text.unicodeScalars) }

    static func tokens(of text: String) throws(CedarFault) -> [CedarToken] {
        var lexer = CedarLexer(text)
        var tokens: [CedarToken] = []
        repeat { tokens.append(try lexer.next()) } while tokens.last?.kind != .end
        return tokens
    }

    private var here: CedarPosition { CedarPosition(line: line, column: column) }

    private func peek(_ ahead: Int = 0) -> Unicode.Scalar? {
        index + ahead < characters.count ? characters[index + ahead] : nil
    }

    private mutating func advance() -> Unicode.Scalar {
        let scalar = characters[index]
        index += 1
        column = scalar == "\n" ? 1 : column + 1
        if scalar == "\n" { line += 1 }
        return scalar
    }

    private mutating func skipBlanks() {
        while let scalar = peek() {
            if scalar == "/", peek(1) == "/" {
                while let scalar = peek(), scalar != "\n" { _ = advance() }
            } else if scalar.properties.isWhitespace {
                _ = advance()
            } else {
                return
            }
        }
    }

    private mutating func next() throws(CedarFault) -> CedarToken {
        skipBlanks()
        let start = here
        guard let scalar = peek() else { return CedarToken(kind: .end, position: start) }
        if scalar == "_" || Self.isLetter(scalar) {
            return CedarToken(
                kind: .identifier(take { $0 == "_" || Self.isLetter($0) || Self.isDigit($0) }),
                position: start)
        }
        if Self.isDigit(scalar) {
            guard let number = UInt64(take(Self.isDigit)) else {
                throw CedarFault(.syntax, "the integer is too large", at: start)
            }
            return CedarToken(kind: .integer(number), position: start)
        }
        if scalar == "\"" { return CedarToken(kind: .string(try string(start)), position: start) }
        return CedarToken(kind: .symbol(try symbol(start)), position: start)
    }

    private static func isLetter(_ scalar: Unicode.Scalar) -> Bool {
        ("a"..."z").contains(scalar) || ("A"..."Z").contains(scalar)
    }

    private static func isDigit(_ scalar: Unicode.Scalar) -> Bool { ("0"..."9").contains(scalar) }

    private mutating func take(_ isPart: (Unicode.Scalar) -> Bool) -> String {
        var text = String.UnicodeScalarView()
        while let scalar = peek(), isPart(scalar) { text.append(advance()) }
        return String(text)
    }

    private mutating func string(_ start: CedarPosition) throws(CedarFault) -> String {
        _ = advance()
        var text = String.UnicodeScalarView()
        while let scalar = peek() {
            _ = advance()
            if scalar == "\"" { return String(text) }
            text.append(scalar)
            if scalar == "\\", peek() != nil { text.append(advance()) }
        }
        throw CedarFault(.syntax, "the string does not end", at: start)
    }

    private static let symbols = [
        "::", "==", "!=", "<=", ">=", "&&", "||", "<", ">", "!", "(", ")", "[", "]", "{", "}", ",", ";", ":",
        ".", "+", "-", "*", "@", "?", "=",
    ]

    private mutating func symbol(_ start: CedarPosition) throws(CedarFault) -> String {
        for symbol in Self.symbols {
            let scalars = Array(symbol.unicodeScalars)
            guard scalars.indices.allSatisfy({ peek($0) == scalars[$0] }) else { continue }
            for _ in scalars { _ = advance() }
            return symbol
        }
        throw CedarFault(.syntax, "unexpected character", at: start)
    }
}

/// Reads the escapes of strings and of `like` patterns.
enum CedarEscape {
    /// One element of a pattern: a scalar, or nil for the wildcard `*`.
    static func read(
        _ raw: String, isPattern: Bool, at position: CedarPosition
    ) throws(CedarFault) -> [Unicode.Scalar?] {
        let scalars = Array(raw.unicodeScalars)
        var result: [Unicode.Scalar?] = []
        var index = 0
        while index < scalars.count {
            let scalar = scalars[index]
            index += 1
            if scalar != "\\" {
                result.append(isPattern && scalar == "*" ? nil : scalar)
                continue
            }
            guard index < scalars.count, let read = escape(scalars, &index, isPattern) else {
                throw CedarFault(.syntax, "unknown escape in a string", at: position)
            }
            result.append(read)
        }
        return result
    }

    static func string(_ raw: String, at position: CedarPosition) throws(CedarFault) -> String {
        var text = String.UnicodeScalarView()
        for case let scalar? in try read(raw, isPattern: false, at: position) { text.append(scalar) }
        return String(text)
    }

    private static func escape(
        _ scalars: [Unicode.Scalar], _ index: inout Int, _ isPattern: Bool
    ) -> Unicode.Scalar? {
        let kind = scalars[index]
        index += 1
        switch kind {
        case "n": return "\n"
        case "r": return "\r"
        case "t": return "\t"
        case "0": return "\0"
        case "\\", "\"", "'": return kind
        case "*": return isPattern ? "*" : nil
        case "x":
            guard index + 2 <= scalars.count else { return nil }
            let digits = String(String.UnicodeScalarView(scalars[index..<index + 2]))
            index += 2
            return UInt32(digits, radix: 16).flatMap { $0 < 0x80 ? Unicode.Scalar($0) : nil }
        case "u":
            guard index < scalars.count, scalars[index] == "{",
                let end = scalars[index...].firstIndex(of: "}")
            else { return nil }
            let digits = String(String.UnicodeScalarView(scalars[(index + 1)..<end]))
            index = end + 1
            return (1...6).contains(digits.count)
                ? UInt32(digits, radix: 16).flatMap(Unicode.Scalar.init) : nil
        default: return nil
        }
    }
}
