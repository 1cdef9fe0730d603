import Core

extension Expression {
    /// The terms of a conjunction, however it is nested; `true` gives none.
    package var conjuncts: [Expression] {
        switch node {
        case .call(.and, let terms): terms.flatMap(\.conjuncts)
        case .literal(.boolean(true)): []
        default: [self]
        }
    }

    /// The AND of the terms; `true` for none.
    package static func conjunction(_ terms: [Expression]) -> Expression {
        guard let first = terms.first else { return Expression(.literal(.boolean(true)), .boolean) }
        return terms.count == 1 ? first : Expression(.call(.and, terms), .boolean, at: first.position)
    }

    /// The column, where the expression is nothing but a column.
    package var plainColumn: ColumnID? {
        if case .column(let id) = node { id } else { nil }
    }

    /// The sub-expressions, in order of writing.
    package var children: [Expression] {
        switch node {
        case .column, .literal: []
        case .call(_, let arguments): arguments
        case .caseWhen(let branches, let otherwise):
            branches.flatMap { [$0.condition, $0.value] } + (otherwise.map { [$0] } ?? [])
        case .cast(let inner): [inner]
        case .inList(let subject, let items, _): [subject] + items
        case .inCodelist(let subject, _, _): [subject]
        }
    }

    /// Every column that the expression reads.
    package var references: Set<ColumnID> {
        if let column = plainColumn { return [column] }
        return children.reduce(into: []) { $0.formUnion($1.references) }
    }

    /// How often each column is read.
    func count(into counts: inout [ColumnID: Int]) {
        if let column = plainColumn { counts[column, default: 0] += 1 }
        for child in children { child.count(into: &counts) }
    }

    /// Rebuilds the expression with every column replaced; what the map does not name stays.
    package func substituting(_ map: [ColumnID: Expression]) -> Expression {
        if map.isEmpty { return self }
        let rebuilt: Node =
            switch node {
            case .column(let id): map[id]?.node ?? node
            case .literal: node
            case .call(let function, let arguments): .call(function, arguments.map { $0.substituting(map) })
            case .caseWhen(let branches, let otherwise):
                .caseWhen(
                    branches.map {
                        CaseBranch(
                            condition: $0.condition.substituting(map), value: $0.value.substituting(map))
                    }, otherwise: otherwise?.substituting(map))
            case .cast(let inner): .cast(inner.substituting(map))
            case .inList(let subject, let items, let negated):
                .inList(subject.substituting(map), items.map { $0.substituting(map) }, negated: negated)
            case .inCodelist(let subject, let codelist, let negated):
                .inCodelist(subject.substituting(map), codelist: codelist, negated: negated)
            }
        return Expression(rebuilt, type, at: position)
    }
}

extension ComputedColumn {
    func substituting(_ map: [ColumnID: Expression]) -> ComputedColumn {
        ComputedColumn(id: id, name: name, expression: expression.substituting(map))
    }
}

extension AggregateColumn {
    func substituting(_ map: [ColumnID: Expression]) -> AggregateColumn {
        AggregateColumn(
            id: id, name: name,
            call: call.over(
                argument: call.argument?.substituting(map), filter: call.filter?.substituting(map)))
    }

    /// What the aggregate reads: its argument and its filter.
    var expressions: [Expression] { [call.argument, call.filter].compactMap(\.self) }
}

extension Project {
    /// What each offered column stands for.
    var definitions: [ColumnID: Expression] {
        Dictionary(columns.map { ($0.id, $0.expression) }) { first, _ in first }
    }

    /// Whether every column is a column of the input under another name.
    var isRenaming: Bool { columns.allSatisfy { $0.expression.plainColumn != nil } }
}
