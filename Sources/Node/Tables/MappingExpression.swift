internal import Core
internal import Query

/// An expression of a mapping as DuckDB's SQL over one row of the source.
struct MappingExpression: Sendable, Hashable {
    /// A condition under which a row is set aside.
    struct Fault: Sendable, Hashable {
        let reason: String
        let sql: String
    }

    let sql: String
    let type: ColumnType
    /// Set for literals: they need not travel with every row.
    var constant: String?
    /// What of it cannot be converted.
    var faults: [Fault] = []
}

/// Turns the expressions of a mapping into SQL.
///
/// The grammar is PostgreSQL's, by the parser that reads analysts' SQL. What may stand in an expression is what
/// this type knows how to write: columns of the source, literals, operators, CASE and the functions of
/// `MappingFunctions`. Nothing of the mapping's text is copied into SQL, so that a mapping can read no file, call
/// nothing else and see no other table.
struct MappingCompiler {
    /// The source's columns, in order.
    let columns: [String]
    let codes: [String: TableMapping.CodeTable]
    /// strptime's formats, tried in order.
    let dates: [String]
    /// In which mapping, for faults.
    let file: String
    /// Whose SQL is written.
    let dialect: MappingDialect
    /// Places of the columns that were named.
    private(set) var used: Set<Int> = []
    /// What is worked out once for a row and used by name after that, level by level: DuckDB keeps room for every
    /// part of an expression wherever it stands, and a mapping uses a date's text a dozen times.
    private(set) var derived: [(sql: String, level: Int)] = []
    private var derivedNames: [String: Int] = [:]
    private let places: [String: [Int]]
    private static let maximumDepth = 60

    /// Where an expression stands in the document.
    struct Place {
        let line: Int
        let path: String
    }

    init(columns: [String], mapping: TableMapping, file: String, dialect: MappingDialect) {
        self.columns = columns
        self.dialect = dialect
        codes = mapping.codes
        dates = mapping.source.dates + ["%Y-%m-%d"]
        self.file = file
        places = Dictionary(grouping: columns.indices) { columns[$0].lowercased() }
    }

    func fault(_ message: String, _ place: Place) -> MappingFault {
        MappingFault(mapping: file, line: place.line, path: place.path, message: message)
    }

    // MARK: - Whole expressions

    /// - Throws: `MappingFault` naming what is not SQL, not known or not allowed.
    mutating func compile(_ text: String, _ place: Place) throws(MappingFault) -> MappingExpression {
        let lead = "SELECT "
        let statement: StatementSyntax
        do throws(SQLFault) {
            statement = try SQLParser.parse(lead + text)
        } catch {
            let position = error.position.map { " (character \(max(1, $0 - lead.count)))" } ?? ""
            throw fault("\(error.message)\(position)", place)
        }
        guard case .query(let query) = statement, query.with.isEmpty, query.order.isEmpty, query.limit == nil,
            query.offset == nil, case .select(let select) = query.body, select.from.isEmpty,
            select.filter == nil, select.groups.isEmpty, select.having == nil, !select.isDistinct,
            select.targets.count == 1, let target = select.targets.first, target.alias == nil
        else { throw fault("must be one expression over the source's columns", place) }
        return try compile(target.expression, place, 0)
    }

    /// The same, converted to a type: what cannot be converted sets the row aside.
    mutating func compile(
        _ text: String, as type: ColumnType, _ place: Place
    ) throws(MappingFault) -> MappingExpression {
        try convert(try compile(text, place), to: type, place)
    }

    /// The place of a column by its name, whatever its case.
    mutating func column(_ name: String, _ place: Place) throws(MappingFault) -> Int {
        let found = places[name.lowercased()] ?? []
        if let first = found.first, found.count == 1 {
            used.insert(first)
            return first
        }
        if found.count > 1 { throw fault("the source has several columns '\(name)'", place) }
        let near = Suggestion.nearest(to: name.lowercased(), among: columns.map { $0.lowercased() })
        let names = near.isEmpty ? columns.prefix(12).joined(separator: ", ") : near.joined(separator: ", ")
        throw fault(
            "the source has no column '\(name)'; \(near.isEmpty ? "it has \(names)" : "did you mean \(names)?")",
            place
        )
    }

