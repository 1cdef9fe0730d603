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
        let engine = try await MergeEngine(catalog: catalog, settings: settings)
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

    /// A catalog of this one table.
    private static func catalog(_ rows: ResultRows) throws -> Catalog {
        let summaries: [String: String] = [
            "query_id": "The question", "asked_at": "When it was asked, in UTC",
            "agreement": "Under which agreement",
            "purpose": "For what", "sites_asked": "How many sites were asked",
            "sites_answered": "How many of them answered", "summary": "The receipt in a line",
            "receipt": "The receipt whole, as JSON",
        ]
        let types: [Int32: ColumnType] = [25: .text, 23: .integer, 114: .text, 1114: .timestamp]
        let columns = rows.columns.map { column in
            DatasetColumn(
                name: column.name, type: types[column.oid] ?? .text, columnClass: .open, summary: summaries[column.name] ?? "")
        }
        let table = Table(
            columns.map { ($0.name, $0.type) }, rows: rows.table.rows)
        return Catalog(
            datasets: [],
            references: [
                ReferenceTable(
                    kind: .reference, name: Self.table, columns: columns, version: "1", digest: "",
                    rows: table)
            ], codelists: [], bounds: [], digest: "")
    }
}
