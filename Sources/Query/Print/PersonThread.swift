import Core

/// Makes a person-local plan offer the person whom each of its rows is about.
///
/// The *spine* is the path from the root to the dataset scans that give rows their person: the left side of
/// every
/// join unless that is a reference table, both sides of a set operation.
struct PersonThread {
    private var fresh: FreshColumns
    /// Rewrites each scan of the spine: where obligations go in.
    private let atSpine: (Scan, inout FreshColumns) -> Plan

    init(plan: Plan, atSpine: @escaping (Scan, inout FreshColumns) -> Plan) {
        fresh = FreshColumns(after: plan)
        self.atSpine = atSpine
    }

    /// - Returns: the plan, which may offer more columns than before, and the person's column among them; nil
    ///   if no
    ///   dataset gives its rows a person.
    mutating func thread(_ plan: Plan) -> (plan: Plan, person: ColumnID)? {
        switch plan {
        case .scan(let scan): return self.scan(scan)
        case .filter, .sort, .limit, .window, .distinct:
            guard let (input, person) = thread(plan.inputs[0]) else { return nil }
            return (plan.replacing(inputs: [input]), person)
        case .join(let join): return self.join(join)
        case .project(let project):
            guard let (input, person) = thread(project.input) else { return nil }
            if let kept = Self.passing(person, project.columns) {
                return (.project(Project(input: input, columns: project.columns)), kept)
            }
            let added = ComputedColumn(id: fresh.id(), name: "person", expression: Self.column(person))
            return (.project(Project(input: input, columns: project.columns + [added])), added.id)
        case .aggregate(let aggregate):
            guard let (input, person) = thread(aggregate.input) else { return nil }
            if let kept = Self.passing(person, aggregate.keys) {
                let node = Aggregate(input: input, keys: aggregate.keys, aggregates: aggregate.aggregates)
                return (.aggregate(node), kept)
            }
            // Grouped by an equal column: the same person by the law of a fragment, so grouping is the same.
            let key = ComputedColumn(id: fresh.id(), name: "person", expression: Self.column(person))
            let node = Aggregate(input: input, keys: aggregate.keys + [key], aggregates: aggregate.aggregates)
            return (.aggregate(node), key.id)
        case .setOperation(let operation): return setOperation(operation)
        case .values, .fragment: return nil
        }
    }

    private mutating func scan(_ scan: Scan) -> (plan: Plan, person: ColumnID)? {
        guard case .dataset = scan.source else { return nil }
        if let person = scan.columns.first(where: { $0.name == "person" }) {
            return (atSpine(scan, &fresh), person.id)
        }
        let person = PlanColumn(id: fresh.id(), name: "person", type: .text)
        let wider = Scan(source: scan.source, alias: scan.alias, columns: scan.columns + [person])
        return (atSpine(wider, &fresh), person.id)
    }

    private mutating func join(_ join: Join) -> (plan: Plan, person: ColumnID)? {
        let node = Plan.join(join)
        if let (left, person) = thread(join.left) {
            return (node.replacing(inputs: [left, join.right]), person)
        }
        guard join.kind == .inner || join.kind == .cross, let (right, person) = thread(join.right) else {
            return nil
        }
        return (node.replacing(inputs: [join.left, right]), person)
    }

    private mutating func setOperation(_ operation: SetOperation) -> (plan: Plan, person: ColumnID)? {
        guard let (left, person) = thread(operation.left), let (right, other) = thread(operation.right) else {
            return nil
        }
        guard let place = operation.left.columns.firstIndex(where: { $0.id == person }),
            right.columns.firstIndex(where: { $0.id == other }) == place,
            left.columns.count == operation.columns.count, right.columns.count == operation.columns.count
        else { return nil }
        return (Plan.setOperation(operation).replacing(inputs: [left, right]), operation.columns[place].id)
    }

    static func column(_ id: ColumnID) -> Expression { Expression(.column(id), .text) }

    private static func passing(_ person: ColumnID, _ columns: [ComputedColumn]) -> ColumnID? {
        columns.first { $0.expression.node == .column(person) }?.id
    }
}
