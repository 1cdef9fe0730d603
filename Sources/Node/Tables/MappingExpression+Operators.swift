internal import Core
internal import Query

extension MappingCompiler {
    /// Operators, conditions and CASE.
    mutating func compileOperator(
        _ syntax: ExpressionSyntax, _ place: Place, _ depth: Int
    ) throws(MappingFault) -> MappingExpression {
        switch syntax.node {
        case .and(let parts): return try conditions(parts, "AND", place, depth)
        case .or(let parts): return try conditions(parts, "OR", place, depth)
        case .not(let part):
            let value = try conditions([part], "", place, depth)
            return Self.made("NOT \(value.sql)", .boolean, [value])
        case .infix(let name, let left, let right):
            var first: MappingExpression?
            if let left { first = try compile(left, place, depth + 1) }
            return try infix(name, first, try compile(right, place, depth + 1), place)
        case .caseWhen(let operand, let branches, let otherwise):
            return try caseWhen(operand, branches, otherwise, place, depth)
        case .variadic(let function, let parts):
            var values: [MappingExpression] = []
            for part in parts { values.append(try compile(part, place, depth + 1)) }
            return try variadic(function, values, place)
        default: return try comparison(syntax, place, depth)
        }
    }

    private static func made(
        _ sql: String, _ type: ColumnType, _ parts: [MappingExpression]
    ) -> MappingExpression {
        MappingExpression(sql: "(\(sql))", type: type, faults: parts.flatMap(\.faults))
    }

    private mutating func conditions(
        _ parts: [ExpressionSyntax], _ word: String, _ place: Place, _ depth: Int
    ) throws(MappingFault) -> MappingExpression {
        var all: [MappingExpression] = []
        for part in parts {
            let value = try compile(part, place, depth + 1)
            guard value.type == .boolean || value.type == .unknown else {
                throw fault("a condition must stand where \(value.type) stands", place)
            }
            all.append(value)
        }
        return Self.made(all.map(\.sql).joined(separator: " \(word) "), .boolean, all)
    }

    /// What compares in words: IS NULL, IS DISTINCT FROM, LIKE, BETWEEN, IN.
    private mutating func comparison(
        _ syntax: ExpressionSyntax, _ place: Place, _ depth: Int
    ) throws(MappingFault) -> MappingExpression {
        let next = depth + 1
        switch syntax.node {
        case .test(let function, let part):
            let value = try compile(part, place, next)
            let words: [Function: String] = [
                .isNull: "IS NULL", .isNotNull: "IS NOT NULL", .isTrue: "IS TRUE", .isNotTrue: "IS NOT TRUE",
                .isFalse: "IS FALSE",
            ]
            return Self.made("\(value.sql) \(words[function] ?? "IS NOT FALSE")", .boolean, [value])
        case .isDistinct(let a, let b, let negated):
            let (left, right) = try alike(
                try compile(a, place, next), try compile(b, place, next), place)
            return Self.made(
                "\(left.sql) IS \(negated ? "NOT " : "")DISTINCT FROM \(right.sql)", .boolean, [left, right])
        case .like(let function, let value, let pattern, let negated):
            let text = try convert(try compile(value, place, next), to: .text, place)
            guard case .string(let literal) = pattern.node else {
                throw fault("LIKE takes a pattern in quotes", place)
            }
            let word = (negated ? "NOT " : "") + (function == .ilike ? "ILIKE" : "LIKE")
            return Self.made("\(text.sql) \(word) \(SQLQuoting.literal(literal))", .boolean, [text])
        case .between(let value, let low, let high, let symmetric, let negated):
            guard !symmetric else { throw fault("BETWEEN SYMMETRIC is not known here", place) }
            let (subject, lower) = try alike(
                try compile(value, place, next), try compile(low, place, next), place)
            let upper = try convert(try compile(high, place, next), to: subject.type, place)
            return Self.made(
                "\(subject.sql) \(negated ? "NOT " : "")BETWEEN \(lower.sql) AND \(upper.sql)", .boolean,
                [subject, lower, upper])
        case .inList(let value, let items, let negated):
            let subject = try compile(value, place, next)
            var parts: [MappingExpression] = []
            for item in items {
                parts.append(try convert(try compile(item, place, next), to: subject.type, place))
            }
            return Self.made(
                (negated ? "NOT " : "") + dialect.contains(parts.map(\.sql), subject.sql), .boolean,
                [subject] + parts)
        default:
            throw fault(
                "holds something that a mapping may not: columns, literals, operators, CASE and the functions "
                    + "of Schemas/README.md are all there is", place)
        }
    }

