import Core

/// Gives every column of a merge plan that may rest on a withheld number a second, boolean column that says
/// so.
///
/// The flag of column n is the column `EngineName.flag(of: n)`. A fragment's aggregates have theirs from the
/// start; from there they follow the data: an expression is flagged if anything it reads is, an aggregate if
/// any of
/// its rows is.
struct WithheldFlags {
    /// A plan that offers flags beside its columns, and the columns that have one.
    struct Flagged {
        var plan: Plan
        var flagged: Set<ColumnID>
    }

    let fragments: [Fragment]

    func apply(_ plan: Plan) -> Flagged {
        switch plan {
        case .scan, .values: return Flagged(plan: plan, flagged: [])
        case .fragment(let scan): return fragment(scan)
        case .filter, .sort, .limit:
            let input = apply(plan.inputs[0])
            return Flagged(plan: plan.replacing(inputs: [input.plan]), flagged: input.flagged)
        case .join(let join):
            let (left, right) = (apply(join.left), apply(join.right))
            let isHalf = join.kind == .semi || join.kind == .anti
            return Flagged(
                plan: plan.replacing(inputs: [left.plan, right.plan]),
                flagged: isHalf ? left.flagged : left.flagged.union(right.flagged))
        case .project(let project): return self.project(project)
        case .aggregate(let aggregate): return self.aggregate(aggregate)
        case .window(let window): return self.window(window)
        case .distinct(let input):
            let input = apply(input)
            return input.flagged.isEmpty
                ? Flagged(plan: .distinct(input.plan), flagged: []) : distinct(input, plan)
        case .setOperation(let operation): return setOperation(operation)
        }
    }

    private func fragment(_ scan: FragmentScan) -> Flagged {
        let aggregates = Set(fragments[scan.index].aggregate.aggregates.map(\.id))
        let keys = Set(fragments[scan.index].aggregate.keys.map(\.id))
        let places = fragments[scan.index].aggregate.keys.count
        let flagged = scan.columns.enumerated().filter { index, column in
            aggregates.contains(column.id) || (!keys.contains(column.id) && index >= places)
        }.map(\.element)
        let flags = flagged.map { Self.flagColumn($0) }
        return Flagged(
            plan: .fragment(FragmentScan(index: scan.index, columns: scan.columns + flags)),
            flagged: Set(flagged.map(\.id)))
    }

    static func flagColumn(_ column: PlanColumn) -> PlanColumn {
        PlanColumn(id: EngineName.flag(of: column.id), name: column.name + "_withheld", type: .boolean)
    }

    /// The flag of an expression: any of those it reads; nil if none can be.
    static func flag(_ expressions: [Expression], _ flagged: Set<ColumnID>) -> Expression? {
        let ids = expressions.reduce(into: Set<ColumnID>()) { $0.formUnion($1.references) }
        // An outer join leaves flags NULL where there was no row: nothing was withheld there.
        let flags = ids.intersection(flagged).sorted { $0.number < $1.number }.map { id in
            Expression(
                .call(.isTrue, [Expression(.column(EngineName.flag(of: id)), .boolean)]), .boolean)
        }
        if flags.count < 2 { return flags.first }
        return Expression(.call(.or, flags), .boolean)
    }

    private static func flag(_ column: PlanColumn, _ expression: Expression) -> ComputedColumn {
        let flag = flagColumn(column)
        return ComputedColumn(id: flag.id, name: flag.name, expression: expression)
    }

    private func project(_ project: Project) -> Flagged {
        let input = apply(project.input)
        var columns = project.columns
        var flagged: Set<ColumnID> = []
        for column in project.columns {
            guard let flag = Self.flag([column.expression], input.flagged) else { continue }
            columns.append(Self.flag(column.column, flag))
            flagged.insert(column.id)
        }
        return Flagged(plan: .project(Project(input: input.plan, columns: columns)), flagged: flagged)
    }

    private static func any(_ flag: Expression) -> AggregateCall {
        AggregateCall(.boolOr, argument: flag, type: .boolean)
    }

