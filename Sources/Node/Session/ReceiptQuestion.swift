internal import Catalog
internal import Core
internal import Exchange
internal import Query
internal import Store
internal import Warehouse

/// A statement about `concordat.receipts`: each user's own, in an engine of its own that lives as long as the
/// statement, so that nobody's receipts lie beside another's.
struct ReceiptQuestion {
    private static let table = "receipts"

    /// The statement, with the table as the binder knows it.
    private let sql: String

    /// nil where the statement is about something else.
    init?(_ sql: String) {
        let tokens = SQLScanner.tokens(sql)
        let bytes = Array(sql.utf8)
        var text: [UInt8] = []
        var place = 0
        for index in tokens.indices.dropLast(2)
        where tokens[index].text == "concordat" && tokens[index + 1].text == "."
            && tokens[index + 2].text == Self.table
        {
            text += bytes[place..<tokens[index].range.lowerBound] + Array("reference.\(Self.table)".utf8)
            place = tokens[index + 2].range.upperBound
        }
        guard place > 0 else { return nil }
        self.sql = String(decoding: text + bytes[place...], as: UTF8.self)
    }

    func rows(
        _ parameters: [SQLParameter], of user: String, in context: NodeContext
    ) async throws -> ResultRows {
        let catalog = try Self.catalog(try await context.receiptRows(of: user))
        let text = try StatementText.bound(sql, parameters)
        let plan = try Self.plan(text.sql, catalog)
        var settings = DuckDBSettings()
        (settings.memoryLimitMegabytes, settings.threads) = (128, 1)
        settings.library = context.configuration.duckdbLibrary
        let engine = MergeEngine(catalog: catalog, settings: settings)
        do {
            let result = try await engine.run(plan, blocks: [], withholds: false)
            await engine.close()
            return ResultRows(result.table)
        } catch {
            await engine.close()
            throw error
        }
    }

    func shape(_ types: [Int32], in context: NodeContext) async throws -> StatementShape {
        let catalog = try Self.catalog(try await context.receiptRows(of: ""))
        let text = try StatementText.open(sql, types: types)
        let query = try Self.bind(text.sql, catalog)
        let parameters = (0..<text.count).map {
            types.indices.contains($0) && types[$0] != 0 ? types[$0] : 25
        }
        return StatementShape(
            parameters: parameters,
            columns: query.output.map { ResultColumn(name: $0.name, oid: $0.type.oid) })
    }

    private static func bind(_ sql: String, _ catalog: Catalog) throws(SQLFault) -> BoundQuery {
        switch try Binder(catalog: catalog, now: Clock.now * 1_000).bind(sql) {
        case .select(let query), .explain(let query, _): query
        }
    }

    private static func plan(_ sql: String, _ catalog: Catalog) throws(SQLFault) -> FederatedPlan {
        try FederatedPlanner(catalog: catalog, today: Int(Clock.days(Clock.now))).plan(try bind(sql, catalog))
    }

    private static let columns: [(name: String, type: ColumnType, summary: String)] = [
        ("query_id", .text, "The question"), ("asked_at", .timestamp, "When it was asked, in UTC"),
        ("agreement", .text, "Under which agreement"), ("purpose", .text, "For what"),
        ("sites_asked", .integer, "How many sites were asked"),
        ("sites_answered", .integer, "How many of them answered"),
        ("summary", .text, "The receipt in a line"),
        ("receipt", .text, "The receipt whole, as JSON"),
    ]

    /// A catalog of this one table.
    private static func catalog(_ rows: ResultRows) throws -> Catalog {
        let columns = columns.map {
            DatasetColumn(name: $0.name, type: $0.type, columnClass: .open, summary: $0.summary)
        }
        let held = Table(columns.map { ($0.name, $0.type) }, rows: rows.table.rows)
        return Catalog(
            datasets: [],
            references: [
                ReferenceTable(
                    kind: .reference, name: table, columns: columns, version: "1", digest: "", rows: held)
            ], codelists: [], bounds: [], digest: "")
    }
}
