/// Cuts SQL into tokens by PostgreSQL's lexical rules (PostgreSQL 15, 4.1), without its grammar: enough to tell
/// statements apart, to find parameters and to read short commands of a session.
///
///     SQLScanner.statements("SELECT ';'; SHOW x")     // ["SELECT ';'", "SHOW x"]
///
/// It never fails: what is not closed reaches to the end, and the parser refuses it with its place.
package struct SQLScanner: Sendable {
    package struct Token: Hashable, Sendable {
        package enum Kind: Hashable, Sendable {
            /// A name or key word as PostgreSQL folds it: lower case, or as quoted.
            case word
            case quotedWord
            case string
            case number
            /// `$1`: `text` is the number.
            case parameter
            /// One character of punctuation, or `::`.
            case symbol
        }

        package let kind: Kind
        package let text: String
        /// Offsets in bytes of UTF-8.
        package let range: Range<Int>
    }

    private let bytes: [UInt8]
    private var place = 0

    package init(_ sql: String) { bytes = Array(sql.utf8) }

    /// All tokens, without white space and comments.
    package static func tokens(_ sql: String) -> [Token] {
        var scanner = SQLScanner(sql)
        var tokens: [Token] = []
        while let token = scanner.next() { tokens.append(token) }
        return tokens
    }

    /// The statements of a text that have any token, with the offset in characters at which each begins.
    package static func statements(_ sql: String) -> [(text: String, offset: Int)] {
        let bytes = Array(sql.utf8)
        var found: [(String, Int)] = []
        var start = 0
        var isEmpty = true
        func add(upTo end: Int) {
            guard !isEmpty else { return }
            let before = String(decoding: bytes[..<start], as: UTF8.self).unicodeScalars.count
            found.append((String(decoding: bytes[start..<end], as: UTF8.self), before))
        }
        for token in tokens(sql) {
            if token.kind == .symbol, token.text == ";" {
                add(upTo: token.range.lowerBound)
                (start, isEmpty) = (token.range.upperBound, true)
            } else {
                isEmpty = false
            }
        }
        add(upTo: bytes.count)
        return found
    }

    private mutating func next() -> Token? {
        skipSpace()
        guard place < bytes.count else { return nil }
        let start = place
        let byte = bytes[place]
        switch byte {
        case UInt8(ascii: "'"): return string(from: start, escapes: false)
        case UInt8(ascii: "\""): return quoted(from: start)
        case UInt8(ascii: "$"): return dollar(from: start)
        case _ where Self.isDigit(byte): return number(from: start)
        case _ where Self.beginsWord(byte): return word(from: start)
        default:
            place += 1
            if byte == UInt8(ascii: ":"), peek(0) == byte { place += 1 }
            return token(.symbol, String(decoding: bytes[start..<place], as: UTF8.self), start)
        }
    }

    private func token(_ kind: Token.Kind, _ text: String, _ start: Int) -> Token {
        Token(kind: kind, text: text, range: start..<place)
    }

    private func peek(_ offset: Int) -> UInt8? {
        place + offset < bytes.count ? bytes[place + offset] : nil
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }

    private static func beginsWord(_ byte: UInt8) -> Bool {
        (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte) || byte == 0x5F || byte >= 0x80
    }

    private mutating func skipSpace() {
        while let byte = peek(0) {
            switch byte {
            case 9...13, 32: place += 1
            case UInt8(ascii: "-") where peek(1) == byte:
                while let next = peek(0), next != 10, next != 13 { place += 1 }
            case UInt8(ascii: "/") where peek(1) == UInt8(ascii: "*"): skipComment()
            default: return
            }
        }
    }

    /// Block comments nest.
    private mutating func skipComment() {
        var depth = 0
        while place < bytes.count {
            switch (peek(0), peek(1)) {
            case (UInt8(ascii: "/"), UInt8(ascii: "*")):
                depth += 1
                place += 2
            case (UInt8(ascii: "*"), UInt8(ascii: "/")):
                depth -= 1
                place += 2
                if depth == 0 { return }
            default: place += 1
            }
        }
    }

    private mutating func string(from start: Int, escapes: Bool) -> Token {
        token(.string, delimited(by: UInt8(ascii: "'"), escapes: escapes), start)
    }

    private mutating func quoted(from start: Int) -> Token {
        token(.quotedWord, delimited(by: UInt8(ascii: "\""), escapes: false), start)
    }

    /// Up to the mark that it began with; two of them stand for one.
    private mutating func delimited(by quote: UInt8, escapes: Bool) -> String {
        place += 1
        var text: [UInt8] = []
        while let byte = peek(0) {
            place += 1
            if byte == quote {
                guard peek(0) == quote else { break }
                place += 1
            } else if escapes, byte == UInt8(ascii: "\\"), let next = peek(0) {
                text.append(next)
                place += 1
                continue
            }
            text.append(byte)
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// `$1`, `$$…$$` or `$tag$…$tag$`.
    private mutating func dollar(from start: Int) -> Token {
        place += 1
        if let byte = peek(0), Self.isDigit(byte) {
            while let byte = peek(0), Self.isDigit(byte) { place += 1 }
            return token(.parameter, String(decoding: bytes[(start + 1)..<place], as: UTF8.self), start)
        }
        while let byte = peek(0), Self.beginsWord(byte) || Self.isDigit(byte) { place += 1 }
        guard peek(0) == UInt8(ascii: "$") else { return token(.symbol, "$", start) }
        place += 1
        let mark = bytes[start..<place]
        let body = place
        while place < bytes.count, !bytes[place...].starts(with: mark) { place += 1 }
        let text = String(decoding: bytes[body..<place], as: UTF8.self)
        place = min(bytes.count, place + mark.count)
        return token(.string, text, start)
    }

    private mutating func number(from start: Int) -> Token {
        while let byte = peek(0), Self.isDigit(byte) || byte == UInt8(ascii: ".") { place += 1 }
        if let byte = peek(0), byte | 0x20 == UInt8(ascii: "e"), let next = peek(1),
            Self.isDigit(next) || next == UInt8(ascii: "-") || next == UInt8(ascii: "+")
        {
            place += 2
            while let byte = peek(0), Self.isDigit(byte) { place += 1 }
        }
        return token(.number, String(decoding: bytes[start..<place], as: UTF8.self), start)
    }

    private mutating func word(from start: Int) -> Token {
        if bytes[place] | 0x20 == UInt8(ascii: "e"), peek(1) == UInt8(ascii: "'") {
            place += 1
            return string(from: start, escapes: true)
        }
        while let byte = peek(0), Self.beginsWord(byte) || Self.isDigit(byte) || byte == UInt8(ascii: "$") {
            place += 1
        }
        return token(.word, String(decoding: bytes[start..<place], as: UTF8.self).lowercased(), start)
    }
}
