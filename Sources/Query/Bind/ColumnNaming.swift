internal import Core

/// The name that PostgreSQL gives a column of a result (parse_target.c, FigureColname).
enum ColumnNaming {
    static func name(of target: TargetSyntax) -> String { target.alias ?? name(of: target.expression) }

    static func name(of expression: ExpressionSyntax) -> String {
        figured(expression)?.name ?? "?column?"
    }

    /// The part of a dotted name after the last dot.
    static func lastPart(_ name: String) -> String {
        name.split(separator: ".").last.map(String.init) ?? name
    }

    /// `isWeak`: the name of a type or construct, which a better name displaces.
    private static func figured(_ expression: ExpressionSyntax) -> (name: String, isWeak: Bool)? {
        switch expression.node {
        case .column(let path): return path.last.map { ($0, false) }
        case .call(let call): return (call.name, false)
        case .variadic(let function, _): return (function.rawValue, false)
        case .now(let now): return (now.rawValue, false)
        case .exists: return ("exists", false)
        case .grouping: return ("grouping", false)
        case .cast(let inner, let type):
            if let name = figured(inner), !name.isWeak { return name }
            return (type.name, true)
        case .caseWhen(_, _, let otherwise):
            if let otherwise, let name = figured(otherwise), !name.isWeak { return name }
            return ("case", true)
        case .scalarQuery(let query):
            guard case .select(let select) = query.body, let target = select.targets.first else { return nil }
            return (name(of: target), false)
        default: return nil
        }
    }
}

extension BindSession {
    /// How messages and keys name an expression.
    func displayName(of expression: Expression) -> String {
        guard case .column(let id) = expression.node else { return "key" }
        return displayNames[id] ?? "key"
    }
}
