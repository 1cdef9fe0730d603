import Core

/// Makes a person-local plan offer the person whom each of its rows is about, and on demand the person's
/// record key.
///
/// The *spine* is the path from the root to the dataset scans that give rows their person: the left side of
/// every join unless that is a reference table, both sides of a set operation.
struct PersonThread {
    /// A plan that may offer more columns than before, `person` among them.
    struct Threaded {
        var plan: Plan
        var person: ColumnID
        /// nil if not asked for, or if a set operation stands in the way.
        var recordKey: ColumnID?
    }

    private var fresh: FreshColumns
    private let withRecordKey: Bool
    /// Rewrites each scan of the spine: where obligations go in.
    private let atSpine: (Scan, inout FreshColumns) -> Plan

    init(plan: Plan, withRecordKey: Bool, atSpine: @escaping (Scan, inout FreshColumns) -> Plan) {
        fresh = FreshColumns(after: plan)
        self.withRecordKey = withRecordKey
        self.atSpine = atSpine
    }

    /// nil if no dataset gives the plan's rows a person.
    mutating func thread(_ plan: Plan) -> Threaded? {
        switch plan {
        case .scan(let scan): return self.scan(scan)
        case .filter, .sort, .limit, .window, .distinct:
            // A DISTINCT gets no more rows of it: the record key is a function of the person.
            guard var input = thread(plan.inputs[0]) else { return nil }
            input.plan = plan.replacing(inputs: [input.plan])
            return input
        case .join(let join): return self.join(join)
        case .project(let project): return self.project(project)
        case .aggregate(let aggregate): return self.aggregate(aggregate)
        case .setOperation(let operation): return setOperation(operation)
        case .values, .fragment, .statistic: return nil
        }
    }

    private mutating func scan(_ scan: Scan) -> Threaded? {
        guard case .dataset = scan.source else { return nil }
        var columns = scan.columns
        let person =
            columns.first { $0.name == "person" } ?? PlanColumn(id: fresh.id(), name: "person", type: .text)
        if !columns.contains(person) { columns.append(person) }
        var recordKey: ColumnID?
        if withRecordKey {
            let column = PlanColumn(id: fresh.id(), name: "record_key", type: .integer)
            columns.append(column)
            recordKey = column.id
        }
        let wider = Scan(source: scan.source, alias: scan.alias, columns: columns, position: scan.position)
        return Threaded(plan: atSpine(wider, &fresh), person: person.id, recordKey: recordKey)
    }

    private mutating func project(_ project: Project) -> Threaded? {
        guard var input = thread(project.input) else { return nil }
        var columns = project.columns
        if let kept = Self.passing(input.person, columns) {
            input.person = kept
        } else {
            columns.append(passed(input.person, "person", .text))
            input.person = columns[columns.count - 1].id
        }
        if let recordKey = input.recordKey {
            columns.append(passed(recordKey, "record_key", .integer))
            input.recordKey = columns[columns.count - 1].id
        }
        input.plan = .project(Project(input: input.plan, columns: columns))
        return input
    }

    private mutating func aggregate(_ aggregate: Aggregate) -> Threaded? {
        guard var input = thread(aggregate.input) else { return nil }
        var keys = aggregate.keys
        if let kept = Self.passing(input.person, keys) {
            input.person = kept
        } else {
            // Grouped by an equal column: the same person by the law of a fragment, so grouping is the same.
            keys.append(passed(input.person, "person", .text))
            input.person = keys[keys.count - 1].id
        }
        var aggregates = aggregate.aggregates
        if let recordKey = input.recordKey {
            let argument = Expression(.column(recordKey), .integer)
            let any = AggregateCall(.min, argument: argument, type: .integer)
            aggregates.append(AggregateColumn(id: fresh.id(), name: "record_key", call: any))
            input.recordKey = aggregates[aggregates.count - 1].id
        }
        input.plan = .aggregate(Aggregate(input: input.plan, keys: keys, aggregates: aggregates))
        return input
    }

    private mutating func passed(_ id: ColumnID, _ name: String, _ type: ColumnType) -> ComputedColumn {
        ComputedColumn(id: fresh.id(), name: name, expression: Expression(.column(id), type))
    }

    private mutating func join(_ join: Join) -> Threaded? {
        let node = Plan.join(join)
        if var left = thread(join.left) {
            left.plan = node.replacing(inputs: [left.plan, join.right])
            return left
        }
        guard join.kind == .inner || join.kind == .cross, var right = thread(join.right) else { return nil }
        right.plan = node.replacing(inputs: [join.left, right.plan])
        return right
    }

    /// Both sides must offer their person already, at the same place; what was added to them is left out.
    private mutating func setOperation(_ operation: SetOperation) -> Threaded? {
        guard let left = thread(operation.left), let right = thread(operation.right),
            let place = operation.left.columns.firstIndex(where: { $0.id == left.person }),
            operation.right.columns.firstIndex(where: { $0.id == right.person }) == place
        else { return nil }
        let sides = [
            Self.narrowed(left.plan, to: operation.left.columns),
            Self.narrowed(right.plan, to: operation.right.columns),
        ]
        let plan = Plan.setOperation(operation).replacing(inputs: sides)
        return Threaded(plan: plan, person: operation.columns[place].id, recordKey: nil)
    }

    private static func narrowed(_ plan: Plan, to columns: [PlanColumn]) -> Plan {
        guard plan.columns != columns else { return plan }
        let kept = columns.map {
            ComputedColumn(id: $0.id, name: $0.name, expression: Expression(.column($0.id), $0.type))
        }
        return .project(Project(input: plan, columns: kept))
    }

    static func column(_ id: ColumnID) -> Expression { Expression(.column(id), .text) }

    private static func passing(_ person: ColumnID, _ columns: [ComputedColumn]) -> ColumnID? {
        columns.first { $0.expression.node == .column(person) }?.id
    }
}
