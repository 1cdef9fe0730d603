package import Core

/// A typed scalar expression over the columns of a plan.
///
/// `position` (1-based, in characters of the statement) serves messages only: it takes no part in equality.
package struct Expression: Sendable {
    package let node: Node
    package let type: ColumnType
    package let position: Int?

    package init(_ node: Node, _ type: ColumnType, at position: Int? = nil) {
        self.node = node
        self.type = type
        self.position = position
    }

    package indirect enum Node: Hashable, Sendable {
        case column(ColumnID)
        case literal(Value)
        case call(Function, [Expression])
        /// Searched CASE; a simple CASE is bound as comparisons.
        case caseWhen([CaseBranch], otherwise: Expression?)
        case cast(Expression)
        case inList(Expression, [Expression], negated: Bool)
        /// `in_codelist(code, 'name')`, `code IN (SELECT code FROM codelist.name)`, `descends_from(code, concept)`.
        case inCodelist(Expression, codelist: CodeSet, negated: Bool)
    }
}

extension Expression: Hashable {
    package static func == (left: Self, right: Self) -> Bool {
        left.type == right.type && left.node == right.node
    }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(node)
        hasher.combine(type)
    }
}

package struct CaseBranch: Hashable, Sendable {
    package let condition: Expression
    package let value: Expression

    package init(condition: Expression, value: Expression) {
        self.condition = condition
        self.value = value
    }
}

/// Every scalar operator and function there is; what is not here is refused by the binder.
package enum Function: String, Hashable, Sendable, CaseIterable {
    // Logic: three-valued.
    case and, or, not
    case isNull, isNotNull, isTrue, isNotTrue, isFalse, isNotFalse
    // Comparison.
    case equal, notEqual, less, lessOrEqual, greater, greaterOrEqual
    case isDistinctFrom, isNotDistinctFrom
    case like, ilike
    // Arithmetic. Division of two integers truncates; by zero it is NULL in a fragment, an error above it.
    case add, subtract, multiply, divide, modulo, negate
    case concatenate
    // Functions, by PostgreSQL's names.
    case coalesce, nullif, greatest, least
    case abs, round, floor, ceil, trunc, power, sqrt, ln, exp, sign
    case lower, upper, length, substring, left, right, trim, ltrim, rtrim, concat, replace, strpos
    case startsWith = "starts_with"
    /// `age(a, b)`; `age(a)` is bound as `age(current_date, a)`.
    case age
    /// `date_part(field, source)` (double precision) and `extract(field FROM source)` (numeric): the first
    /// argument is a text literal.
    case datePart = "date_part"
    case extract
    case dateTrunc = "date_trunc"
    case makeDate = "make_date"
    case widthBucket = "width_bucket"
    case toChar = "to_char"
}
