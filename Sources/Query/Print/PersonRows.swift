import Core

/// A fragment's rows, obligations and person included, and their reduction to one row per person and cell.
struct PersonRows {
    let aggregate: Aggregate
    let shapes: [AggregateShape]
    let dialect: EngineDialectKind
    let clamp: Bool
    /// Whether the reduced rows bear `record_key`.
    let hasRecordKey: Bool
    /// Whether the rows are one per person as they are.
    let isSingle: Bool
    /// Aggregates over every row: they have no filter, and no argument or the person, whom every row has.
    private let everyRow: Set<Int>
    /// Set if the rows of a person in a cell stand together as they are stored, so that one pass reduces
    /// them.
    private let placeOfCode: Int?
    /// `SELECT person_id, record_key, k0, …, x0, …, f0, … FROM …`.
    let rows: String

    init(
        _ fragment: Fragment, physical: SitePhysical, obligations: EnforcedObligations, clamp: Bool,
        withRecordKey: Bool = false
    ) throws(SQLFault) {
        aggregate = fragment.aggregate
        shapes = fragment.shapes
        dialect = physical.dialect
        self.clamp = clamp
        isSingle = fragment.aggregate.input.isOneRowPerPerson
        let threaded = try ObligationRewrite.apply(
            obligations, to: fragment.aggregate.input, withRecordKey: withRecordKey)
        hasRecordKey = threaded.recordKey != nil
        everyRow = Self.everyRow(fragment.aggregate, threaded)
        placeOfCode = isSingle ? nil : StoredOrder(physical, threaded.plan).placeOfCode(fragment)
        var printer = PlanPrinter(.site(physical))
        var block = printer.block(threaded.plan)
        if !block.isOpen || block.isDistinct || block.isGrouped { block = printer.wrapped(block) }
        let print = printer.printer(block)
        var items: [(SQLText, String)] = [(block.columns[threaded.person] ?? SQLText("NULL"), "person_id")]
        if let recordKey = threaded.recordKey {
            items.append((block.columns[recordKey] ?? SQLText("NULL"), "record_key"))
        }
        for (index, key) in aggregate.keys.enumerated() {
            items.append((print(key.expression), "k\(index)"))
        }
        for (index, column) in aggregate.aggregates.enumerated() {
            if let argument = column.call.argument, !everyRow.contains(index) {
                items.append((print(argument), "x\(index)"))
            }
            if let filter = column.call.filter { items.append((print(filter), "f\(index)")) }
        }
        block.select = items.map(\.0)
        block.offered = items.map { _ in PlanColumn(id: ColumnID(0), name: "", type: .unknown) }
        rows = block.render(names: items.map(\.1))
    }

    private static func everyRow(_ aggregate: Aggregate, _ rows: PersonThread.Threaded) -> Set<Int> {
        let calls = aggregate.aggregates.map(\.call)
        return Set(
            calls.indices.filter { index in
                let argument = calls[index].argument
                let isPerson = argument?.node == .column(rows.person) && !rows.plan.hasFullJoin
                return calls[index].filter == nil && (argument == nil || isPerson)
            })
    }

    /// What a row must fulfil to be counted in aggregate `index`.
    func conditions(_ index: Int) -> [String] {
        let call = aggregate.aggregates[index].call
        if everyRow.contains(index) { return [] }
        return (call.filter == nil ? [] : ["f\(index)"])
            + (call.argument == nil ? [] : ["\(value(index)) IS NOT NULL"])
    }

    /// One row's argument as it counts: finite, and within its range if asked.
    private func value(_ index: Int) -> String {
        let shape = shapes[index]
        let name = "x\(index)"
        guard shape.kind == .sum || shape.kind == .average else { return name }
        let print = ExpressionPrinter(dialect: .site(dialect), columns: [:])
        let isWhole = isWhole(index)
        if let range = clampedRange(index) {
            let (low, high) = (
                Self.bound(range.lower, isWhole, print), Self.bound(range.upper, isWhole, print)
            )
            return
                "CASE WHEN \(name) < \(low) THEN \(low) WHEN \(name) > \(high) THEN \(high) ELSE \(name) END"
        }
        // Sums of these cannot overflow, and no infinity or NaN swallows the others.
        return isWhole ? name : "CASE WHEN abs(\(name)) < 1e150 THEN \(name) END"
    }

    /// The range that each row's argument is brought into, if it is.
    func clampedRange(_ index: Int) -> (lower: Double, upper: Double)? {
        guard clamp, let lower = shapes[index].lower, let upper = shapes[index].upper, lower.isFinite,
            upper.isFinite
        else { return nil }
        return (lower, upper)
    }

    private func isWhole(_ index: Int) -> Bool {
        aggregate.aggregates[index].call.argument?.type.isInteger ?? true
    }

    /// The range's end in the argument's own type: sums of whole numbers stay whole.
    static func bound(_ value: Double, _ isWhole: Bool, _ print: ExpressionPrinter) -> String {
        if isWhole, let whole = Int64(exactly: value) {
            return print.literal(.integer(whole), Int32(exactly: whole) == nil ? .bigint : .integer).at(.atom)
        }
        return print.literal(.double(value), .double).at(.atom)
    }

    /// Whether the sum of a person's contributions is zero exactly if each is at the range's lower end, so
    /// that no count of rows beyond that end is needed.
    private func isZeroBased(_ index: Int) -> Bool { (shapes[index].lower ?? 0) == 0 }

    var isOrdered: Bool { placeOfCode != nil }

    var keyNames: [String] { aggregate.keys.indices.map { "k\($0)" } }

