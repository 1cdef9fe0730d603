internal import Catalog
internal import Core
internal import Query

/// Makes a plan; its state is what has been found so far.
struct MappingPlanner {
    let mapping: TableMapping
    let schema: SiteSchema
    let file: String
    var compiler: MappingCompiler
    private var values: [MappingPlan.Value] = []
    private var places: [MappingPlan.Value: Int] = [:]
    private var faults: [String: [String]] = [:]
    private var order: [String] = []
    private var codings: [String] = []
    private var seenCodings: Set<String> = []
    /// The parts of a list, by its SQL.
    private var listed: [String: [String]] = [:]

    /// - Parameter dialect: of the engine that maps the rows: DuckDB, but for views.
    init(
        mapping: TableMapping, schema: SiteSchema, columns: [String], file: String,
        dialect: MappingDialect = .duckdb
    ) {
        self.mapping = mapping
        self.schema = schema
        self.file = file
        compiler = MappingCompiler(columns: columns, mapping: mapping, file: file, dialect: dialect)
    }

    /// - Throws: `MappingFault` with line and path of what the source lacks, the catalog does not know or an
    ///   expression may not hold.
    mutating func plan() throws(MappingFault) -> MappingPlan {
        let filter = try optional(mapping.filter, .boolean, "filter")
        var key: [String] = []
        for (index, part) in mapping.key.enumerated() {
            key.append(try expression(part, .text, "key[\(index)]").sql)
        }
        let version = try optional(mapping.version, .timestamp, "version")
        let number = try optional(mapping.person.number, .text, "person.nhs_number")
        let status = try optional(mapping.person.status, .text, "person.status")
        let localID = try optional(mapping.person.localID, .text, "person.local_id")
        var partition: [String] = []
        for (name, text) in mapping.partition {
            partition.append(try expression(text, .text, "partition.\(name)").sql)
        }
        try checks()
        let targets = try self.targets()
        let verified = status.map {
            compiler.dialect.contains(mapping.person.verified.map(SQLQuoting.literal), $0)
        }
        return MappingPlan(
            mapping: mapping, columns: compiler.columns, used: compiler.used,
            levels: MappingCompiler.levels(compiler.derived), targets: targets, values: values,
            faults: order.map { ($0, faults[$0] ?? []) }, filter: filter, key: key, version: version,
            number: number, isVerified: verified, localID: localID, partition: partition,
            codings: codings.isEmpty ? "''" : "concat_ws(chr(10), \(codings.joined(separator: ", ")))")
    }

    // MARK: - Parts

    private mutating func expression(
        _ text: TableMapping.Text, _ type: ColumnType, _ path: String
    ) throws(MappingFault) -> MappingExpression {
        let made = try compiler.compile(text.text, as: type, .init(line: text.line, path: path))
        for fault in made.faults { note(fault.reason, fault.sql) }
        return made
    }

    private mutating func optional(
        _ text: TableMapping.Text?, _ type: ColumnType, _ path: String
    ) throws(MappingFault) -> String? {
        guard let text else { return nil }
        return try expression(text, type, path).sql
    }

    mutating func note(_ reason: String, _ condition: String) {
        if faults[reason] == nil { order.append(reason) }
        if faults[reason]?.contains(condition) != true { faults[reason, default: []].append(condition) }
    }

    private mutating func checks() throws(MappingFault) {
        for (index, text) in mapping.required.enumerated() {
            let value = try compiler.compile(
                text.text, .init(line: text.line, path: "checks.required[\(index)]"))
            note("missing-required", "(\(value.sql)) IS NULL")
        }
        for range in mapping.ranges {
            let value = try expression(range.expression, .double, "checks.range")
            note("out-of-bounds", "(\(value.sql)) < \(range.lower) OR (\(value.sql)) > \(range.upper)")
        }
        for (index, rule) in mapping.rules.enumerated() {
            let value = try expression(rule.expression, .boolean, "checks.rules[\(index)].rule")
            // A rule that cannot be judged for want of a value holds.
            note(rule.reason, "NOT coalesce(\(value.sql), true)")
        }
    }

