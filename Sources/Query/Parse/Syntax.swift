package import Core

// The syntax tree of the SQL that Concordat understands: names are not yet resolved, types not yet known.
// Positions are 1-based, in characters of the statement.

/// A statement: a query, or EXPLAIN of one.
package enum StatementSyntax: Sendable {
    case query(QuerySyntax)
    case explain(QuerySyntax, ExplainOptions)
}

/// What EXPLAIN was asked to show.
package struct ExplainOptions: Hashable, Sendable {
    package enum Format: String, Hashable, Sendable { case text, json }

    /// Runs the query and shows what it took.
    package var analyze = false
    /// A dry run at the sites, which they log.
    package var sites = false
    package var format = Format.text

    package init() {}
}

/// A query with its WITH, ORDER BY and LIMIT clauses.
package struct QuerySyntax: Sendable {
    package let with: [CommonTableSyntax]
    package let body: QueryBody
    package let order: [OrderSyntax]
    package let limit: ExpressionSyntax?
    package let offset: ExpressionSyntax?
}

package indirect enum QueryBody: Sendable {
    case select(SelectSyntax)
    case values([[ExpressionSyntax]])
    case setOperation(SetOperation.Kind, all: Bool, left: QuerySyntax, right: QuerySyntax)
}

package struct CommonTableSyntax: Sendable {
    package let name: String
    package let columnNames: [String]
    package let query: QuerySyntax
    package let position: Int?
}

package struct SelectSyntax: Sendable {
    package let isDistinct: Bool
    /// DISTINCT ON; empty without it.
    package let distinctOn: [ExpressionSyntax]
    package let targets: [TargetSyntax]
    package let from: [TableSyntax]
    package let filter: ExpressionSyntax?
    package let groups: [ExpressionSyntax]
    /// The places in `groups` that each set of GROUPING SETS, ROLLUP and CUBE has; nil for plain keys.
    package let groupSets: [[Int]]?
    package let having: ExpressionSyntax?
    package let windows: [String: WindowSyntax]
}

package struct TargetSyntax: Sendable {
    package let expression: ExpressionSyntax
    package let alias: String?
}

package struct OrderSyntax: Sendable {
    package let expression: ExpressionSyntax
    package let ascending: Bool
    package let nullsFirst: Bool?
}

package struct WindowSyntax: Sendable {
    package let partition: [ExpressionSyntax]
    package let order: [OrderSyntax]
    package let frame: WindowFrame?
    package let position: Int?
}

package struct AliasSyntax: Sendable {
    package let name: String
    package let columnNames: [String]
}

package indirect enum TableSyntax: Sendable {
    case table(schema: String?, name: String, alias: AliasSyntax?, position: Int?)
    case query(QuerySyntax, alias: AliasSyntax)
    /// LATERAL: may name columns of the tables before it.
    case lateral(QuerySyntax, alias: AliasSyntax, position: Int?)
    /// `generate_series(…)`.
    case series(CallSyntax, alias: AliasSyntax?, position: Int?)
    case join(JoinSyntax)
}

package struct JoinSyntax: Sendable {
    package enum Kind: Sendable { case inner, left, right, full }

    package enum Constraint: Sendable {
        /// CROSS JOIN.
        case none
        case on(ExpressionSyntax)
        case using([String])
    }

    package let kind: Kind
    package let left: TableSyntax
    package let right: TableSyntax
    package let constraint: Constraint
}

package struct ExpressionSyntax: Sendable {
    package let node: Node
    package let position: Int?

    package indirect enum Node: Sendable {
        /// One or two names: `column`, `table.column`.
        case column([String])
        case star(qualifier: String?)
        case integer(Int64)
        /// As written: too large for `bigint`, or with a point or exponent.
        case number(String)
        case string(String)
        case boolean(Bool)
        case null
        /// nil on the left: a prefix operator.
        case infix(String, ExpressionSyntax?, ExpressionSyntax)
        case and([ExpressionSyntax])
        case or([ExpressionSyntax])
        case not(ExpressionSyntax)
        /// IS [NOT] NULL | TRUE | FALSE, by function.
        case test(Function, ExpressionSyntax)
        case isDistinct(ExpressionSyntax, ExpressionSyntax, negated: Bool)
        case like(Function, ExpressionSyntax, ExpressionSyntax, negated: Bool)
        case between(ExpressionSyntax, ExpressionSyntax, ExpressionSyntax, symmetric: Bool, negated: Bool)
        case inList(ExpressionSyntax, [ExpressionSyntax], negated: Bool)
        case caseWhen(operand: ExpressionSyntax?, [CaseBranchSyntax], otherwise: ExpressionSyntax?)
        /// COALESCE, NULLIF, GREATEST, LEAST.
        case variadic(Function, [ExpressionSyntax])
        case cast(ExpressionSyntax, TypeSyntax)
        case call(CallSyntax)
        case grouping([ExpressionSyntax])
        case now(NowSyntax)
        case exists(QuerySyntax)
        case inQuery(ExpressionSyntax, QuerySyntax, negated: Bool)
        case scalarQuery(QuerySyntax)
        /// `value op ANY (query)`, `value op ALL (query)`.
        case quantified(ExpressionSyntax, String, isAll: Bool, QuerySyntax)
    }
}

package struct CaseBranchSyntax: Sendable {
    package let condition: ExpressionSyntax
    package let value: ExpressionSyntax
}

/// CURRENT_DATE and its like.
package enum NowSyntax: String, Sendable {
    case date = "current_date"
    case timestamp = "current_timestamp"
    case localTimestamp = "localtimestamp"
}

package struct TypeSyntax: Sendable {
    /// As the grammar names it: `int4`, `float8`, `date`, …
    package let name: String
    package let type: ColumnType
}

package struct CallSyntax: Sendable {
    package let name: String
    package let arguments: [ExpressionSyntax]
    package let isStar: Bool
    package let isDistinct: Bool
    package let filter: ExpressionSyntax?
    package let over: OverSyntax?
    /// WITHIN GROUP (ORDER BY …).
    package let withinGroup: [OrderSyntax]
}

package indirect enum OverSyntax: Sendable {
    case named(String)
    case window(WindowSyntax)
}