    /// Two values of one type: a text beside another type is converted to it.
    mutating func alike(
        _ a: MappingExpression, _ b: MappingExpression, _ place: Place
    ) throws(MappingFault) -> (MappingExpression, MappingExpression) {
        if a.type == b.type { return (a, b) }
        if a.type == .unknown { return (try convert(a, to: b.type, place), b) }
        if b.type == .unknown { return (a, try convert(b, to: a.type, place)) }
        let rank: [ColumnType] = [.text, .boolean, .integer, .bigint, .double, .date, .timestamp]
        let (left, right) = (rank.firstIndex(of: a.type) ?? 0, rank.firstIndex(of: b.type) ?? 0)
        return left < right ? (try convert(a, to: b.type, place), b) : (a, try convert(b, to: a.type, place))
    }

    private mutating func infix(
        _ name: String, _ left: MappingExpression?, _ right: MappingExpression, _ place: Place
    ) throws(MappingFault) -> MappingExpression {
        guard let left else {
            guard name == "-" || name == "+" else { throw fault("operator \(name) is not known here", place) }
            let value = try convert(right, to: right.type == .bigint ? .bigint : .double, place)
            return MappingExpression(sql: "(\(name)\(value.sql))", type: value.type, faults: value.faults)
        }
        switch name {
        case "=", "<>", "<", "<=", ">", ">=":
            let (a, b) = try alike(left, right, place)
            return MappingExpression(
                sql: "(\(a.sql) \(name) \(b.sql))", type: .boolean, faults: a.faults + b.faults)
        case "||":
            let (a, b) = (try convert(left, to: .text, place), try convert(right, to: .text, place))
            return MappingExpression(sql: "(\(a.sql) || \(b.sql))", type: .text, faults: a.faults + b.faults)
        case "+", "-", "*", "/":
            // In double precision, where nothing overflows into an error of the whole batch.
            let (a, b) = (try convert(left, to: .double, place), try convert(right, to: .double, place))
            let divisor = name == "/" ? "nullif(\(b.sql), 0)" : b.sql
            return MappingExpression(
                sql: dialect.arithmetic(a.sql, name, divisor), type: .double, faults: a.faults + b.faults)
        default: throw fault("operator \(name) is not known here", place)
        }
    }

    private mutating func caseWhen(
        _ operand: ExpressionSyntax?, _ branches: [CaseBranchSyntax], _ otherwise: ExpressionSyntax?,
        _ place: Place, _ depth: Int
    ) throws(MappingFault) -> MappingExpression {
        var subject: MappingExpression?
        if let operand { subject = try compile(operand, place, depth + 1) }
        var conditions: [MappingExpression] = []
        var values: [MappingExpression] = []
        for branch in branches {
            let condition = try compile(branch.condition, place, depth + 1)
            if let subject {
                conditions.append(try convert(condition, to: subject.type, place))
            } else {
                guard condition.type == .boolean else { throw fault("CASE WHEN takes a condition", place) }
                conditions.append(condition)
            }
            values.append(try compile(branch.value, place, depth + 1))
        }
        if let otherwise { values.append(try compile(otherwise, place, depth + 1)) }
        values = try ofOneType(values, place)
        var sql = "CASE" + (subject.map { " \($0.sql)" } ?? "")
        for (condition, value) in zip(conditions, values) {
            sql += " WHEN \(condition.sql) THEN \(value.sql)"
        }
        if otherwise != nil, let last = values.last { sql += " ELSE \(last.sql)" }
        return MappingExpression(
            sql: "\(sql) END", type: values.first?.type ?? .text,
            faults: ([subject].compactMap(\.self) + conditions + values).flatMap(\.faults))
    }

    mutating func ofOneType(
        _ values: [MappingExpression], _ place: Place
    ) throws(MappingFault) -> [MappingExpression] {
        let types = Set(values.map(\.type)).subtracting([.unknown])
        guard let type = types.count == 1 ? types.first : types.isEmpty ? .text : nil else {
            throw fault(
                "mixes \(types.map { "\($0)" }.sorted().joined(separator: " and ")): convert them to one type",
                place)
        }
        var converted: [MappingExpression] = []
        for value in values { converted.append(try convert(value, to: type, place)) }
        return converted
    }
}
