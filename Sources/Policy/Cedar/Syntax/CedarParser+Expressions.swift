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
        let first = try conjunction()
        guard isNext("||") else { return first }
        let position = token.position
        var parts = [first]
        while skip("||") { parts.append(try conjunction()) }
        return CedarExpression(kind: .or(parts), position: position)
    }

    private mutating func conjunction() throws(CedarFault) -> CedarExpression {
        let first = try relation()
        guard isNext("&&") else { return first }
        let position = token.position
        var parts = [first]
        while skip("&&") { parts.append(try relation()) }
        return CedarExpression(kind: .and(parts), position: position)
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

    private mutating func hasPath() throws(CedarFault) -> [CedarText] {
        if case .string = token.kind { return [CedarText(try string())] }
        var path = [CedarText(try identifier())]
        while skip(".") { path.append(CedarText(try identifier())) }
        guard path.count <= Self.deepest else { throw CedarFault(.tooDeep, "the path is too long") }
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
        if symbol == "-", times > 0, case .integer(let number) = token.kind, !isAfter("."), !isAfter("[") {
            guard number <= UInt64(Int64.max) + 1 else { throw fault("the integer is too large") }
            _ = advance()
            let literal = CedarValue.long(Int64(truncatingIfNeeded: 0 &- number))
            let inner = CedarExpression(kind: .literal(literal), position: position)
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
                let name = CedarText(try string())
                result = CedarExpression(kind: .attribute(result, name), position: position)
                try expect("]")
                continue
            }
            let place = token.position
            let name = try identifier()
            if skip("(") {
                let arguments = try list(until: ")")
                try checkMethod(name, arguments.count, at: place)
                result = CedarExpression(kind: .method(result, name, arguments), position: position)
            } else {
                result = CedarExpression(kind: .attribute(result, CedarText(name)), position: position)
            }
        }
        return result
    }

    /// Cedar knows its methods when it parses, and how many arguments its own ones take; those of the
    /// extensions are counted by the validator and the evaluator.
    private func checkMethod(_ name: String, _ count: Int, at position: CedarPosition) throws(CedarFault) {
        if let wanted = CedarExtension.ownMethods[name] {
            guard count == wanted else {
                throw CedarFault(
                    .syntax, "'\(name)' takes \(wanted) argument\(wanted == 1 ? "" : "s"), not \(count)",
                    at: position)
            }
        } else if CedarExtension.constructors[name] != nil {
            throw CedarFault(.syntax, "'\(name)' is a function, not a method", at: position)
        } else if CedarExtension.methods[name] == nil {
            throw CedarFault(.syntax, "unknown method '\(name)'", at: position)
        }
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
        case .slot(let name): throw fault("the slot ?\(name) can only stand in a policy's scope")
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
            guard CedarExtension.constructors[name] != nil else {
                let message =
                    CedarExtension.isMethod(name)
                    ? "'\(name)' is a method, not a function" : "unknown function '\(name)'"
                throw CedarFault(.syntax, message, at: position)
            }
            return CedarExpression(kind: .function(name, try list(until: ")")), position: position)
        }
        guard let variable = CedarExpression.Variable(rawValue: name) else {
            throw CedarFault(.syntax, "unknown name '\(name)'", at: position)
        }
        return CedarExpression(kind: .variable(variable), position: position)
    }

    private mutating func record(_ position: CedarPosition) throws(CedarFault) -> CedarExpression {
        var fields: [CedarText: CedarExpression] = [:]
        while !isNext("}") {
            let place = token.position
            let name: CedarText
            if case .string = token.kind {
                name = CedarText(try string())
            } else {
                name = CedarText(try identifier())
            }
            try expect(":")
            guard fields.updateValue(try expression(), forKey: name) == nil else {
                throw CedarFault(.syntax, "the field '\(name)' stands twice", at: place)
            }
            if !skip(",") { break }
        }
        try expect("}")
        let sorted = fields.sorted { $0.key < $1.key }.map {
            CedarExpression.Field(name: $0.key, value: $0.value)
        }
        return CedarExpression(kind: .record(sorted), position: position)
    }
}
