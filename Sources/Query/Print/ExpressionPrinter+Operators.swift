import Core

extension ExpressionPrinter {
    func call(_ function: Function, _ arguments: [Expression], _ type: ColumnType) -> SQLText {
        switch function {
        case .and, .or: logic(function, arguments)
        case .not: SQLText("NOT \(print(arguments[0]).at(.membership))", .not)
        case .isNull: test("IS NULL", arguments)
        case .isNotNull: test("IS NOT NULL", arguments)
        case .isTrue: test("IS TRUE", arguments)
        case .isNotTrue: test("IS NOT TRUE", arguments)
        case .isFalse: test("IS FALSE", arguments)
        case .isNotFalse: test("IS NOT FALSE", arguments)
        case .equal: infix("=", .comparison, arguments)
        case .notEqual: infix("<>", .comparison, arguments)
        case .less: ordering("<", arguments)
        case .lessOrEqual: ordering("<=", arguments)
        case .greater: ordering(">", arguments)
        case .greaterOrEqual: ordering(">=", arguments)
        case .isDistinctFrom: infix("IS DISTINCT FROM", .test, arguments)
        case .isNotDistinctFrom: infix("IS NOT DISTINCT FROM", .test, arguments)
        case .like: like("LIKE", arguments)
        case .ilike: like("ILIKE", arguments)
        case .add, .subtract, .multiply, .divide, .modulo, .negate: arithmetic(function, arguments, type)
        case .concatenate: infix("||", .other, arguments)
        default: named(function, arguments, type)
        }
    }

    private func logic(_ function: Function, _ arguments: [Expression]) -> SQLText {
        let binding: Binding = function == .and ? .and : .or
        guard arguments.count > 1 else {
            return arguments.first.map(print) ?? SQLText(function == .and ? "true" : "false")
        }
        let parts = arguments.enumerated().map { index, item in
            print(item).at(index == 0 ? binding : binding.tighter)
        }
        return SQLText(parts.joined(separator: function == .and ? " AND " : " OR "), binding)
    }

    private func test(_ words: String, _ arguments: [Expression]) -> SQLText {
        SQLText("\(print(arguments[0]).at(.sum)) \(words)", .test)
    }

    func infix(_ symbol: String, _ binding: Binding, _ arguments: [Expression]) -> SQLText {
        let associates = binding >= .other
        let left = print(arguments[0]).at(associates ? binding : .other)
        let right = print(arguments[1]).at(associates ? binding.tighter : .other)
        return SQLText("\(left) \(symbol) \(right)", binding)
    }

    /// Text is ordered by its bytes everywhere, whatever the database's collation.
    private func ordering(_ symbol: String, _ arguments: [Expression]) -> SQLText {
        guard dialect.isPostgreSQL, arguments[0].type == .text else {
            return infix(symbol, .comparison, arguments)
        }
        let left = print(arguments[0]).at(.atom)
        return SQLText("\(left) COLLATE \"C\" \(symbol) \(print(arguments[1]).at(.other))", .comparison)
    }

    func collated(_ expression: Expression) -> SQLText {
        let text = print(expression)
        guard dialect.isPostgreSQL, expression.type == .text else { return text }
        return SQLText("\(text.at(.atom)) COLLATE \"C\"", .sign)
    }

    /// A pattern must not end in a lone backslash: what is no literal is checked for it.
    private func like(_ word: String, _ arguments: [Expression]) -> SQLText {
        if word == "ILIKE", dialect.isDuckDB {
            // As PostgreSQL does it: both sides in lower case.
            let lower = arguments.map { Expression(.call(.lower, [$0]), .text) }
            return like("LIKE", lower)
        }
        let pattern = print(arguments[1])
        if dialect == .logical {
            return SQLText("\(print(arguments[0]).at(.other)) \(word) \(pattern.at(.other))", .membership)
        }
        let isFolded = word == "ILIKE" && dialect.isPostgreSQL
        if arguments[1].isLiteralPattern {
            let subject =
                isFolded
                ? "\(print(arguments[0]).at(.atom)) COLLATE \"C\"" : print(arguments[0]).at(.other)
            return SQLText(
                "\(subject) \(word) \(pattern.at(.other)) ESCAPE '\\'", .membership)
        }
        return bind([print(arguments[0]), pattern]) { x in
            "CASE WHEN right(\(x[1]), 1) <> '\\' OR right(\(x[1]), 2) = '\\\\' "
                + "THEN \(x[0])\(isFolded ? " COLLATE \"C\"" : "") \(word) \(x[1]) ESCAPE '\\' "
                + "WHEN \(x[1]) IS NULL THEN NULL "
                + "ELSE \(failure(.invalidEscape, "LIKE pattern must not end with escape character")) END"
        }
    }

    private func arithmetic(_ function: Function, _ arguments: [Expression], _ type: ColumnType) -> SQLText {
        if function == .negate { return negate(arguments[0], type) }
        let symbol =
            switch function {
            case .add: "+"
            case .subtract: "-"
            case .multiply: "*"
            case .divide: "/"
            default: "%"
            }
        let binding: Binding = function == .add || function == .subtract ? .sum : .product
        let types = arguments.map(\.type)
        if dialect == .logical { return infix(symbol, binding, arguments) }
        if types.contains(where: { !$0.isNumeric }) { return temporal(function, symbol, arguments, type) }
        switch (function, type.isInteger) {
        case (.divide, true), (.modulo, true): return integerDivision(symbol, arguments, type)
        case (.divide, false): return division(arguments)
        case (.modulo, false): return decimalModulo(arguments)
        case (_, true): return integerArithmetic(symbol, binding, arguments, type)
        case (_, false): return doubleArithmetic(symbol, binding, arguments)
        }
    }
}

extension SQLState {
    static let invalidEscape = SQLState(rawValue: "22025")
    static let invalidLogarithm = SQLState(rawValue: "2201E")
    static let invalidPower = SQLState(rawValue: "2201F")
    static let invalidWidthBucket = SQLState(rawValue: "2201G")
    static let datetimeOverflow = SQLState(rawValue: "22008")
}

extension Expression {
    /// Whether it is a text that ends in no lone backslash whatever the data: a literal, in lower case or not.
    fileprivate var isLiteralPattern: Bool {
        switch node {
        case .literal: true
        case .call(.lower, let arguments): arguments[0].isLiteralPattern
        default: false
        }
    }
}
