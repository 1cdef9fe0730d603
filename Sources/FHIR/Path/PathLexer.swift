/// A token of FHIRPath.
enum PathToken: Hashable, Sendable {
    case identifier(String)
    case text(String)
    case number(String)
    /// After `@`: date, dateTime or time.
    case temporal(String)
    /// After `%`.
    case constant(String)
    /// After `$`.
    case special(String)
    case symbol(String)
    case end
}

/// Splits FHIRPath into tokens. Grammar: HL7 FHIRPath 2.0.0, appendix "Grammar".
struct PathLexer {
    private let scalars: [Unicode.Scalar]
    private var at = 0

    /// Longer expressions are refused.
    static let lengthLimit = 16_384

    init(_ text: String) { scalars = Array(text.unicodeScalars) }

    static func tokens(_ text: String) throws(PathError) -> [(token: PathToken, position: Int)] {
        var lexer = PathLexer(text)
        guard lexer.scalars.count <= lengthLimit else { throw PathError(.syntax, "expression too long") }
        var result: [(PathToken, Int)] = []
        while true {
            try lexer.skipBlanks()
            let position = lexer.at + 1
            let token = try lexer.next()
            result.append((token, position))
            if token == .end { return result }
        }
    }

    private var peek: Unicode.Scalar? { at < scalars.count ? scalars[at] : nil }

    private func peek(_ offset: Int) -> Unicode.Scalar? {
        at + offset < scalars.count ? scalars[at + offset] : nil
    }

    private mutating func skipBlanks() throws(PathError) {
        while let scalar = peek {
            if scalar.properties.isWhitespace {
                at += 1
            } else if scalar == "/", peek(1) == "/" {
                while peek != nil, peek != "\n" { at += 1 }
            } else if scalar == "/", peek(1) == "*" {
                let start = at
                at += 2
                while peek != nil, !(peek == "*" && peek(1) == "/") { at += 1 }
                guard peek != nil else { throw PathError(.syntax, "comment without end", at: start + 1) }
                at += 2
            } else {
                return
            }
        }
    }

    private mutating func next() throws(PathError) -> PathToken {
        guard let scalar = peek else { return .end }
        switch scalar {
        case "'": return .text(try quoted("'"))
        case "`": return .identifier(try quoted("`"))
        case "0"..."9": return .number(number())
        case "@":
            at += 1
            let text = temporal()
            guard !text.isEmpty else { throw PathError(.syntax, "a date or time must follow @", at: at) }
            return .temporal(text)
        case "%":
            at += 1
            if peek == "`" { return .constant(try quoted("`")) }
            if peek == "'" { return .constant(try quoted("'")) }
            return .constant(try name("%"))
        case "$":
            at += 1
            return .special(try name("$"))
        case _ where Self.isNameStart(scalar): return .identifier(try name(""))
        default: return try symbol()
        }
    }

    private mutating func symbol() throws(PathError) -> PathToken {
        let pair = String(scalars[at..<min(at + 2, scalars.count)].map(Character.init))
        for two in ["!=", "<=", ">=", "!~"] where pair == two {
            at += 2
            return .symbol(two)
        }
        let one = String(Character(scalars[at]))
        guard "=<>+-*/&|.,()[]{}~".contains(one) else {
            throw PathError(.syntax, "a character that FHIRPath has no use for", at: at + 1)
        }
        at += 1
        return .symbol(one)
    }

    /// `YYYY[-MM[-DD]]`, `T` and a time of day with an offset; stops where something else begins.
    private mutating func temporal() -> String {
        var text = digits(4)
        if !text.isEmpty {
            for _ in 0..<2 { text += digits(2, after: "-") }
        }
        guard peek == "T" else { return text }
        at += 1
        text += "T" + digits(2)
        for _ in 0..<2 { text += digits(2, after: ":") }
        if peek == ".", let after = peek(1), Self.isDigit(after) {
            at += 1
            text += "." + run(Self.isDigit)
        }
        if peek == "Z" {
            at += 1
            return text + "Z"
        }
        for sign in ["+", "-"] as [Unicode.Scalar] {
            let start = at
            let hours = digits(2, after: sign)
            let minutes = hours.isEmpty ? "" : digits(2, after: ":")
            if !minutes.isEmpty { return text + hours + minutes }
            at = start
        }
        return text
    }

