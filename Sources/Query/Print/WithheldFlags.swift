import Core

/// Gives every column of a merge plan that may rest on a withheld number a second, boolean column that says
/// so, and makes sure that it is NULL there.
///
/// The flag of column n is the column `EngineName.flag(of: n)`. A fragment's aggregates have theirs from the
/// start; from there they follow the data: `WithheldExpression` for expressions, and an aggregate is withheld
/// if any of the rows it reads is. Counting rows (`count(*)`) reads none of their numbers.
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
        case .statistic(let scan): return statistic(scan)
        case .filter(let filter):
            let input = apply(filter.input)
            let predicate = WithheldExpression(filter.predicate, input.flagged).value
            return Flagged(
                plan: .filter(Filter(input: input.plan, predicate: predicate)), flagged: input.flagged)
        case .sort(let sort):
            let input = apply(sort.input)
            let keys = sort.keys.map { Self.rewritten($0, input.flagged) }
            return Flagged(plan: .sort(Sort(input: input.plan, keys: keys)), flagged: input.flagged)
        case .limit:
            let input = apply(plan.inputs[0])
            return Flagged(plan: plan.replacing(inputs: [input.plan]), flagged: input.flagged)
        case .join(let join): return self.join(join)
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

    static func flagColumn(_ column: PlanColumn) -> PlanColumn {
        PlanColumn(id: EngineName.flag(of: column.id), name: column.name + "_withheld", type: .boolean)
    }

    static func flag(_ column: PlanColumn, _ expression: Expression) -> ComputedColumn {
        let flag = flagColumn(column)
        return ComputedColumn(id: flag.id, name: flag.name, expression: expression)
    }

    static func rewritten(_ key: SortKey, _ flagged: Set<ColumnID>) -> SortKey {
        SortKey(
            expression: WithheldExpression(key.expression, flagged).value, ascending: key.ascending,
            nullsFirst: key.nullsFirst)
    }

    /// A column as it is.
    static func kept(_ column: PlanColumn) -> ComputedColumn {
        ComputedColumn(
            id: column.id, name: column.name, expression: Expression(.column(column.id), column.type))
    }

    /// `plan` with these columns NULL where their flag, another of its columns, is true. There a flag that is
    /// NULL comes of an aggregate over no rows, or of a `lag` before the first: nothing is withheld.
    static func blanking(_ columns: Set<ColumnID>, _ plan: Plan) -> Plan {
        guard !columns.isEmpty else { return plan }
        let flags = Set(columns.map(EngineName.flag))
        let computed = plan.columns.map { column in
            let own = kept(column).expression
            if flags.contains(column.id) {
                return ComputedColumn(
                    id: column.id, name: column.name, expression: WithheldExpression.isTrue(own))
            }
            guard columns.contains(column.id) else { return kept(column) }
            let flag = Expression(.column(EngineName.flag(of: column.id)), .boolean)
            let value = WithheldExpression.null(WithheldExpression.isTrue(flag), else: own)
            return ComputedColumn(id: column.id, name: column.name, expression: value)
        }
        return .project(Project(input: plan, columns: computed))
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

    /// Whatever is no group key may be withheld.
    private func statistic(_ scan: StatisticScan) -> Flagged {
        let flagged = scan.columns.dropFirst(scan.keys)
        return Flagged(
            plan: .statistic(
                StatisticScan(
                    index: scan.index, keys: scan.keys, columns: scan.columns + flagged.map(Self.flagColumn))),
            flagged: Set(flagged.map(\.id)))
    }

    private func join(_ join: Join) -> Flagged {
        let (left, right) = (apply(join.left), apply(join.right))
        let isHalf = join.kind == .semi || join.kind == .anti
        let both = left.flagged.union(right.flagged)
        let condition = WithheldExpression(join.condition, both).value
        return Flagged(
            plan: .join(Join(kind: join.kind, left: left.plan, right: right.plan, condition: condition)),
            flagged: isHalf ? left.flagged : both)
    }

    private func project(_ project: Project) -> Flagged {
        let input = apply(project.input)
        var columns: [ComputedColumn] = []
        var flags: [ComputedColumn] = []
        for column in project.columns {
            let result = WithheldExpression(column.expression, input.flagged)
            columns.append(ComputedColumn(id: column.id, name: column.name, expression: result.value))
            if let flag = result.flag { flags.append(Self.flag(column.column, flag)) }
        }
        let flagged = Set(flags.map { EngineName.flag(of: $0.id) })
        return Flagged(plan: .project(Project(input: input.plan, columns: columns + flags)), flagged: flagged)
    }

    static func any(_ flag: Expression) -> AggregateCall {
        AggregateCall(.boolOr, argument: flag, type: .boolean)
    }

    private func aggregate(_ aggregate: Aggregate) -> Flagged {
        let input = apply(aggregate.input)
        var keys: [ComputedColumn] = []
        var aggregates: [AggregateColumn] = []
        var flags: [AggregateColumn] = []
        for key in aggregate.keys {
            let result = WithheldExpression(key.expression, input.flagged)
            keys.append(ComputedColumn(id: key.id, name: key.name, expression: result.value))
            if let flag = result.flag { flags.append(Self.flag(key.column, any: flag)) }
        }
        var blanked: Set<ColumnID> = []
        for column in aggregate.aggregates {
            let (call, flag) = Self.call(column.call, input.flagged)
            aggregates.append(AggregateColumn(id: column.id, name: column.name, call: call))
            guard let flag else { continue }
            flags.append(Self.flag(column.column, any: flag))
            blanked.insert(column.id)
        }
        let node = Aggregate(input: input.plan, keys: keys, aggregates: aggregates + flags)
        return Flagged(
            plan: Self.blanking(blanked, .aggregate(node)),
            flagged: Set(flags.map { EngineName.flag(of: $0.id) }))
    }

    private static func flag(_ column: PlanColumn, any flag: Expression) -> AggregateColumn {
        let place = flagColumn(column)
        return AggregateColumn(id: place.id, name: place.name, call: any(flag))
    }

    /// The call, and whether a row of its group is withheld from it: a number that it counts, or the condition
    /// on which it would.
    private static func call(
        _ call: AggregateCall, _ flagged: Set<ColumnID>
    ) -> (call: AggregateCall, flag: Expression?) {
        let argument = call.argument.map { WithheldExpression($0, flagged) }
        let filter = call.filter.map { WithheldExpression($0, flagged) }
        let counted = argument?.flag.map { flag in
            filter.map { WithheldExpression.isTrue(WithheldExpression.and([$0.value, flag])) } ?? flag
        }
        let result = call.over(argument: argument?.value, filter: filter?.value)
        return (result, WithheldExpression.or([counted, filter?.flag].compactMap(\.self)))
    }
}
