/// Expressions, loosest binding first.
extension CedarParser {
    mutating func expression() throws(CedarFault) -> CedarExpression {
        depth += 1
        defer { depth -= 1 }
        guard depth <= Self.deepest else {
            throw CedarFault(.tooDeep, "the expression is nested too deeply", at: token.position)
        }
        let position = token.position
        guard skipWord("if") else { return try disjunction() }
        let test = try expression()
        guard skipWord("then") else { throw fault("expected 'then'") }
        let yes = try expression()
        guard skipWord("else") else { throw fault("expected 'else'") }
        return CedarExpression(kind: .choice(test, yes, try expression()), position: position)
    }

    private mutating func disjunction() throws(CedarFault) -> CedarExpression {
        var left = try conjunction()
        while isNext("||") {
            let position = try chain()
            left = CedarExpression(kind: .or(left, try conjunction()), position: position)
        }
        return left
    }

    private mutating func conjunction() throws(CedarFault) -> CedarExpression {
        var left = try relation()
        while isNext("&&") {
            let position = try chain()
            left = CedarExpression(kind: .and(left, try relation()), position: position)
        }
        return left
    }

    private mutating func relation() throws(CedarFault) -> CedarExpression {
        let left = try sum()
        let position = token.position
        if skipWord("has") { return CedarExpression(kind: .has(left, try hasPath()), position: position) }
        if skipWord("like") {
            guard case .string(let raw) = token.kind else { throw fault("expected a pattern") }
            let pattern = try CedarEscape.read(raw, isPattern: true, at: advance().position)
            return CedarExpression(kind: .like(left, pattern), position: position)
        }
        if skipWord("is") {
            let type = try path()
            let within = skipWord("in") ? try sum() : nil
            return CedarExpression(kind: .isType(left, type, within: within), position: position)
        }
        guard let operation = relationOperator() else { return left }
        return CedarExpression(kind: .binary(operation, left, try sum()), position: position)
    }

    private mutating func hasPath() throws(CedarFault) -> [String] {
        if case .string = token.kind { return [try string()] }
        var path = [try identifier()]
        while skip(".") { path.append(try identifier()) }
        return path
    }

    private mutating func relationOperator() -> CedarExpression.Binary? {
        if skipWord("in") { return .within }
        for symbol in ["==", "!=", "<=", ">=", "<", ">"] where skip(symbol) {
            return CedarExpression.Binary(rawValue: symbol)
        }
        return nil
    }

    private mutating func sum() throws(CedarFault) -> CedarExpression {
        var left = try product()
        while isNext("+") || isNext("-") {
            let operation: CedarExpression.Binary = isNext("+") ? .plus : .minus
            let position = try chain()
            left = CedarExpression(kind: .binary(operation, left, try product()), position: position)
        }
        return left
    }

    private mutating func product() throws(CedarFault) -> CedarExpression {
        var left = try unary()
        while isNext("*") {
            let position = try chain()
            left = CedarExpression(kind: .binary(.times, left, try unary()), position: position)
        }
        return left
    }

    /// At most four `!` or four `-` in a row, as Cedar's grammar has it.
    private mutating func unary() throws(CedarFault) -> CedarExpression {
        let position = token.position
        let symbol = isNext("!") ? "!" : "-"
        var times = 0
        while skip(symbol) { times += 1 }
        guard times <= 4 else { throw CedarFault(.syntax, "too many '\(symbol)' in a row", at: position) }
        if symbol == "-", times > 0, case .integer(let number) = token.kind {
            guard number <= UInt64(Int64.max) + 1 else { throw fault("the integer is too large") }
            _ = advance()
            let literal = CedarValue.long(Int64(truncatingIfNeeded: 0 &- number))
            let inner = try accesses(of: CedarExpression(kind: .literal(literal), position: position))
            return wrapped(inner, times - 1, position) { .negate($0) }
        }
        let member = try accesses(of: try primary())
        return wrapped(member, times, position) { symbol == "!" ? .not($0) : .negate($0) }
    }

    private func wrapped(
        _ inner: CedarExpression, _ times: Int, _ position: CedarPosition,
        _ kind: (CedarExpression) -> CedarExpression.Kind
    ) -> CedarExpression {
        (0..<max(0, times)).reduce(inner) { expression, _ in
            CedarExpression(kind: kind(expression), position: position)
        }
    }

    private mutating func accesses(of base: CedarExpression) throws(CedarFault) -> CedarExpression {
        var result = base
        while isNext(".") || isNext("[") {
            let isIndex = isNext("[")
            let position = try chain()
            if isIndex {
                result = CedarExpression(kind: .attribute(result, try string()), position: position)
                try expect("]")
                continue
            }
            let name = try identifier()
            if skip("(") {
                let arguments = try list(until: ")")
                result = CedarExpression(kind: .method(result, name, arguments), position: position)
            } else {
                result = CedarExpression(kind: .attribute(result, name), position: position)
            }
        }
        return result
    }

    private mutating func list(until end: String) throws(CedarFault) -> [CedarExpression] {
        var elements: [CedarExpression] = []
        while !isNext(end) {
            elements.append(try expression())
            if !skip(",") { break }
        }
        try expect(end)
        return elements
    }

    private mutating func primary() throws(CedarFault) -> CedarExpression {
        let position = token.position
        switch token.kind {
        case .integer(let number):
            guard let long = Int64(exactly: number) else { throw fault("the integer is too large") }
            _ = advance()
            return CedarExpression(kind: .literal(.long(long)), position: position)
        case .string: return CedarExpression(kind: .literal(.string(try string())), position: position)
        case .identifier: return try named(position)
        case .symbol, .end: break
        }
        if skip("(") {
            let inner = try expression()
            try expect(")")
            return inner
        }
        if skip("[") { return CedarExpression(kind: .set(try list(until: "]")), position: position) }
        if skip("{") { return try record(position) }
        throw fault("expected an expression")
    }

    private mutating func named(_ position: CedarPosition) throws(CedarFault) -> CedarExpression {
        if skipWord("true") { return CedarExpression(kind: .literal(.bool(true)), position: position) }
        if skipWord("false") { return CedarExpression(kind: .literal(.bool(false)), position: position) }
        let name = try path()
        if skip("::") {
            let literal = CedarValue.entity(EntityUID(name, try string()))
            return CedarExpression(kind: .literal(literal), position: position)
        }
        if skip("(") {
            guard CedarExtension.functions.contains(name) else {
                throw CedarFault(.syntax, "unknown function '\(name)'", at: position)
            }
            return CedarExpression(kind: .function(name, try list(until: ")")), position: position)
        }
        guard let variable = CedarExpression.Variable(rawValue: name) else {
            throw CedarFault(.syntax, "unknown name '\(name)'", at: position)
        }
        return CedarExpression(kind: .variable(variable), position: position)
    }

    private mutating func record(_ position: CedarPosition) throws(CedarFault) -> CedarExpression {
        var fields: [String: CedarExpression] = [:]
        while !isNext("}") {
            let place = token.position
            let name: String
            if case .string = token.kind { name = try string() } else { name = try identifier() }
            try expect(":")
            guard fields.updateValue(try expression(), forKey: name) == nil else {
                throw CedarFault(.syntax, "the field '\(name)' stands twice", at: place)
            }
            if !skip(",") { break }
        }
        try expect("}")
        return CedarExpression(kind: .record(fields), position: position)
    }
}
