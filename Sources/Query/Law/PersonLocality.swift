import Catalog
import Core

/// Walks a fragment's input bottom-up: which columns hold the row's person, and where every value comes from.
struct PersonLocality {
    /// What is known of the rows of a sub-plan.
    struct Relation {
        /// Whether rows are about people; the rest is empty otherwise.
        var isPersonal = false
        /// Columns that hold the row's person, never NULL.
        var person: Set<ColumnID> = []
        /// Columns that hold the row's person or NULL: of the nullable side of a left join.
        var nullablePerson: Set<ColumnID> = []

        var anyPerson: Set<ColumnID> { person.union(nullablePerson) }
    }

    let catalog: Catalog
    let areas: AreaColumns
    var expressions: ExpressionLaw

    init(catalog: Catalog, today: Int, over plan: Plan) {
        self.catalog = catalog
        areas = AreaColumns(plan, catalog: catalog)
        expressions = ExpressionLaw(today: today)
    }

    /// - Parameter given: equalities of two columns that hold for every row that survives above.
    mutating func visit(_ plan: Plan, given: [Expression]) throws(SQLFault) -> Relation {
        switch plan {
        case .scan(let scan): return try visit(scan)
        case .filter(let filter):
            let relation = try visit(filter.input, given: given + filter.predicate.conjuncts)
            try expressions.checkPredicate(filter.predicate)
            return relation
        case .join(let join): return try visit(join, given: given)
        case .project(let project):
            let input = try visit(project.input, given: given.compactMap { $0.below(project) })
            return try projected(input, project.columns)
        case .aggregate(let aggregate): return try visit(aggregate)
        case .window(let window): return try visit(window)
        case .distinct(let input): return try distinct(input)
        case .sort(let sort):
            let relation = try visit(sort.input, given: given)
            for key in sort.keys { _ = try expressions.lineage(of: key.expression) }
            return relation
        case .limit(let limit): return try visit(limit)
        case .setOperation(let operation): return try visit(operation)
        case .values(let values):
            for column in values.columns { expressions.lineages[column.id] = .free }
            return Relation()
        case .fragment, .statistic:
            throw SQLFault(.internalError, "a fragment below a fragment")
        }
    }

    private mutating func visit(_ scan: Scan) throws(SQLFault) -> Relation {
        var relation = Relation()
        if case .dataset = scan.source { relation.isPersonal = true }
        for column in scan.columns {
            guard let described = catalog.column(column.name, of: scan.source) else {
                throw SQLFault(
                    .undefinedColumn, "the catalog has no column \(column.name) in \(scan.source.name)",
                    position: scan.position)
            }
            var lineage = Lineage(described, ofDataset: relation.isPersonal)
            if areas.ids.contains(column.id) { lineage.kind = .area }
            if !relation.isPersonal, lineage.kind != .area {
                lineage = Lineage(kind: .free, column: column.name)
            }
            expressions.lineages[column.id] = lineage
            if relation.isPersonal, described.isPerson { relation.person.insert(column.id) }
        }
        return relation
    }

    private mutating func projected(_ input: Relation, _ columns: [ComputedColumn]) throws(SQLFault)
        -> Relation
    {
        var result = Relation(isPersonal: input.isPersonal)
        for column in columns {
            expressions.lineages[column.id] = try expressions.lineage(of: column.expression)
            guard let origin = column.expression.plainColumn else { continue }
            if input.person.contains(origin) { result.person.insert(column.id) }
            if input.nullablePerson.contains(origin) { result.nullablePerson.insert(column.id) }
        }
        return result
    }

    private mutating func distinct(_ plan: Plan) throws(SQLFault) -> Relation {
        let relation = try visit(plan, given: [])
        if relation.isPersonal, relation.person.isDisjoint(with: plan.offered) {
            throw .notPersonLocal(
                "DISTINCT", hint: "GROUP BY the columns with count(DISTINCT person), or select person too.",
                at: plan.position)
        }
        return relation
    }

    private mutating func visit(_ limit: Limit) throws(SQLFault) -> Relation {
        let relation = try visit(limit.input, given: [])
        if relation.isPersonal {
            throw .notPersonLocal(
                "LIMIT",
                hint:
                    "Take the first row of each person with row_number() OVER (PARTITION BY person ORDER BY …).",
                at: limit.input.position)
        }
        return relation
    }

    private mutating func visit(_ window: Window) throws(SQLFault) -> Relation {
        let relation = try visit(window.input, given: [])
        for column in window.columns {
            let perPerson = column.partition.contains {
                $0.plainColumn.map(relation.person.contains) ?? false
            }
            let position = (column.partition + column.arguments + column.order.map(\.expression))
                .compactMap(\.position).first
            guard !relation.isPersonal || perPerson else {
                throw .notPersonLocal(
                    "\(column.function)() OVER (…)", hint: "Add PARTITION BY person.", at: position)
            }
            var result = try lineage(of: column)
            for part in column.partition + column.order.map(\.expression) {
                let lineage = try expressions.lineage(of: part)
                // A rank of areas tells which area it is.
                if lineage.kind == .area { result = lineage }
            }
            expressions.lineages[column.id] = result
        }
        return relation
    }

    private func lineage(of column: Window.Column) throws(SQLFault) -> Lineage {
        try expressions.checkArguments(of: column)
        if ["sum", "avg"].contains(column.function), let argument = column.arguments.first {
            try expressions.checkSummed(argument)
        }
        var result = Lineage.free
        for (place, argument) in column.arguments.enumerated() {
            let lineage = try expressions.lineage(of: argument)
            if lineage.kind == .person || lineage.kind == .identifier {
                throw .identifier(lineage, at: argument.position)
            }
            result = place == 0 ? lineage : result.joined(with: lineage)
        }
        let counts = ["row_number", "rank", "dense_rank", "ntile", "count"].contains(column.function)
        return counts ? .free : result
    }

    private mutating func visit(_ operation: SetOperation) throws(SQLFault) -> Relation {
        let left = try visit(operation.left, given: [])
        let right = try visit(operation.right, given: [])
        var result = Relation(isPersonal: left.isPersonal || right.isPersonal)
        for (column, (l, r)) in zip(operation.columns, zip(operation.left.columns, operation.right.columns)) {
            guard let a = expressions.lineages[l.id], let b = expressions.lineages[r.id] else { continue }
            if a.kind != b.kind, a.isRestricted || b.isRestricted {
                throw .restricted(a.isRestricted ? a : b, at: operation.left.position)
            }
            expressions.lineages[column.id] = a.joined(with: b)
            if left.person.contains(l.id), right.person.contains(r.id) { result.person.insert(column.id) }
        }
        if result.isPersonal, result.person.isEmpty {
            throw .notPersonLocal(
                operation.kind.rawValue.uppercased(),
                hint: "Select person, at the same place, on both sides.",
                at: operation.left.position)
        }
        return result
    }
}

extension Scan.Source {
    /// As a statement writes it.
    package var name: String {
        switch self {
        case .dataset(let name): name
        case .reference(let name): "reference.\(name)"
        case .codelist(let name): "codelist.\(name)"
        }
    }
}

extension Expression {
    /// The same condition in terms of a projection's input, where it compares plain columns of it.
    fileprivate func below(_ project: Project) -> Expression? {
        let offered = project.definitions
        guard references.allSatisfy({ offered[$0]?.plainColumn != nil }) else { return nil }
        return substituting(offered)
    }
}