    private func aggregate(_ aggregate: Aggregate) -> Flagged {
        let input = apply(aggregate.input)
        var aggregates = aggregate.aggregates
        var flagged: Set<ColumnID> = []
        for key in aggregate.keys {
            guard let flag = Self.flag([key.expression], input.flagged) else { continue }
            aggregates.append(
                AggregateColumn(id: Self.flagColumn(key.column).id, name: key.name, call: Self.any(flag)))
            flagged.insert(key.id)
        }
        for column in aggregate.aggregates {
            let reads = [column.call.argument, column.call.filter].compactMap(\.self)
            guard let flag = Self.flag(reads, input.flagged) else { continue }
            aggregates.append(
                AggregateColumn(
                    id: Self.flagColumn(column.column).id, name: column.name, call: Self.any(flag)))
            flagged.insert(column.id)
        }
        let node = Aggregate(input: input.plan, keys: aggregate.keys, aggregates: aggregates)
        return Flagged(plan: .aggregate(node), flagged: flagged)
    }

    private func window(_ window: Window) -> Flagged {
        let input = apply(window.input)
        var columns = window.columns
        var flagged: Set<ColumnID> = []
        for column in window.columns {
            guard let flag = Self.flag(column.arguments, input.flagged) else { continue }
            let places = ["lag", "lead", "first_value", "last_value"]
            let isPlace = places.contains(column.function)
            columns.append(
                Window.Column(
                    id: EngineName.flag(of: column.id), name: column.name,
                    function: isPlace ? column.function : "bool_or",
                    arguments: isPlace ? [flag] + column.arguments.dropFirst().prefix(1) : [flag],
                    partition: column.partition, order: column.order, type: .boolean))
            flagged.insert(column.id)
        }
        let node = Plan.window(Window(input: input.plan, columns: columns))
        return Flagged(plan: node, flagged: input.flagged.union(flagged))
    }

    /// Rows that differ in flags only are one: grouped, with any of the flags.
    private func distinct(_ input: Flagged, _ original: Plan) -> Flagged {
        let columns = original.columns
        let keys = columns.map {
            ComputedColumn(id: $0.id, name: $0.name, expression: Expression(.column($0.id), $0.type))
        }
        let flags = columns.filter { input.flagged.contains($0.id) }.map { column in
            let flag = Self.flagColumn(column)
            return AggregateColumn(
                id: flag.id, name: flag.name, call: Self.any(Expression(.column(flag.id), .boolean)))
        }
        let node = Plan.aggregate(Aggregate(input: input.plan, keys: keys, aggregates: flags))
        return Flagged(plan: node, flagged: Set(columns.map(\.id)).intersection(input.flagged))
    }

    private func setOperation(_ operation: SetOperation) -> Flagged {
        let (left, right) = (apply(operation.left), apply(operation.right))
        let plan = Plan.setOperation(operation)
        if left.flagged.isEmpty && right.flagged.isEmpty {
            return Flagged(plan: plan.replacing(inputs: [left.plan, right.plan]), flagged: [])
        }
        // Flags must not tell rows apart in INTERSECT and EXCEPT: they are left out there.
        guard operation.kind == .union else {
            let sides = [
                Self.bare(left.plan, operation.left.columns), Self.bare(right.plan, operation.right.columns),
            ]
            return Flagged(plan: plan.replacing(inputs: sides), flagged: [])
        }
        let flags = operation.columns.map(Self.flagColumn)
        let sides = [(left, operation.left.columns), (right, operation.right.columns)].map { side, columns in
            Self.flagging(side, columns)
        }
        let union = SetOperation(
            kind: .union, all: true, left: sides[0], right: sides[1], columns: operation.columns + flags)
        let flagged = Flagged(plan: .setOperation(union), flagged: Set(operation.columns.map(\.id)))
        return operation.all ? flagged : distinct(flagged, plan)
    }

    private static func bare(_ plan: Plan, _ columns: [PlanColumn]) -> Plan {
        let kept = columns.map {
            ComputedColumn(id: $0.id, name: $0.name, expression: Expression(.column($0.id), $0.type))
        }
        return .project(Project(input: plan, columns: kept))
    }

    /// A side of a union: its columns, then a flag of each.
    private static func flagging(_ side: Flagged, _ columns: [PlanColumn]) -> Plan {
        let values = columns.map {
            ComputedColumn(id: $0.id, name: $0.name, expression: Expression(.column($0.id), $0.type))
        }
        let flags = columns.map { column in
            let none = Expression(.literal(.boolean(false)), .boolean)
            return flag(column, flag([Expression(.column(column.id), column.type)], side.flagged) ?? none)
        }
        return .project(Project(input: side.plan, columns: values + flags))
    }
}