    /// One row per person and cell: `person_id, k0, …, n0, s0, e0, …` (rows, sum, rows beyond the lower end),
    /// and `in_order` where the rows' order is relied on.
    func reduced() -> String {
        if let placeOfCode { return runs(placeOfCode: placeOfCode) }
        var items: [String] = ["person_id"] + keyNames
        if hasRecordKey { items.append(isSingle ? "record_key" : "min(record_key) AS record_key") }
        for (index, column) in aggregate.aggregates.enumerated() {
            items += isSingle ? single(index, column.call) : grouped(index, column.call)
        }
        let groups = isSingle ? "" : "\nGROUP BY " + (["person_id"] + keyNames).joined(separator: ", ")
        return
            "SELECT \(items.joined(separator: ",\n  "))\nFROM (\(SelectBlock.indented("\n" + rows))\n) AS r"
            + groups
    }

    private func grouped(_ index: Int, _ call: AggregateCall) -> [String] {
        let filter = call.filter == nil ? "" : " FILTER (WHERE f\(index))"
        let argument = call.argument == nil || everyRow.contains(index) ? "*" : value(index)
        let count = "count(\(argument))\(filter)"
        switch shapes[index].kind {
        case .count: return ["\(count) AS n\(index)"]
        case .distinctPeople where everyRow.contains(index): return ["1 AS n\(index)"]
        case .distinctPeople: return ["CASE WHEN \(count) > 0 THEN 1 ELSE 0 END AS n\(index)"]
        case .sum, .average:
            var items = ["\(count) AS n\(index)", "sum(\(argument))\(filter) AS s\(index)"]
            if !isZeroBased(index) {
                let beyond = ["\(argument) <> \(lowerEnd(index))"] + (call.filter == nil ? [] : ["f\(index)"])
                items.append("count(*) FILTER (WHERE \(beyond.joined(separator: " AND "))) AS e\(index)")
            }
            return items
        }
    }

    private func single(_ index: Int, _ call: AggregateCall) -> [String] {
        let conditions = conditions(index)
        let counts = { (more: [String]) -> String in
            let all = conditions + more
            return all.isEmpty ? "1" : "CASE WHEN \(all.joined(separator: " AND ")) THEN 1 ELSE 0 END"
        }
        var items = ["\(counts([])) AS n\(index)"]
        if shapes[index].kind == .sum || shapes[index].kind == .average {
            let value = value(index)
            items.append(
                (call.filter == nil ? value : "CASE WHEN f\(index) THEN \(value) END") + " AS s\(index)")
            if !isZeroBased(index) {
                items.append("\(counts(["\(value) <> \(lowerEnd(index))"])) AS e\(index)")
            }
        }
        return items
    }

    private func lowerEnd(_ index: Int) -> String {
        let print = ExpressionPrinter(dialect: .site(dialect), columns: [:])
        return Self.bound(shapes[index].lower ?? 0, isWhole(index), print)
    }

    /// Whether nobody contributes more than 1 to aggregate `index`.
    func isIndicator(_ index: Int) -> Bool {
        switch shapes[index].kind {
        case .distinctPeople: true
        case .count: isSingle
        case .sum, .average: false
        }
    }

    /// Whether a reduced row contributes to aggregate `index`; nil if every one does.
    func contributes(_ index: Int) -> String? {
        switch shapes[index].kind {
        case .count, .distinctPeople: everyRow.contains(index) ? nil : "n\(index) > 0"
        case .sum, .average: isZeroBased(index) ? "s\(index) <> 0" : "e\(index) > 0"
        }
    }
}

extension Plan {
    /// Whether each person has at most one row, as the shape alone tells: `patient` has one row a person and
    /// site.
    var isOneRowPerPerson: Bool {
        switch self {
        case .scan(let scan): scan.source == .dataset("patient")
        case .filter, .project, .sort, .limit, .window: inputs[0].isOneRowPerPerson
        case .distinct(let input): input.isOneRowPerPerson || input.isOnlyPerson
        case .join(let join):
            switch join.kind {
            case .semi, .anti: join.left.isOneRowPerPerson
            case .inner, .left: join.left.isOneRowPerPerson && join.right.isOneRowPerPerson
            case .full, .cross: false
            }
        case .aggregate(let aggregate):
            aggregate.keys.count == 1
                && aggregate.input.personColumns.contains { aggregate.keys[0].expression.node == .column($0) }
        case .setOperation, .values, .fragment, .statistic: false
        }
    }

    fileprivate var hasFullJoin: Bool {
        if case .join(let join) = self, join.kind == .full { return true }
        return inputs.contains(where: \.hasFullJoin)
    }

    private var isOnlyPerson: Bool { columns.count == 1 && personColumns.contains(columns[0].id) }

    /// The offered columns that are a dataset's `person`.
    var personColumns: Set<ColumnID> {
        switch self {
        case .scan(let scan):
            if case .dataset = scan.source {
                Set(scan.columns.filter { $0.name == "person" }.map(\.id))
            } else {
                []
            }
        case .project(let project): Self.passing(project.columns, project.input.personColumns)
        case .aggregate(let aggregate): Self.passing(aggregate.keys, aggregate.input.personColumns)
        case .join(let join) where join.kind == .semi || join.kind == .anti: join.left.personColumns
        case .setOperation: []
        default: inputs.reduce(into: []) { $0.formUnion($1.personColumns) }
        }
    }

    private static func passing(_ columns: [ComputedColumn], _ people: Set<ColumnID>) -> Set<ColumnID> {
        Set(columns.filter { column in people.contains { column.expression.node == .column($0) } }.map(\.id))
    }
}