    // MARK: - Targets

    private mutating func targets() throws(MappingFault) -> [MappingPlan.Target] {
        var rows: [String: [MappingPlan.Row]] = [:]
        var names: [String] = []
        var ordinal = 0
        for (index, target) in mapping.targets.enumerated() {
            let path = "rows[\(index)]"
            guard let dataset = schema.catalog.datasets[target.dataset.text] else {
                throw unknown(
                    target.dataset, "there is no dataset", Array(schema.catalog.datasets.keys),
                    path + ".dataset")
            }
            if rows[dataset.name] == nil { names.append(dataset.name) }
            for number in try numbers(target.over, path) {
                rows[dataset.name, default: []].append(
                    try row(target, dataset, number: number, ordinal: ordinal, path))
                ordinal += 1
            }
        }
        return names.compactMap { name in
            schema.catalog.datasets[name].map { MappingPlan.Target(dataset: $0, rows: rows[name] ?? []) }
        }
    }

    private static func near(_ name: String, _ known: [String]) -> String {
        let near = Suggestion.nearest(to: name, among: known)
        return near.isEmpty
            ? "known are \(known.sorted().joined(separator: ", "))"
            : "did you mean \(near.joined(separator: ", "))?"
    }

    private func unknown(
        _ text: TableMapping.Text, _ message: String, _ known: [String], _ path: String
    ) -> MappingFault {
        let near = Self.near(text.text, known)
        return MappingFault(
            mapping: file, line: text.line, path: path, message: "\(message) '\(text.text)'; \(near)")
    }

    /// The numbers that a repeat stands for in this source; one without a number where there is none.
    private mutating func numbers(
        _ over: TableMapping.Text?, _ path: String
    ) throws(MappingFault) -> [Int?] {
        guard let over else { return [nil] }
        guard let found = mapping.repeats[over.text] else {
            throw unknown(over, "there is no repeat", Array(mapping.repeats.keys), path + ".over")
        }
        let all = Array(found.first...found.last)
        guard found.mayStop else { return all }
        return all.filter { $0 == found.first || has($0, over.text) }
    }

    /// Whether the source has the columns that the repeat needs for this number.
    private func has(_ number: Int, _ name: String) -> Bool {
        let texts = mapping.targets.flatMap { target -> [String] in
            var texts = target.over?.text == name ? [target.when?.text].compactMap(\.self) : []
            for column in target.columns {
                switch column.value {
                case .expression(let text) where target.over?.text == name: texts.append(text.text)
                case .list(let text, let over) where over.text == name: texts.append(text.text)
                default: break
                }
            }
            return texts.filter { $0.contains("{n") }
        }
        return texts.allSatisfy { text in
            var trial = compiler
            do throws(MappingFault) {
                _ = try trial.compile(Self.numbered(text, number), .init(line: 0, path: ""))
                return true
            } catch {
                return false
            }
        }
    }

    static func numbered(_ text: String, _ number: Int?) -> String {
        guard let number else { return text }
        return text.replacing("{nn}", with: number < 10 ? "0\(number)" : "\(number)")
            .replacing("{n}", with: "\(number)")
    }