    /// So many digits behind a mark, with the mark; nothing unless all are there.
    private mutating func digits(_ count: Int, after mark: Unicode.Scalar? = nil) -> String {
        let start = at
        var text = String.UnicodeScalarView()
        if let mark {
            guard peek == mark else { return "" }
            text.append(mark)
            at += 1
        }
        for _ in 0..<count {
            guard let scalar = peek, Self.isDigit(scalar) else {
                at = start
                return ""
            }
            text.append(scalar)
            at += 1
        }
        return String(text)
    }

    private mutating func number() -> String {
        var text = run(Self.isDigit)
        if peek == ".", let after = peek(1), Self.isDigit(after) {
            at += 1
            text += "." + run(Self.isDigit)
        }
        return text
    }

    private mutating func name(_ sign: String) throws(PathError) -> String {
        guard let first = peek, Self.isNameStart(first) else {
            throw PathError(.syntax, "a name must follow \(sign)", at: at + 1)
        }
        return run { Self.isNameStart($0) || Self.isDigit($0) }
    }

    private mutating func run(_ accept: (Unicode.Scalar) -> Bool) -> String {
        var text = String.UnicodeScalarView()
        while let scalar = peek, accept(scalar) {
            text.append(scalar)
            at += 1
        }
        return String(text)
    }

    private mutating func quoted(_ quote: Unicode.Scalar) throws(PathError) -> String {
        let start = at + 1
        at += 1
        var text = String.UnicodeScalarView()
        while let scalar = peek {
            at += 1
            if scalar == quote { return String(text) }
            text.append(scalar == "\\" ? try escaped() : scalar)
        }
        throw PathError(.syntax, "quote without end", at: start)
    }

    private mutating func escaped() throws(PathError) -> Unicode.Scalar {
        guard let scalar = peek else { throw PathError(.syntax, "escape without end", at: at) }
        at += 1
        switch scalar {
        case "n": return "\n"
        case "r": return "\r"
        case "t": return "\t"
        case "f": return "\u{C}"
        case "u": return try unicode()
        case "'", "\"", "`", "\\", "/": return scalar
        default: throw PathError(.syntax, "unknown escape", at: at)
        }
    }

    /// A code point as four hexadecimal digits, or two surrogates of them.
    private mutating func unicode() throws(PathError) -> Unicode.Scalar {
        let high = try unit()
        if let scalar = Unicode.Scalar(high) { return scalar }
        if (0xD800..<0xDC00).contains(high), peek == "\\", peek(1) == "u" {
            at += 2
            let low = try unit()
            if (0xDC00..<0xE000).contains(low),
                let scalar = Unicode.Scalar(0x10000 + (high - 0xD800) << 10 + (low - 0xDC00))
            {
                return scalar
            }
        }
        throw PathError(.syntax, "half a character", at: at)
    }

    private mutating func unit() throws(PathError) -> UInt32 {
        let digits = scalars[at..<min(at + 4, scalars.count)].map { String(Character($0)) }.joined()
        guard digits.count == 4, digits.allSatisfy(\.isHexDigit), let code = UInt32(digits, radix: 16) else {
            throw PathError(.syntax, "four hexadecimal digits must follow \\u", at: at)
        }
        at += 4
        return code
    }

    private static func isDigit(_ scalar: Unicode.Scalar) -> Bool { ("0"..."9").contains(scalar) }

    private static func isNameStart(_ scalar: Unicode.Scalar) -> Bool {
        ("a"..."z").contains(scalar) || ("A"..."Z").contains(scalar) || scalar == "_"
    }
}