    // MARK: - What is worked out once

    /// The name under which the value of `sql` stands.
    mutating func derive(_ sql: String) -> String {
        guard sql.utf8.count > 12 else { return sql }
        if let known = derivedNames[sql] { return Self.name(known) }
        derived.append((sql, 1 + (Self.references(sql).map { derived[$0].level }.max() ?? 0)))
        derivedNames[sql] = derived.count - 1
        return Self.name(derived.count - 1)
    }

    private static func name(_ place: Int) -> String { "derived_\(place)_" }

    /// Places of the derived values that are named; a literal that looks like one only costs a level.
    private static func references(_ sql: String) -> [Int] {
        sql.matches(of: /derived_([0-9]+)_/).compactMap { Int($0.output.1) }
    }

    /// What to select at each level beside everything before it.
    static func levels(_ derived: [(sql: String, level: Int)]) -> [[String]] {
        let last = derived.map(\.level).max() ?? 0
        return last == 0
            ? []
            : (1...last).map { level in
                derived.enumerated().filter { $0.element.level == level }
                    .map { "\($0.element.sql) AS \(name($0.offset))" }
            }
    }

    // MARK: - Conversions

    mutating func convert(
        _ value: MappingExpression, to type: ColumnType, _ place: Place
    ) throws(MappingFault) -> MappingExpression {
        if value.type == type || value.type == .unknown {
            return MappingExpression(
                sql: value.type == .unknown ? "CAST(NULL AS \(Self.sql(type)))" : value.sql, type: type,
                constant: value.constant, faults: value.faults)
        }
        func made(_ sql: String, _ reason: String?) -> MappingExpression {
            let sql = derive(sql)
            let faults = reason.map {
                [MappingExpression.Fault(reason: $0, sql: "(\(value.sql)) IS NOT NULL AND (\(sql)) IS NULL")]
            }
            return MappingExpression(sql: sql, type: type, faults: value.faults + (faults ?? []))
        }
        switch (value.type, type) {
        case (_, .text): return made(dialect.text(value.sql, of: value.type), nil)
        case (.text, .date):
            let moment = derive(moment(value.sql))
            return made("CAST(\(moment) AS DATE)", "impossible-date")
        case (.text, .timestamp): return made(moment(value.sql), "impossible-date")
        case (.date, .timestamp): return made("CAST(\(value.sql) AS TIMESTAMP)", nil)
        case (.timestamp, .date): return made("CAST(\(value.sql) AS DATE)", nil)
        case (.text, .double):
            // What is not finite is no measurement.
            let number = derive(dialect.number(value.sql, of: value.type))
            return made(dialect.finite(number), "not-a-number")
        case (.text, .bigint), (.text, .integer), (.double, .bigint), (.double, .integer),
            (.bigint, .integer):
            let number = derive(dialect.number(value.sql, of: value.type))
            return made(dialect.whole(number, type), "not-a-number")
        case (.integer, .bigint), (.integer, .double), (.bigint, .double):
            return made("CAST(\(value.sql) AS \(Self.sql(type)))", nil)
        case (.text, .boolean):
            return made(
                "CASE WHEN lower(\(value.sql)) IN ('true', 't', 'yes', 'y', '1') THEN true "
                    + "WHEN lower(\(value.sql)) IN ('false', 'f', 'no', 'n', '0') THEN false END",
                "not-a-boolean")
        default: throw fault("is \(value.type) where \(type) must stand", place)
        }
    }

    static func sql(_ type: ColumnType) -> String {
        switch type {
        case .boolean: "BOOLEAN"
        case .integer: "INTEGER"
        case .bigint: "BIGINT"
        case .numeric, .double: "DOUBLE PRECISION"
        case .date: "DATE"
        case .timestamp: "TIMESTAMP"
        case .interval: "INTERVAL"
        case .text, .unknown: "VARCHAR"
        }
    }

