internal import Catalog
internal import Core
internal import Foundation
internal import Query
internal import Statistics
internal import Warehouse

/// The coordinator's own engine: DuckDB in memory, sandboxed, with nothing in it but released numbers and
/// reference tables.
///
/// It is opened by the first that needs it: most commands merge nothing.
///
/// INVARIANT: it is another instance than any warehouse's, for a sandbox is global to an instance.
actor MergeEngine {
    /// What the statement gave: the output columns, and for each whether a value is withheld.
    struct Result: Sendable {
        let table: Table
        let withheld: [WithheldCell]
    }

    private let settings: DuckDBSettings
    /// What it begins with.
    private var tables: [ReferenceTable]
    private var opening: Task<any Engine, any Error>?

    init(catalog: Catalog, settings: DuckDBSettings) {
        tables = Array(catalog.tables)
        self.settings = settings
    }

    /// - Throws: `EngineError` if DuckDB cannot be loaded.
    func open() async throws { _ = try await engine() }

    private func engine() async throws -> any Engine {
        if let opening { return try await opening.value }
        let (tables, settings) = (tables, settings)
        let task = Task { try await Self.open(tables, settings) }
        opening = task
        do { return try await task.value } catch {
            opening = nil
            throw error
        }
    }

    private static func open(_ tables: [ReferenceTable], _ settings: DuckDBSettings) async throws
        -> any Engine
    {
        let engine = try await DuckDBEngine(path: nil, settings: settings)
        try await engine.withSession {
            try await $0.execute("CREATE SCHEMA reference; CREATE SCHEMA codelist")
        }
        try await engine.lockDown()
        for table in tables { try await put(table, in: engine) }
        return engine
    }

    private static func put(_ table: ReferenceTable, in engine: any Engine) async throws {
        let schema = SiteSchema(catalog: .empty, dialect: .duckdb)
        try await engine.withSession { try await SiteWarehouse.replace(table, schema: schema, in: $0) }
    }

    /// Puts a reference table beside those that are there; one that is there already is replaced.
    func take(_ table: ReferenceTable) async throws {
        guard let opening else { return tables.append(table) }
        try await Self.put(table, in: opening.value)
    }

    func close() async {
        if let opening, let engine = try? await opening.value { await engine.close() }
        opening = nil
    }

    /// Loads merged fragments as the session's own tables and runs the rest of the statement over them.
    /// - Parameter withholds: whether any site or the linker may have withheld something.
    nonisolated func run(
        _ plan: FederatedPlan, blocks: [MergedBlock], statistics: [StatisticTable] = [], withholds: Bool
    ) async throws -> Result {
        let statement = MergePrinter.print(plan, withholds: withholds) { "fragment_\($0)" }
        let schema = SiteSchema(catalog: .empty, dialect: .duckdb)
        let table = try await faults { session in
            let tables =
                blocks.enumerated().map { ("fragment_\($0)", Self.table(plan.fragments[$0], $1)) }
                + statistics.enumerated().map { (EngineName.statistic($0), Self.table($1)) }
            for (name, table) in tables {
                let columns = table.columns.map { ($0.name, $0.type) }
                let create = schema.define(nil, name, columns)
                    .replacing("CREATE TABLE IF NOT EXISTS", with: "CREATE TEMPORARY TABLE")
                try await session.execute(create)
                if table.rowCount > 0 {
                    try await session.load(QualifiedName(name), columns: columns, batch: table)
                }
            }
            return try await session.query(statement.sql)
        }
        return Self.read(table, statement)
    }

    /// What the statement itself raises is the asker's to see, by SQLSTATE; the rest is the engine's.
    private nonisolated func faults(
        _ body: @Sendable (any EngineSession) async throws -> Core.Table
    ) async throws -> Core.Table {
        do {
            return try await engine().withSession(body)
        } catch let error as EngineError where error.code == .statement {
            let marker = "Invalid Input Error: "
            let detail = error.operatorDetail ?? ""
            guard let start = detail.range(of: marker)?.upperBound else {
                guard detail.contains("Out of Range") || detail.contains("Overflow") else { throw error }
                throw SQLFault(.numericValueOutOfRange, "a value is out of the range of its type")
            }
            // Printed by `MergePrinter` as `error('22012: division by zero')`: words of ours, no values.
            let parts = detail[start...].split(separator: ":", maxSplits: 1)
            guard parts.count == 2, parts[0].count == 5 else { throw error }
            let message = parts[1].split(separator: "\n")[0].trimmingCharacters(in: .whitespaces)
            throw SQLFault(SQLState(rawValue: String(parts[0])), message)
        }
    }

    /// Keys and aggregates as `c<id>`, flags as `w<id>`.
    private static func table(_ fragment: Fragment, _ block: MergedBlock) -> Table {
        var columns: [Table.Column] = []
        for (key, values) in zip(fragment.aggregate.keys, block.keys.columns) {
            columns.append(.init(name: "c\(key.id.number)", vector: values.vector))
        }
        for (aggregate, column) in zip(fragment.aggregate.aggregates, block.columns) {
            columns.append(.init(name: "c\(aggregate.id.number)", vector: column.values))
            columns.append(
                .init(
                    name: "w\(aggregate.id.number)",
                    vector: ColumnVector(type: .boolean, storage: .boolean(column.withheld))))
        }
        return Table(columns: columns, rowCount: block.keys.rowCount)
    }

    private static func table(_ table: StatisticTable) -> Table {
        var columns: [Table.Column] = []
        for (place, (column, values)) in zip(table.statistic.columns, table.columns).enumerated() {
            columns.append(.init(name: EngineName.column(column.id), vector: values.values))
            if case .key = table.statistic.sources[place] { continue }
            columns.append(
                .init(
                    name: EngineName.column(EngineName.flag(of: column.id)),
                    vector: ColumnVector(type: .boolean, storage: .boolean(values.withheld))))
        }
        return Table(columns: columns, rowCount: table.rowCount)
    }

    private static func read(_ table: Table, _ statement: MergeStatement) -> Result {
        var withheld: [WithheldCell] = []
        for (column, flag) in statement.flagColumns.enumerated() {
            guard let flag else { continue }
            for row in 0..<table.rowCount where table.columns[flag].vector[row] == .boolean(true) {
                withheld.append(WithheldCell(row: row, column: column))
            }
        }
        withheld.sort { ($0.row, $0.column) < ($1.row, $1.column) }
        let columns = statement.output.enumerated().map { place, column in
            Table.Column(
                name: column.name,
                vector: ColumnVector(
                    type: column.type == .unknown ? .text : column.type,
                    values: table.columns[place].vector.values.map { $0.converted(to: column.type) }))
        }
        return Result(table: Table(columns: columns, rowCount: table.rowCount), withheld: withheld)
    }
}

extension Value {
    /// The value in the carrier of a type that the plan gives it; unchanged where the engine's own fits.
    fileprivate func converted(to type: ColumnType) -> Value {
        switch (self, type) {
        case (.integer(let value), .numeric), (.integer(let value), .double): .double(Double(value))
        case (.double(let value), .integer), (.double(let value), .bigint):
            Int64(exactly: value.rounded()).map(Value.integer) ?? self
        case (.timestamp(let value), .date): .date(Int32(clamping: Int(value / 86_400_000_000)))
        default: self
        }
    }
}

extension Catalog {
    static let empty = Catalog(
        datasets: [], references: [], codelists: [], bounds: [], digest: "")
}
