import Core
import Testing

@testable import Query

/// What the dialects print for every case of `PrintSemantics`, as literals and over columns.
@Suite struct ExpressionPrinterTests {
    static let dialects: [(String, PrintDialect)] = [
        ("duckdb", .site(.duckdb)), ("merge", .merge), ("postgresql", .site(.postgresql)),
    ]

    /// The case's expression over a one-row table, so that no engine folds it as a constant.
    static func overColumns(_ expression: Expression) -> (Expression, Values)? {
        guard case .call(let function, let arguments) = expression.node else {
            guard case .cast(let inner) = expression.node else { return nil }
            let column = PlanColumn(id: ColumnID(1), name: "x", type: inner.type)
            let cast = Expression(.cast(Make.column(1, inner.type)), expression.type)
            return (cast, Values(rows: [[inner]], columns: [column]))
        }
        let fixed: [Function: Set<Int>] = [
            .datePart: [0], .extract: [0], .dateTrunc: [0], .toChar: [1], .round: [1], .trunc: [1],
        ]
        var columns: [PlanColumn] = []
        var row: [Expression] = []
        let replaced = arguments.enumerated().map { index, argument in
            guard case .literal = argument.node, !(fixed[function]?.contains(index) ?? false) else {
                return argument
            }
            columns.append(PlanColumn(id: ColumnID(index + 1), name: "x\(index)", type: argument.type))
            row.append(argument)
            return Make.column(index + 1, argument.type)
        }
        guard !columns.isEmpty else { return nil }
        return (Expression(.call(function, replaced), expression.type), Values(rows: [row], columns: columns))
    }

    static func statement(_ expression: Expression, _ input: Values, _ dialect: PrintDialect) -> String {
        let physical = { (kind: EngineDialectKind) in
            SitePhysical(schema: "snapshot_1", site: OrganisationCode("RJ1")!, dialect: kind)
        }
        let target: PlanPrinter.Target =
            switch dialect {
            case .site(let kind): .site(physical(kind))
            case .merge: .merge { "f\($0)" }
            case .logical: .logical
            }
        var printer = PlanPrinter(target)
        let column = ComputedColumn(id: ColumnID(99), name: "v", expression: expression)
        let plan = Plan.project(Project(input: .values(input), columns: [column]))
        return printer.statement(plan, output: plan.columns)
    }

    @Test func expressionsOfEveryKind() throws {
        var text = ""
        for item in SemanticCase.all {
            text += "# \(item.name) -> \(item.expected)\(item.fails.map { ", above the cut \($0)" } ?? "")\n"
            for (name, dialect) in Self.dialects {
                let plain = Self.statement(item.expression, Values(rows: [[]], columns: []), dialect)
                text += "\(name): \(plain.replacing("\n", with: " "))\n"
                guard let (expression, input) = Self.overColumns(item.expression) else { continue }
                let columns = Self.statement(expression, input, dialect)
                text += "\(name): \(columns.replacing("\n", with: " "))\n"
            }
        }
        try expectGolden(text, "expressions.txt")
    }
}
