import Catalog
import Core

/// What the plan alone says of the rows that reach an aggregate: which conditions hold, which measurement a
/// value belongs to, what is on the nullable side, what is an indicator.
struct RowFacts {
    /// A `value_quantity` and the columns beside it, by the scan they come from.
    struct Measurement {
        var code: ColumnID?
        var unit: ColumnID?
    }

    /// Conditions that hold wherever the columns they read are not NULL by an outer join.
    var conditions: [Expression] = []
    var measurements: [ColumnID: Measurement] = [:]
    /// Ranges of computed columns.
    var ranges: [ColumnID: ValueRange] = [:]
    /// Of the nullable side of a left join.
    var nullable: Set<ColumnID> = []
    /// Computed by FILTER, CASE, a comparison: they have a complement.
    var conditional: Set<ColumnID> = []
    /// Birth dates, whose ages have a range.
    var births: Set<ColumnID> = []

    init() {}

    init(_ plan: Plan, catalog: Catalog) {
        switch plan {
        case .scan(let scan): self.init(scan)
        case .filter(let filter):
            self.init(filter.input, catalog: catalog)
            conditions += filter.predicate.conjuncts
        case .join(let join): self.init(join, catalog: catalog)
        case .project(let project):
            self.init(project.input, catalog: catalog)
            define(project.columns, RangeDerivation(facts: self, catalog: catalog))
        case .aggregate(let aggregate):
            self.init(aggregate.input, catalog: catalog)
            perPerson(aggregate, catalog)
        case .window(let window):
            self.init(window.input, catalog: catalog)
            conditional.formUnion(window.columns.map(\.id))
        case .distinct, .sort, .limit:
            self.init()
            for input in plan.inputs { self = RowFacts(input, catalog: catalog) }
        case .setOperation(let operation):
            // What holds on one side need not hold on the other.
            self.init()
            conditional.formUnion(operation.columns.map(\.id))
        case .values, .fragment, .statistic: self.init()
        }
    }

    private init(_ scan: Scan) {
        self.init()
        guard case .dataset(let dataset) = scan.source else { return }
        for column in scan.columns {
            if column.type == .boolean { conditional.insert(column.id) }
            if dataset == "patient", column.name == "birth_date" { births.insert(column.id) }
            guard dataset == "observation", column.name == "value_quantity" else { continue }
            measurements[column.id] = Measurement(
                code: scan.columns.first { $0.name == "code" }?.id,
                unit: scan.columns.first { $0.name == "value_unit" }?.id)
        }
    }

    private init(_ join: Join, catalog: Catalog) {
        self.init(join.left, catalog: catalog)
        switch join.kind {
        case .anti: return
        case .semi: conditions += join.condition.conjuncts
        case .inner, .cross:
            add(RowFacts(join.right, catalog: catalog))
            conditions += join.condition.conjuncts
        case .left, .full:
            let right = join.right.offered
            add(RowFacts(join.right, catalog: catalog))
            nullable.formUnion(right)
            // On the nullable side the condition holds for every value that is there.
            conditions += join.condition.conjuncts.filter { $0.references.isSubset(of: right) }
        }
    }

    private mutating func add(_ other: RowFacts) {
        conditions += other.conditions
        measurements.merge(other.measurements) { first, _ in first }
        ranges.merge(other.ranges) { first, _ in first }
        nullable.formUnion(other.nullable)
        conditional.formUnion(other.conditional)
        births.formUnion(other.births)
    }

    /// What a projection or the keys of an aggregate per person make of what is known below.
    private mutating func define(_ columns: [ComputedColumn], _ derivation: RangeDerivation) {
        var renamed: [ColumnID: Expression] = [:]
        for column in columns {
            let range = derivation.range(of: column.expression)
            if range != .unbounded { ranges[column.id] = range }
            if derivation.facts.dividesPeople(column.expression) { conditional.insert(column.id) }
            if !column.expression.references.isDisjoint(with: nullable) { nullable.insert(column.id) }
            guard let origin = column.expression.plainColumn else { continue }
            if let measurement = measurements[origin] { measurements[column.id] = measurement }
            if births.contains(origin) { births.insert(column.id) }
            renamed[origin] = Expression(.column(column.id), column.expression.type)
        }
        // Both names of a column stay known: the conditions below speak of the older one.
        conditions += conditions.filter { !$0.references.isDisjoint(with: renamed.keys) }
            .map { $0.substituting(renamed) }
    }

    private mutating func perPerson(_ aggregate: Aggregate, _ catalog: Catalog) {
        let derivation = RangeDerivation(facts: self, catalog: catalog)
        define(aggregate.keys, derivation)
        for column in aggregate.aggregates {
            let call = column.call
            if call.filter != nil || call.argument.map(derivation.facts.dividesPeople) ?? false {
                conditional.insert(column.id)
            }
            guard let argument = call.argument else { continue }
            switch call.function {
            case .min, .max, .avg, .mode, .boolAnd, .boolOr:
                let range = derivation.range(of: argument, given: call.filter?.conjuncts ?? [])
                if range != .unbounded { ranges[column.id] = range }
            default: break
            }
        }
    }
}
