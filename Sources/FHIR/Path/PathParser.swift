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

    /// How tightly a binary operator binds; larger is tighter.
    private static let binding: [String: (level: Int, meaning: PathSyntax.Operator?)] = [
        "implies": (1, .implies), "or": (2, .or), "xor": (2, .xor), "and": (3, .and), "in": (4, nil),
        "contains": (4, nil), "=": (5, .equal), "!=": (5, .notEqual), "~": (5, nil), "!~": (5, nil),
        "<": (6, .less), "<=": (6, .lessOrEqual), ">": (6, .greater), ">=": (6, .greaterOrEqual),
        "|": (7, nil), "is": (8, nil), "as": (8, nil), "+": (9, .add), "-": (9, .subtract),
        "&": (9, .concatenate), "*": (10, .multiply), "/": (10, .divide), "div": (10, nil), "mod": (10, nil),
    ]

    private mutating func expression(_ level: Int) throws(PathError) -> PathSyntax {
        depth += 1
        defer { depth -= 1 }
        guard depth <= Self.depthLimit else { throw fault("nested too deeply") }
        var left = try unary()
        var terms = 0
        while let (name, binding) = operatorHere, binding.level > level {
            guard let meaning = binding.meaning else {
                throw fault("the operator '\(name)' is not supported", .unsupported)
            }
            terms += 1
            guard terms <= Self.depthLimit else { throw fault("too many terms") }
            at += 1
            left = .binary(meaning, left, try expression(binding.level))
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
        if accept("-") { return .negate(try postfix()) }
        if accept("+") { return try postfix() }
        return try postfix()
    }

    private mutating func postfix() throws(PathError) -> PathSyntax {
        var left = try term()
        var steps = 0
        while true {
            if accept(".") {
                left = try invocation(on: left)
            } else if accept("[") {
                left = .index(left, try expression(0))
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
        case .number(let text):
            if let integer = Int64(text) { return literal(.integer(integer)) }
            guard let decimal = Double(text) else { throw fault("not a number") }
            return literal(.decimal(decimal))
        case .temporal(let text): return literal(.text(try temporal(text).text, try temporal(text).hint))
        case .constant(let name):
            at += 1
            return name == "resource" ? .resource : name == "rowIndex" ? .rowIndex : .constant(name)
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

    private func temporal(_ text: String) throws(PathError) -> (text: String, hint: TypeHint) {
        if text.hasPrefix("T") { return (String(text.dropFirst()), .time) }
        let bare = text.hasSuffix("T") ? String(text.dropLast()) : text
        guard bare.withUTF8Text({ FHIRTime($0) != nil }) else { throw fault("not a date or time") }
        return (bare, text.contains("T") ? .dateTime : .date)
    }

    private mutating func invocation(on source: PathSyntax) throws(PathError) -> PathSyntax {
        if case .special("this") = token {
            at += 1
            return source
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
