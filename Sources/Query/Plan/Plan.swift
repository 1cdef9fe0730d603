package import Core

/// Names a column within one plan: unique there, never reused for another column.
package struct ColumnID: Hashable, Sendable {
    package let number: Int

    package init(_ number: Int) { self.number = number }
}

/// A column that a plan node offers to the node above.
package struct PlanColumn: Hashable, Sendable {
    package let id: ColumnID
    package let name: String
    package let type: ColumnType

    package init(id: ColumnID, name: String, type: ColumnType) {
        self.id = id
        self.name = name
        self.type = type
    }
}

/// A bound relational plan. Every column reference is a `ColumnID` that some node below offers.
package indirect enum Plan: Hashable, Sendable {
    case scan(Scan)
    case filter(Filter)
    case join(Join)
    case project(Project)
    case aggregate(Aggregate)
    case window(Window)
    case distinct(Plan)
    case sort(Sort)
    case limit(Limit)
    case setOperation(SetOperation)
    /// `SELECT` without FROM (one row, no columns) and VALUES.
    case values(Values)
    /// A federated fragment's released result: only in merge plans.
    case fragment(FragmentScan)
    /// What is computed of several fragments' released counts: only in merge plans.
    case statistic(StatisticScan)
}

/// A table of the catalog, with all the columns that the query reads from it.
package struct Scan: Hashable, Sendable {
    package enum Source: Hashable, Sendable {
        case dataset(String)
        case reference(String)
        case codelist(String)
    }

    package let source: Source
    package let alias: String
    /// `name` is the catalog column's name.
    package let columns: [PlanColumn]
    package let position: Int?

    package init(source: Source, alias: String, columns: [PlanColumn], position: Int? = nil) {
        self.source = source
        self.alias = alias
        self.columns = columns
        self.position = position
    }

    package static func == (left: Self, right: Self) -> Bool {
        left.source == right.source && left.alias == right.alias && left.columns == right.columns
    }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(source)
        hasher.combine(columns)
    }
}

package struct Filter: Hashable, Sendable {
    package let input: Plan
    package let predicate: Expression

    package init(input: Plan, predicate: Expression) {
        self.input = input
        self.predicate = predicate
    }
}

package struct Join: Hashable, Sendable {
    package enum Kind: String, Hashable, Sendable {
        case inner
        case left
        /// EXISTS and IN: offers the left side's columns only.
        case semi
        /// NOT EXISTS.
        case anti
        /// RIGHT JOIN is bound as LEFT with the sides exchanged; FULL and CROSS only above the cut.
        case full
        case cross
    }

    package let kind: Kind
    package let left: Plan
    package let right: Plan
    /// `true` for cross joins.
    package let condition: Expression
    package let position: Int?

    package init(kind: Kind, left: Plan, right: Plan, condition: Expression, position: Int? = nil) {
        self.kind = kind
        self.left = left
        self.right = right
        self.condition = condition
        self.position = position
    }

    package static func == (a: Self, b: Self) -> Bool {
        a.kind == b.kind && a.left == b.left && a.right == b.right && a.condition == b.condition
    }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(kind)
        hasher.combine(left)
        hasher.combine(right)
        hasher.combine(condition)
    }
}

/// A column computed by an expression.
package struct ComputedColumn: Hashable, Sendable {
    package let id: ColumnID
    package let name: String
    package let expression: Expression

    package init(id: ColumnID, name: String, expression: Expression) {
        self.id = id
        self.name = name
        self.expression = expression
    }

    package var column: PlanColumn { PlanColumn(id: id, name: name, type: expression.type) }
}

package struct Project: Hashable, Sendable {
    package let input: Plan
    package let columns: [ComputedColumn]

    package init(input: Plan, columns: [ComputedColumn]) {
        self.input = input
        self.columns = columns
    }
}

/// GROUP BY: offers the keys, then the aggregates. No keys means one row, even over nothing.
package struct Aggregate: Hashable, Sendable {
    package let input: Plan
    package let keys: [ComputedColumn]
    package let aggregates: [AggregateColumn]

    package init(input: Plan, keys: [ComputedColumn], aggregates: [AggregateColumn]) {
        self.input = input
        self.keys = keys
        self.aggregates = aggregates
    }
}

package struct AggregateColumn: Hashable, Sendable {
    package let id: ColumnID
    package let name: String
    package let call: AggregateCall

    package init(id: ColumnID, name: String, call: AggregateCall) {
        self.id = id
        self.name = name
        self.call = call
    }

    package var column: PlanColumn { PlanColumn(id: id, name: name, type: call.type) }
}