    /// A text as a moment, in the mapping's formats, with or without a time of day; NULL for a day that the
    /// calendar does not have, for years outside 1800 to 2200, and for anything else.
    mutating func moment(_ text: String) -> String {
        let clocks = ["", " %H:%M:%S", " %H:%M", "T%H:%M:%S", " %H:%M:%S.%f", "T%H:%M:%S.%f", "T%H:%M"]
        let read = derive(dialect.moment(text, clocks.flatMap { clock in dates.map { $0 + clock } }))
        return "CASE WHEN extract(year FROM \(read)) BETWEEN 1800 AND 2200 THEN \(read) END"
    }

    // MARK: - Syntax

    mutating func compile(
        _ syntax: ExpressionSyntax, _ place: Place, _ depth: Int
    ) throws(MappingFault) -> MappingExpression {
        guard depth < Self.maximumDepth else { throw fault("is nested too deeply", place) }
        switch syntax.node {
        case .column(let path):
            guard path.count == 1, let name = path.first else {
                throw fault("a column stands by its name alone", place)
            }
            return MappingExpression(sql: "c\(try column(name, place))", type: .text)
        case .integer(let number): return MappingExpression(sql: "\(number)", type: .bigint)
        case .number(let text):
            guard let number = Double(text), number.isFinite else {
                throw fault("a number is too large", place)
            }
            return MappingExpression(sql: "CAST(\(number) AS DOUBLE PRECISION)", type: .double)
        case .string(let text):
            return MappingExpression(sql: SQLQuoting.literal(text), type: .text, constant: text)
        case .boolean(let value): return MappingExpression(sql: value ? "true" : "false", type: .boolean)
        case .null: return MappingExpression(sql: "NULL", type: .unknown)
        case .call(let call):
            guard !call.isStar, !call.isDistinct, call.filter == nil, call.over == nil else {
                throw fault("\(call.name) stands here as a function of one row", place)
            }
            var arguments: [MappingExpression] = []
            if call.name == "lookup" { return try lookup(call.arguments, place, depth) }
            for argument in call.arguments { arguments.append(try compile(argument, place, depth + 1)) }
            return try function(call.name, arguments, place)
        default: return try compileOperator(syntax, place, depth)
        }
    }

    /// `lookup('table', value)`: by one of the mapping's tables of codes.
    private mutating func lookup(
        _ arguments: [ExpressionSyntax], _ place: Place, _ depth: Int
    ) throws(MappingFault) -> MappingExpression {
        guard arguments.count == 2, case .string(let name) = arguments[0].node else {
            throw fault("lookup takes the name of a table of 'codes', in quotes, and a value", place)
        }
        guard let table = codes[name] else {
            let near = Suggestion.nearest(to: name, among: codes.keys)
            let hint = near.isEmpty ? "" : "; did you mean \(near.joined(separator: ", "))?"
            throw fault("there is no table of codes '\(name)'\(hint)", place)
        }
        let value = try convert(try compile(arguments[1], place, depth + 1), to: .text, place)
        let branches = table.values.sorted { $0.key < $1.key }.map {
            "WHEN \(SQLQuoting.literal($0.key)) THEN \(SQLQuoting.literal($0.value))"
        }.joined(separator: " ")
        let known = table.values.keys.sorted().map(SQLQuoting.literal)
        var faults = value.faults
        let otherwise: String
        switch table.otherwise {
        case .null: otherwise = "NULL"
        case .keep: otherwise = value.sql
        case .value(let text):
            otherwise = SQLQuoting.literal(text)
        case .quarantine:
            otherwise = "NULL"
            faults.append(
                .init(
                    reason: "unmapped-code",
                    sql: "(\(value.sql)) IS NOT NULL AND NOT \(dialect.contains(known, value.sql))"))
        }
        return MappingExpression(
            sql: derive("CASE \(value.sql) \(branches) ELSE \(otherwise) END"), type: .text, faults: faults)
    }
}