    private mutating func row(
        _ target: TableMapping.Target, _ dataset: Dataset, number: Int?, ordinal: Int, _ path: String
    ) throws(MappingFault) -> MappingPlan.Row {
        var guardSQL: String?
        if let when = target.when {
            let text = TableMapping.Text(text: Self.numbered(when.text, number), line: when.line)
            guardSQL = compiler.derive(try expression(text, .boolean, path + ".when").sql)
        }
        let columns = schema.recorded(dataset)
        var cells = [MappingPlan.Cell?](repeating: nil, count: columns.count)
        var made: [String: MappingExpression] = [:]
        for (name, value) in target.columns {
            let place = MappingCompiler.Place(line: name.line, path: "\(path).columns.\(name.text)")
            guard let column = columns.first(where: { $0.name == name.text }), name.text != "codings" else {
                throw unknown(
                    name, "\(dataset.name) has no column", columns.map(\.name).filter { $0 != "codings" },
                    place.path)
            }
            let expression = try compile(value, as: column.type, number, place)
            for fault in expression.faults {
                note(fault.reason, guardSQL.map { "(\($0)) AND (\(fault.sql))" } ?? fault.sql)
            }
            made[name.text] = expression
        }
        addCodings(of: dataset, made)
        if dataset.name == "observation" {
            settleUnit(&made, guardSQL)
            checkBounds(made, guardSQL)
        }
        for (index, column) in columns.enumerated() {
            guard let expression = made[column.name] else { continue }
            if let constant = expression.constant, column.type == .text {
                cells[index] = .constant(constant)
            } else if expression.sql != "CAST(NULL AS \(MappingCompiler.sql(column.type)))" {
                cells[index] = .value(self.place(.init(sql: expression.sql, type: column.type)))
            }
        }
        if dataset.name == "patient", let birth = made["birth_date"] {
            let isAhead = "(\(birth.sql)) > \(compiler.dialect.tomorrow)"
            note("birth-in-future", guardSQL.map { "(\($0)) AND (\(isAhead))" } ?? isAhead)
        }
        return MappingPlan.Row(
            ordinal: ordinal, when: guardSQL.map { self.place(.init(sql: $0, type: .boolean)) }, cells: cells)
    }

    private mutating func compile(
        _ value: TableMapping.Column, as type: ColumnType, _ number: Int?, _ place: MappingCompiler.Place
    ) throws(MappingFault) -> MappingExpression {
        switch value {
        case .expression(let text):
            return try compiler.compile(Self.numbered(text.text, number), as: type, place)
        case .list(let text, let over):
            let parts = try items(text, over, place)
            let list = parts.map(\.sql).joined(separator: ", ")
            listed["nullif(concat_ws(' ', \(list)), '')"] = parts.map(\.sql)
            return try compiler.convert(
                MappingExpression(
                    sql: "nullif(concat_ws(' ', \(list)), '')", type: .text, faults: parts.flatMap(\.faults)),
                to: type, place)
        }
    }

    private mutating func items(
        _ text: TableMapping.Text, _ over: TableMapping.Text, _ place: MappingCompiler.Place
    ) throws(MappingFault) -> [MappingExpression] {
        var parts: [MappingExpression] = []
        for number in try numbers(over, place.path) {
            parts.append(try compiler.compile(Self.numbered(text.text, number), as: .text, place))
        }
        return parts
    }

    private mutating func place(_ value: MappingPlan.Value) -> Int {
        if let known = places[value] { return known }
        values.append(value)
        places[value] = values.count - 1
        return values.count - 1
    }

    // MARK: - Codes

    /// Adds the row's codes to those by which restricted episodes are found: all rows of one row of the source
    /// bear all of them.
    private mutating func addCodings(
        of dataset: Dataset, _ made: [String: MappingExpression]
    ) {
        // Whatever the conditions of the rows: a code counts that the source's row bears.
        func add(_ system: String, _ code: String) {
            let sql = "\(system) || '|' || \(code)"
            if seenCodings.insert(sql).inserted { codings.append(sql) }
        }
        for (name, value) in made.sorted(by: { $0.key < $1.key }) {
            guard let column = dataset.column(name) else { continue }
            if let system = column.codeSystem {
                let system = SQLQuoting.literal(system)
                guard column.isList else {
                    add(system, value.sql)
                    continue
                }
                let parts = listed[value.sql] ?? []
                if parts.isEmpty {
                    add(system, "replace(\(value.sql), ' ', chr(10) || \(system) || '|')")
                }
                for part in parts { add(system, part) }
            } else if name == "code" || name == "type_code" {
                let system = made["\(name)_system"]
                add(
                    system.map { $0.constant == nil ? "coalesce(\($0.sql), '')" : $0.sql } ?? "''", value.sql)
            } else if name == "value_code" {
                add("''", value.sql)
            }
        }
    }
}
