/// Reads FHIRPath by precedence climbing. Precedence: HL7 FHIRPath 2.0.0, section "Operator Precedence".
struct PathParser {
    /// Deeper nesting is refused.
    static let depthLimit = 64

    private let tokens: [(token: PathToken, position: Int)]
    private var at = 0
    private var depth = 0

    static func parse(_ text: String) throws(PathError) -> PathSyntax {
        var parser = PathParser(tokens: try PathLexer.tokens(text))
        let result = try parser.expression(0)
        guard parser.token == .end else { throw parser.fault("something is left over") }
        return result
    }

    private init(tokens: [(token: PathToken, position: Int)]) { self.tokens = tokens }

    private var token: PathToken { tokens[at].token }

    private func fault(_ message: String, _ code: PathError.Code = .syntax) -> PathError {
        PathError(code, message, at: tokens[at].position)
    }

    private mutating func accept(_ symbol: String) -> Bool {
        guard token == .symbol(symbol) else { return false }
        at += 1
        return true
    }

    private mutating func expect(_ symbol: String) throws(PathError) {
        guard accept(symbol) else { throw fault("'\(symbol)' expected") }
    }

    /// How tightly a binary operator binds; larger is tighter. `is` and `as` have no meaning of their own:
    /// they are read as calls.
    private static let binding: [String: (level: Int, meaning: PathSyntax.Operator?)] = [
        "implies": (1, .implies), "or": (2, .or), "xor": (2, .xor), "and": (3, .and), "in": (4, .isIn),
        "contains": (4, .contains), "=": (5, .equal), "!=": (5, .notEqual), "~": (5, .equivalent),
        "!~": (5, .notEquivalent), "<": (6, .less), "<=": (6, .lessOrEqual), ">": (6, .greater),
        ">=": (6, .greaterOrEqual), "|": (7, .union), "is": (8, nil), "as": (8, nil), "+": (9, .add),
        "-": (9, .subtract), "&": (9, .concatenate), "*": (10, .multiply), "/": (10, .divide),
        "div": (10, .wholeDivide), "mod": (10, .remainder),
    ]

    private mutating func expression(_ level: Int) throws(PathError) -> PathSyntax {
        depth += 1
        defer { depth -= 1 }
        guard depth <= Self.depthLimit else { throw fault("nested too deeply") }
        var left = try unary()
        var terms = 0
        while let (name, binding) = operatorHere, binding.level > level {
            terms += 1
            guard terms <= Self.depthLimit else { throw fault("too many terms") }
            at += 1
            if let meaning = binding.meaning {
                left = .binary(meaning, left, try expression(binding.level))
            } else {
                left = .call(left, name, [try typeName()])
            }
        }
        return left
    }

    private var operatorHere: (String, (level: Int, meaning: PathSyntax.Operator?))? {
        switch token {
        case .symbol(let name), .identifier(let name): Self.binding[name].map { (name, $0) }
        default: nil
        }
    }

    private mutating func unary() throws(PathError) -> PathSyntax {
        guard token == .symbol("-") || token == .symbol("+") else { return try postfix() }
        depth += 1
        defer { depth -= 1 }
        guard depth <= Self.depthLimit else { throw fault("nested too deeply") }
        if accept("-") { return .negate(try unary()) }
        at += 1
        return try unary()
    }

    /// The name behind `is` or `as`, perhaps with its model's name before it.
    private mutating func typeName() throws(PathError) -> PathSyntax {
        var name = PathSyntax.this
        repeat {
            guard case .identifier(let part) = token else { throw fault("the name of a type expected") }
            at += 1
            name = .member(name, part)
        } while accept(".")
        return name
    }

    private mutating func postfix() throws(PathError) -> PathSyntax {
        var left = try term()
        var steps = 0
        while true {
            if accept(".") {
                left = try invocation(on: left)
            } else if accept("[") {
                left = .item(left, try expression(0))
                try expect("]")
            } else {
                return left
            }
            steps += 1
            guard steps <= 2 * Self.depthLimit else { throw fault("too many steps") }
        }
    }

    private mutating func term() throws(PathError) -> PathSyntax {
        switch token {
        case .symbol("("):
            at += 1
            let inner = try expression(0)
            try expect(")")
            return inner
        case .symbol("{"):
            at += 1
            try expect("}")
            return .nothing
        case .text(let text): return literal(.text(text, .string))
        case .number(let text): return try number(text)
        case .temporal(let text): return literal(try temporal(text))
        case .constant(let name):
            at += 1
            switch name {
            case "resource", "context", "rootResource": return .resource
            case "rowIndex": return .rowIndex
            default: return .constant(name)
            }
        case .special("index"):
            at += 1
            return .index
        case .special("this"):
            at += 1
            return .this
        case .special(let name): throw fault("$\(name) is not supported", .unsupported)
        case .identifier("true") where !isCall: return literal(.boolean(true))
        case .identifier("false") where !isCall: return literal(.boolean(false))
        case .identifier: return try invocation(on: .this)
        default: throw fault("an expression expected")
        }
    }

    private var isCall: Bool { tokens[at + 1].token == .symbol("(") }

    private mutating func literal(_ value: PathSyntax.Literal) -> PathSyntax {
        at += 1
        return .literal(value)
    }

    private mutating func number(_ text: String) throws(PathError) -> PathSyntax {
        if case .text = tokens[at + 1].token { throw fault("quantities are not supported", .unsupported) }
        if case .identifier(let unit) = tokens[at + 1].token, Self.calendarUnits.contains(unit) {
            throw fault("quantities are not supported", .unsupported)
        }
        if let integer = Int64(text) { return literal(.integer(integer)) }
        guard let decimal = Double(text), decimal.isFinite else { throw fault("not a number") }
        let places = text.split(separator: ".").dropFirst().first?.count ?? 0
        return literal(.decimal(decimal, places: Int8(clamping: places)))
    }

    private static let calendarUnits: Set<String> = [
        "year", "years", "month", "months", "week", "weeks", "day", "days", "hour", "hours", "minute",
        "minutes", "second", "seconds", "millisecond", "milliseconds",
    ]

    private func temporal(_ text: String) throws(PathError) -> PathSyntax.Literal {
        if text.hasPrefix("T") {
            let clock = String(text.dropFirst())
            guard clock.withUTF8Text({ FHIRTime.Clock($0, from: 0)?.end == $0.count }) else {
                throw fault("not a date or time")
            }
            return .text(clock, .time)
        }
        let bare = text.hasSuffix("T") ? String(text.dropLast()) : text
        guard bare.withUTF8Text({ FHIRTime($0, offset: .optional) != nil }) else {
            throw fault("not a date or time")
        }
        return .text(bare, text.contains("T") ? .dateTime : .date)
    }

    private mutating func invocation(on source: PathSyntax) throws(PathError) -> PathSyntax {
        if case .special("this") = token {
            at += 1
            return source
        }
        if case .special("index") = token {
            at += 1
            return .index
        }
        guard case .identifier(let name) = token else { throw fault("a name expected") }
        at += 1
        guard accept("(") else { return .member(source, name) }
        var arguments: [PathSyntax] = []
        if !accept(")") {
            repeat { arguments.append(try expression(0)) } while accept(",")
            try expect(")")
        }
        return .call(source, name, arguments)
    }
}

extension String {
    /// The UTF-8 of this text, for the time of a call.
    func withUTF8Text<Result>(_ body: (Tape.Text) -> Result) -> Result {
        var copy = self
        return copy.withUTF8(body)
    }
}