package struct AggregateCall: Sendable {
    /// Those that no site can release over people (min, max, …) are bound too, so that they can be legal per
    /// person or above the cut, and be refused with a hint elsewhere.
    package enum Function: String, Hashable, Sendable {
        case count, sum, avg, min, max
        case boolAnd = "bool_and"
        case boolOr = "bool_or"
        case stddevSample = "stddev_samp"
        case varianceSample = "var_samp"
        case stringAgg = "string_agg"
        case arrayAgg = "array_agg"
        case percentileCont = "percentile_cont"
        case mode
    }

    package let function: Function
    package let isDistinct: Bool
    /// nil for `count(*)`.
    package let argument: Expression?
    package let filter: Expression?
    /// Of `percentile_cont`: from 0 to 1, of the values in ascending order.
    package let fraction: Double?
    package let type: ColumnType
    package let position: Int?

    package init(
        _ function: Function, argument: Expression?, isDistinct: Bool = false, filter: Expression? = nil,
        fraction: Double? = nil, type: ColumnType, at position: Int? = nil
    ) {
        self.function = function
        self.argument = argument
        self.isDistinct = isDistinct
        self.filter = filter
        self.fraction = fraction
        self.type = type
        self.position = position
    }

    /// The same call over other columns.
    func over(argument: Expression?, filter: Expression?) -> AggregateCall {
        AggregateCall(
            function, argument: argument, isDistinct: isDistinct, filter: filter, fraction: fraction,
            type: type, at: position)
    }
}

extension AggregateCall: Hashable {
    package static func == (a: Self, b: Self) -> Bool {
        a.function == b.function && a.isDistinct == b.isDistinct && a.argument == b.argument
            && a.filter == b.filter && a.fraction == b.fraction && a.type == b.type
    }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(function)
        hasher.combine(isDistinct)
        hasher.combine(argument)
        hasher.combine(filter)
        hasher.combine(fraction)
    }
}

/// Adds window columns to those of its input.
package struct Window: Hashable, Sendable {
    package struct Column: Hashable, Sendable {
        package let id: ColumnID
        package let name: String
        /// row_number, rank, dense_rank, ntile, lag, lead, first_value, last_value or an aggregate's name.
        package let function: String
        package let arguments: [Expression]
        package let partition: [Expression]
        package let order: [SortKey]
        /// nil for the default: from the first row of the partition to the current one and its ties.
        package let frame: WindowFrame?
        package let type: ColumnType

        package init(
            id: ColumnID, name: String, function: String, arguments: [Expression], partition: [Expression],
            order: [SortKey], frame: WindowFrame?, type: ColumnType
        ) {
            self.frame = frame
            self.id = id
            self.name = name
            self.function = function
            self.arguments = arguments
            self.partition = partition
            self.order = order
            self.type = type
        }
    }

    package let input: Plan
    package let columns: [Column]

    package init(input: Plan, columns: [Column]) {
        self.input = input
        self.columns = columns
    }
}

package struct SortKey: Hashable, Sendable {
    package let expression: Expression
    package let ascending: Bool
    /// PostgreSQL's default: NULLs are larger than any value.
    package let nullsFirst: Bool

    package init(expression: Expression, ascending: Bool = true, nullsFirst: Bool? = nil) {
        self.expression = expression
        self.ascending = ascending
        self.nullsFirst = nullsFirst ?? !ascending
    }
}

package struct Sort: Hashable, Sendable {
    package let input: Plan
    package let keys: [SortKey]

    package init(input: Plan, keys: [SortKey]) {
        self.input = input
        self.keys = keys
    }
}

package struct Limit: Hashable, Sendable {
    package let input: Plan
    package let count: Int?
    package let offset: Int

    package init(input: Plan, count: Int?, offset: Int) {
        self.input = input
        self.count = count
        self.offset = offset
    }
}

/// Offers `columns`, whose values come by place from both sides.
package struct SetOperation: Hashable, Sendable {
    package enum Kind: String, Hashable, Sendable { case union, intersect, except }

    package let kind: Kind
    package let all: Bool
    package let left: Plan
    package let right: Plan
    package let columns: [PlanColumn]

    package init(kind: Kind, all: Bool, left: Plan, right: Plan, columns: [PlanColumn]) {
        self.kind = kind
        self.all = all
        self.left = left
        self.right = right
        self.columns = columns
    }
}

package struct Values: Hashable, Sendable {
    package let rows: [[Expression]]
    package let columns: [PlanColumn]

    package init(rows: [[Expression]], columns: [PlanColumn]) {
        self.rows = rows
        self.columns = columns
    }
}

package struct FragmentScan: Hashable, Sendable {
    /// Index into `FederatedPlan.fragments`.
    package let index: Int
    package let columns: [PlanColumn]

    package init(index: Int, columns: [PlanColumn]) {
        self.index = index
        self.columns = columns
    }
}

package struct StatisticScan: Hashable, Sendable {
    /// Index into `FederatedPlan.statistics`.
    package let index: Int
    /// How many of the columns are group keys: the first ones.
    package let keys: Int
    package let columns: [PlanColumn]

    package init(index: Int, keys: Int, columns: [PlanColumn]) {
        self.index = index
        self.keys = keys
        self.columns = columns
    }
}

/// A statement that has been bound: a plan and the names of its result, in order.
package struct BoundQuery: Hashable, Sendable {
    package let plan: Plan
    /// The columns of the result, by reference to what `plan` offers; ids may repeat.
    package let output: [PlanColumn]

    package init(plan: Plan, output: [PlanColumn]) {
        self.plan = plan
        self.output = output
    }
}
