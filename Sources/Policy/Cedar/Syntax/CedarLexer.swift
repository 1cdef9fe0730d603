/// A token of a policy or schema text.
struct CedarToken: Hashable {
    enum Kind: Hashable {
        case identifier(String)
        case integer(UInt64)
        /// The characters between the quotes, escapes included: strings and patterns read them differently.
        case string(String)
        case symbol(String)
        /// `?principal`.
        case slot(String)
        case end
    }

    let kind: Kind
    let position: CedarPosition
}

/// A comment, for the formatter.
struct CedarComment: Hashable {
    let text: String
    let position: CedarPosition
}

/// Cuts a text into tokens (Cedar reference, "Grammar specification").
struct CedarLexer {
    private let bytes: [UInt8]
    private var index = 0
    private var line = 1
    private var column = 1
    private var comments: [CedarComment] = []

    private init(_ text: String) { bytes = Array(text.utf8) }

    /// The most of a text that is read.
    static let longest = 16_777_216

    static func tokens(of text: String) throws(CedarFault) -> [CedarToken] { try read(text).tokens }

    static func read(_ text: String) throws(CedarFault) -> (tokens: [CedarToken], comments: [CedarComment]) {
        guard text.utf8.count <= longest else { throw CedarFault(.tooLarge, "the text is too large") }
        var lexer = CedarLexer(text)
        var tokens: [CedarToken] = []
        repeat { tokens.append(try lexer.next()) } while tokens.last?.kind != .end
        return (tokens, lexer.comments)
    }

    private var here: CedarPosition { CedarPosition(line: line, column: column) }

    private func peek(_ ahead: Int = 0) -> UInt8? {
        index + ahead < bytes.count ? bytes[index + ahead] : nil
    }

    private mutating func advance(_ count: Int = 1) {
        for _ in 0..<count {
            let byte = bytes[index]
            index += 1
            if byte == UInt8(ascii: "\n") {
                (line, column) = (line + 1, 1)
            } else if byte & 0xC0 != 0x80 {
                column += 1
            }
        }
    }

    private mutating func skipBlanks() {
        while let byte = peek() {
            if byte == UInt8(ascii: "/"), peek(1) == UInt8(ascii: "/") {
                comment()
            } else if byte == 0x20 || (0x09...0x0D).contains(byte) {
                advance()
            } else if byte >= 0x80, let length = wideBlank() {
                advance(length)
            } else {
                return
            }
        }
    }

    private mutating func comment() {
        let (start, position) = (index, here)
        while let byte = peek(), byte != UInt8(ascii: "\n"), byte != UInt8(ascii: "\r") { advance() }
        let text = String(decoding: bytes[start..<index], as: UTF8.self)
        comments.append(CedarComment(text: text, position: position))
    }

    /// The bytes of a blank outside ASCII.
    private func wideBlank() -> Int? {
        let length = bytes[index] < 0xE0 ? 2 : 3
        guard index + length <= bytes.count,
            let scalar = String(decoding: bytes[index..<index + length], as: UTF8.self).unicodeScalars.first,
            scalar.properties.isWhitespace
        else { return nil }
        return length
    }

    private mutating func next() throws(CedarFault) -> CedarToken {
        skipBlanks()
        let start = here
        guard let byte = peek() else { return CedarToken(kind: .end, position: start) }
        if Self.isLetter(byte) { return CedarToken(kind: .identifier(word()), position: start) }
        if Self.isDigit(byte) { return CedarToken(kind: .integer(try integer(start)), position: start) }
        if byte == UInt8(ascii: "\"") {
            return CedarToken(kind: .string(try string(start)), position: start)
        }
        if byte == UInt8(ascii: "?"), let after = peek(1), Self.isLetter(after) {
            advance()
            return CedarToken(kind: .slot(word()), position: start)
        }
        return CedarToken(kind: .symbol(try symbol(start)), position: start)
    }

    static func isLetter(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: "_") || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
    }

    static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }

    private mutating func word() -> String {
        let start = index
        while let byte = peek(), Self.isLetter(byte) || Self.isDigit(byte) { advance() }
        return String(decoding: bytes[start..<index], as: UTF8.self)
    }

    private mutating func integer(_ start: CedarPosition) throws(CedarFault) -> UInt64 {
        let first = index
        while let byte = peek(), Self.isDigit(byte) { advance() }
        guard let number = UInt64(String(decoding: bytes[first..<index], as: UTF8.self)) else {
            throw CedarFault(.syntax, "the integer is too large", at: start)
        }
        return number
    }

    private mutating func string(_ start: CedarPosition) throws(CedarFault) -> String {
        advance()
        let first = index
        while let byte = peek() {
            if byte == UInt8(ascii: "\"") {
                let text = String(decoding: bytes[first..<index], as: UTF8.self)
                advance()
                return text
            }
            if byte == UInt8(ascii: "\\") {
                advance()
                guard let next = peek(), next != UInt8(ascii: "\n") else { break }
            }
            advance()
        }
        throw CedarFault(.syntax, "the string does not end", at: start)
    }

    private static let pairs: [UInt8: (second: UInt8, both: String)] = [
        UInt8(ascii: ":"): (UInt8(ascii: ":"), "::"), UInt8(ascii: "="): (UInt8(ascii: "="), "=="),
        UInt8(ascii: "!"): (UInt8(ascii: "="), "!="), UInt8(ascii: "<"): (UInt8(ascii: "="), "<="),
        UInt8(ascii: ">"): (UInt8(ascii: "="), ">="), UInt8(ascii: "&"): (UInt8(ascii: "&"), "&&"),
        UInt8(ascii: "|"): (UInt8(ascii: "|"), "||"),
    ]

    private mutating func symbol(_ start: CedarPosition) throws(CedarFault) -> String {
        let byte = bytes[index]
        if let pair = Self.pairs[byte], peek(1) == pair.second {
            advance(2)
            return pair.both
        }
        let single: String
        switch byte {
        case UInt8(ascii: "("): single = "("
        case UInt8(ascii: ")"): single = ")"
        case UInt8(ascii: "{"): single = "{"
        case UInt8(ascii: "}"): single = "}"
        case UInt8(ascii: "["): single = "["
        case UInt8(ascii: "]"): single = "]"
        case UInt8(ascii: ","): single = ","
        case UInt8(ascii: ";"): single = ";"
        case UInt8(ascii: ":"): single = ":"
        case UInt8(ascii: "."): single = "."
        case UInt8(ascii: "<"): single = "<"
        case UInt8(ascii: ">"): single = ">"
        case UInt8(ascii: "!"): single = "!"
        case UInt8(ascii: "+"): single = "+"
        case UInt8(ascii: "-"): single = "-"
        case UInt8(ascii: "*"): single = "*"
        case UInt8(ascii: "/"): single = "/"
        case UInt8(ascii: "%"): single = "%"
        case UInt8(ascii: "@"): single = "@"
        case UInt8(ascii: "?"): single = "?"
        case UInt8(ascii: "="): single = "="
        default: throw CedarFault(.syntax, "unexpected character", at: start)
        }
        advance()
        return single
    }
}
