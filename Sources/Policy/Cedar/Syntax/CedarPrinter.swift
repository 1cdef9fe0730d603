/// Writes expressions as text that reads back as the same expression, with no more parentheses than it needs.
enum CedarPrinter {
    /// How tightly an operator binds, loosest first.
    private enum Level: Int {
        case choice, or, and, relation, sum, product, unary, member
    }

    static func text(_ expression: CedarExpression) -> String { text(expression, at: .choice) }

    /// One part of a chain, in parentheses where it needs them there.
    static func part(_ part: CedarExpression, of chain: CedarExpression) -> String {
        if case .or = chain.kind { return text(part, at: .and) }
        return text(part, at: .relation)
    }

    private static func text(_ expression: CedarExpression, at level: Level) -> String {
        let (written, own) = write(expression)
        return own.rawValue < level.rawValue ? "(\(written))" : written
    }

    private static func list(_ expressions: [CedarExpression]) -> String {
        expressions.map { text($0) }.joined(separator: ", ")
    }

    private static func write(_ expression: CedarExpression) -> (String, Level) {
        switch expression.kind {
        case .literal(let value): return literal(value)
        case .variable(let variable): return (variable.rawValue, .member)
        case .or(let parts): return (parts.map { text($0, at: .and) }.joined(separator: " || "), .or)
        case .and(let parts): return (parts.map { text($0, at: .relation) }.joined(separator: " && "), .and)
        case .not(let inner): return ("!" + text(inner, at: .member), .unary)
        case .negate(let inner):
            if case .literal(.long) = inner.kind { return ("-(\(text(inner)))", .unary) }
            return ("-" + text(inner, at: .member), .unary)
        case .choice(let test, let yes, let no):
            return ("if \(text(test)) then \(text(yes)) else \(text(no))", .choice)
        case .binary(let operation, let left, let right): return binary(operation, left, right)
        case .attribute(let base, let name): return (text(base, at: .member) + access(name), .member)
        case .has(let base, let path):
            let names = path.count == 1 ? name(path[0]) : path.map(\.string).joined(separator: ".")
            return ("\(text(base, at: .sum)) has \(names)", .relation)
        case .like(let inner, let pattern):
            return ("\(text(inner, at: .sum)) like \(CedarEscape.quoted(pattern))", .relation)
        case .isType(let inner, let type, let within):
            let group = within.map { " in " + text($0, at: .sum) } ?? ""
            return ("\(text(inner, at: .sum)) is \(type)\(group)", .relation)
        case .set(let elements): return ("[\(list(elements))]", .member)
        case .record(let fields):
            let written = fields.map { "\(name($0.name)): \(text($0.value))" }
            return (written.isEmpty ? "{}" : "{ \(written.joined(separator: ", ")) }", .member)
        case .method(let base, let name, let arguments):
            return ("\(text(base, at: .member)).\(name)(\(list(arguments)))", .member)
        case .function(let name, let arguments): return ("\(name)(\(list(arguments)))", .member)
        }
    }

    private static func binary(
        _ operation: CedarExpression.Binary, _ left: CedarExpression, _ right: CedarExpression
    ) -> (String, Level) {
        let own: Level
        let next: Level
        switch operation {
        case .plus, .minus: (own, next) = (.sum, .product)
        case .times: (own, next) = (.product, .unary)
        default: (own, next) = (.relation, .sum)
        }
        let first = text(left, at: own == .relation ? .sum : own)
        return ("\(first) \(operation.rawValue) \(text(right, at: next))", own)
    }

    private static func literal(_ value: CedarValue) -> (String, Level) {
        switch value {
        case .bool(let value): return (value ? "true" : "false", .member)
        case .long(let value): return ("\(value)", value < 0 ? .unary : .member)
        case .string(let value): return (CedarEscape.quoted(value), .member)
        case .entity(let uid): return (uid.description, .member)
        default: return (value.typeName, .member)
        }
    }

    private static func isBare(_ name: CedarText) -> Bool {
        CedarName.isIdentifier(name.string) && !CedarName.reserved.contains(name.string)
    }

    private static func name(_ name: CedarText) -> String {
        isBare(name) ? name.string : CedarEscape.quoted(name.string)
    }

    private static func access(_ name: CedarText) -> String {
        isBare(name) ? ".\(name)" : "[\(CedarEscape.quoted(name.string))]"
    }
}
