import Core

extension WithheldFlags {
    private static let places: Set<String> = ["lag", "lead", "first_value", "last_value"]

    /// A window over withheld numbers is withheld as an aggregate is; one in the order of withheld numbers is
    /// so in all of its partition, for any row may have another place.
    func window(_ window: Window) -> Flagged {
        let input = apply(window.input)
        var columns: [Window.Column] = []
        var flags: [Window.Column] = []
        var blanked: Set<ColumnID> = []
        for column in window.columns {
            let arguments = column.arguments.map { WithheldExpression($0, input.flagged) }
            let rewritten = Window.Column(
                id: column.id, name: column.name, function: column.function,
                arguments: arguments.map(\.value),
                partition: column.partition.map { WithheldExpression($0, input.flagged).value },
                order: column.order.map { Self.rewritten($0, input.flagged) }, frame: column.frame,
                type: column.type)
            columns.append(rewritten)
            let order = column.order.compactMap { WithheldExpression($0.expression, input.flagged).flag }
            guard let any = WithheldExpression.or(arguments.compactMap(\.flag) + order) else { continue }
            blanked.insert(column.id)
            let isPlace =
                Self.places.contains(column.function) && order.isEmpty && arguments[0].flag != nil
                && arguments.dropFirst().allSatisfy { $0.flag == nil }
            flags.append(
                Window.Column(
                    id: EngineName.flag(of: column.id), name: column.name,
                    function: isPlace ? column.function : "bool_or",
                    arguments: isPlace ? [any] + rewritten.arguments.dropFirst().prefix(1) : [any],
                    partition: rewritten.partition, order: order.isEmpty ? rewritten.order : [],
                    frame: order.isEmpty ? column.frame : nil, type: .boolean))
        }
        let node = Plan.window(Window(input: input.plan, columns: columns + flags))
        return Flagged(plan: Self.blanking(blanked, node), flagged: input.flagged.union(blanked))
    }

    /// Rows that differ in flags only are one: grouped, with any of the flags.
    func distinct(_ input: Flagged, _ original: Plan) -> Flagged {
        let columns = original.columns
        let flags = columns.filter { input.flagged.contains($0.id) }.map { column in
            let flag = Self.flagColumn(column)
            return AggregateColumn(
                id: flag.id, name: flag.name, call: Self.any(WithheldExpression.flag(column.id)))
        }
        let node = Plan.aggregate(
            Aggregate(input: input.plan, keys: columns.map(Self.kept), aggregates: flags))
        return Flagged(plan: node, flagged: Set(columns.map(\.id)).intersection(input.flagged))
    }

    func setOperation(_ operation: SetOperation) -> Flagged {
        let (left, right) = (apply(operation.left), apply(operation.right))
        let plan = Plan.setOperation(operation)
        if left.flagged.isEmpty && right.flagged.isEmpty {
            return Flagged(plan: plan.replacing(inputs: [left.plan, right.plan]), flagged: [])
        }
        guard operation.kind == .union else { return difference(operation, left, right) }
        let flags = operation.columns.map(Self.flagColumn)
        let sides = [(left, operation.left.columns), (right, operation.right.columns)].map { side, columns in
            Self.flagging(side, columns)
        }
        let union = SetOperation(
            kind: .union, all: true, left: sides[0], right: sides[1], columns: operation.columns + flags)
        let flagged = Flagged(plan: .setOperation(union), flagged: Set(operation.columns.map(\.id)))
        return operation.all ? flagged : distinct(flagged, plan)
    }

    /// INTERSECT and EXCEPT: flags must not tell rows apart there, so any NULL of theirs counts as withheld
    /// afterwards.
    private func difference(_ operation: SetOperation, _ left: Flagged, _ right: Flagged) -> Flagged {
        let pairs = zip(operation.left.columns, operation.right.columns)
        let sides = [
            Self.bare(left.plan, operation.left.columns), Self.bare(right.plan, operation.right.columns),
        ]
        let columns = zip(operation.columns, pairs).filter { _, pair in
            left.flagged.contains(pair.0.id) || right.flagged.contains(pair.1.id)
        }.map(\.0)
        let flags = columns.map { column in
            Self.flag(column, Expression(.call(.isNull, [Self.kept(column).expression]), .boolean))
        }
        let node = Plan.setOperation(operation).replacing(inputs: sides)
        return Flagged(
            plan: .project(Project(input: node, columns: operation.columns.map(Self.kept) + flags)),
            flagged: Set(columns.map(\.id)))
    }

    private static func bare(_ plan: Plan, _ columns: [PlanColumn]) -> Plan {
        .project(Project(input: plan, columns: columns.map(kept)))
    }

    /// A side of a union: its columns, then a flag of each.
    private static func flagging(_ side: Flagged, _ columns: [PlanColumn]) -> Plan {
        let flags = columns.map { column in
            let isFlagged = side.flagged.contains(column.id)
            return flag(
                column, isFlagged ? WithheldExpression.flag(column.id) : WithheldExpression.boolean(false))
        }
        return .project(Project(input: side.plan, columns: columns.map(kept) + flags))
    }
}
