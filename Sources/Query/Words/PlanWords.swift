internal import Catalog
internal import Core

/// Reads the plan below a fragment's aggregate: what its columns are, whose rows are read, what must hold of them.
struct PlanWords {
    let catalog: Catalog
    private(set) var records: [String] = []
    private(set) var conditions: [String] = []
    /// What a column of a table is called here.
    var names: [ColumnID: String] = [:]
    /// Columns that are identifiers of people.
    var people: Set<ColumnID> = []
    /// Of which table such an identifier is.
    private var tables: [ColumnID: String] = [:]
    /// What a column that is worked out is worked out from.
    var definitions: [ColumnID: Definition] = [:]

    enum Definition {
        case expression(Expression)
        case words(String)
    }

    init(catalog: Catalog) { self.catalog = catalog }

    mutating func read(_ plan: Plan) {
        switch plan {
        case .scan(let scan): read(scan)
        case .filter(let filter):
            read(filter.input)
            conditions += Self.conjuncts(filter.predicate).map { condition($0) }
        case .join(let join): read(join)
        case .project(let project):
            read(project.input)
            for column in project.columns { definitions[column.id] = .expression(column.expression) }
            for column in project.columns where isPerson(column.expression) { people.insert(column.id) }
        case .aggregate(let aggregate): read(aggregate)
        case .window(let window): read(window)
        case .distinct(let input):
            read(input)
            conditions.append("records that are alike in \(list(input.columns)) count once")
        case .sort(let sort): read(sort.input)
        case .limit(let limit):
            read(limit.input)
            conditions.append("only the first \(limit.count.map(String.init) ?? "of all") records are taken")
        case .setOperation(let operation): read(operation)
        case .values(let values): read(values)
        case .fragment, .statistic: break
        }
    }

    // MARK: Tables

    private mutating func read(_ scan: Scan) {
        let (name, about) = Self.table(scan.source, catalog)
        let line = about.isEmpty ? name : "\(name) (\(about))"
        if !records.contains(line) { records.append(line) }
        for column in scan.columns {
            let spoken = column.name.replacing("_", with: " ")
            names[column.id] = column.name == "person" ? "person" : "\(spoken) of \(name)"
            if column.name == "person" {
                people.insert(column.id)
                tables[column.id] = name
            }
        }
    }

    /// Whose people are counted, where more than one table is read.
    func whose(_ expression: Expression?) -> String {
        guard records.count > 1, case .column(let id)? = expression?.node, let table = tables[id] else {
            return ""
        }
        return " with a record of \(table)"
    }

    private static func table(_ source: Scan.Source, _ catalog: Catalog) -> (String, String) {
        switch source {
        case .dataset(let name):
            var about = catalog.datasets[name]?.summary ?? ""
            if about.hasSuffix(".") { about.removeLast() }
            return (name.replacing("_", with: " "), about.prefix(1).lowercased() + about.dropFirst())
        case .reference(let name): return ("the reference table \(name)", "about nobody")
        case .codelist(let name): return ("the codelist \(name)", "about nobody")
        }
    }

    private mutating func read(_ values: Values) {
        guard !values.columns.isEmpty else { return }
        records.append("a list of \(values.rows.count) lines that came with the question")
        for (place, column) in values.columns.enumerated() {
            let shown = values.rows.prefix(20).map { value($0[place]) }
            definitions[column.id] = .words("\(column.name) (one of \(shown.joined(separator: ", ")))")
        }
    }

    // MARK: Joins

    private mutating func read(_ join: Join) {
        read(join.left)
        let outer = conditions
        conditions = []
        read(join.right)
        let inner = conditions + Self.conjuncts(join.condition).compactMap { joint($0) }
        conditions = outer
        let what = Self.tables(join.right, catalog)
        switch join.kind {
        case .inner, .cross: conditions += inner
        case .semi: conditions.append("there is a record of \(what)" + suchThat(inner))
        case .anti: conditions.append("there is no record of \(what)" + suchThat(inner))
        case .left, .full:
            conditions.append("records of \(what) are looked up where there are any" + suchThat(inner))
        }
    }

    private func suchThat(_ parts: [String]) -> String {
        parts.isEmpty ? "" : ", such that \(QuestionWords.list(parts))"
    }

    /// nil for what says nothing: `true`.
    private func joint(_ expression: Expression) -> String? {
        if case .literal(.boolean(true)) = expression.node { return nil }
        if case .call(.equal, let sides) = expression.node, sides.allSatisfy(isPerson) {
            return "they are of the same person"
        }
        return condition(expression)
    }

    private static func tables(_ plan: Plan, _ catalog: Catalog) -> String {
        if case .scan(let scan) = plan { return table(scan.source, catalog).0 }
        var found: [String] = []
        for input in plan.inputs {
            let name = tables(input, catalog)
            if !name.isEmpty, !found.contains(name) { found.append(name) }
        }
        return QuestionWords.list(found)
    }

    // MARK: What is worked out on the way

    private mutating func read(_ aggregate: Aggregate) {
        read(aggregate.input)
        let keys = aggregate.keys.map { value($0.expression) }
        for key in aggregate.keys {
            definitions[key.id] = .expression(key.expression)
            if isPerson(key.expression) { people.insert(key.id) }
        }
        let by = keys.isEmpty ? "" : " for each \(QuestionWords.list(keys))"
        for column in aggregate.aggregates { definitions[column.id] = .words(words(column.call) + by) }
    }

    private mutating func read(_ window: Window) {
        read(window.input)
        for column in window.columns {
            let arguments = column.arguments.map { value($0) }
            var text = "\(column.function.replacing("_", with: " "))"
            if !arguments.isEmpty { text += " of \(QuestionWords.list(arguments))" }
            if !column.partition.isEmpty {
                text += " among those alike in \(QuestionWords.list(column.partition.map { value($0) }))"
            }
            if !column.order.isEmpty {
                let order = column.order.map { value($0.expression) + ($0.ascending ? "" : " from the last") }
                text += " in the order of \(QuestionWords.list(order))"
            }
            definitions[column.id] = .words(text)
        }
    }

    private mutating func read(_ operation: SetOperation) {
        read(operation.left)
        let outer = conditions
        conditions = []
        read(operation.right)
        let words =
            switch operation.kind {
            case .union: "records of \(Self.tables(operation.right, catalog)) are added"
            case .intersect: "only those that are also in \(Self.tables(operation.right, catalog)) are kept"
            case .except: "those in \(Self.tables(operation.right, catalog)) are left out"
            }
        conditions = outer + [words + suchThat(conditions)]
        for (place, column) in operation.columns.enumerated() {
            let origin = operation.left.columns[place]
            definitions[column.id] = .expression(Expression(.column(origin.id), origin.type))
            if people.contains(origin.id) { people.insert(column.id) }
        }
    }

    private func list(_ columns: [PlanColumn]) -> String {
        QuestionWords.list(columns.map { value(Expression(.column($0.id), $0.type)) })
    }

    // MARK: Parts of conditions

    static func conjuncts(_ expression: Expression) -> [Expression] {
        if case .call(.and, let parts) = expression.node { return parts.flatMap(conjuncts) }
        return [expression]
    }

    func isPerson(_ expression: Expression) -> Bool {
        if case .column(let id) = expression.node { return people.contains(id) }
        return false
    }
}
