internal import Catalog
internal import Core
internal import Query

/// A table that people see beside the catalog's own: a dataset, a reference table, a codelist, a released result or
/// one of the node's records.
struct UserRelation: Sendable {
    struct Column: Sendable {
        let name: String
        let type: ColumnType
        let summary: String
    }

    let schema: String
    let name: String
    let summary: String
    let columns: [Column]
    /// Of tables that lie here; nil for datasets, which lie at sites.
    let rowCount: Int?
    var oid: UInt32 = 0
}

/// All of them, with OIDs that a restart does not change.
struct UserRelations: Sendable {
    static let records = "concordat"
    /// Schemas beside `public`, with what they are for. A name without a schema is looked for in this order.
    static let schemas: [(name: String, oid: UInt32, summary: String)] = [
        ("public", 2200, "Data of the agreement's controllers: ask for sums over groups of people"),
        ("reference", 16_400, "Reference tables, about nobody"),
        ("codelist", 16_401, "Codelists: codes with their terms"),
        ("released", 16_402, "Results of saved queries and of approved measures, as they were released"),
        (records, 16_403, "What this node keeps of questions: receipts and agreements"),
    ]
    static let searchPath = ["public", "reference", "codelist", "released"]

    let relations: [UserRelation]

    init(_ relations: [UserRelation]) {
        var taken: Set<UInt32> = []
        self.relations = relations.sorted { ($0.schema, $0.name) < ($1.schema, $1.name) }.map { relation in
            var relation = relation
            var oid = Self.hash("\(relation.schema).\(relation.name)")
            while !taken.insert(oid).inserted { oid += 1 }
            relation.oid = oid
            return relation
        }
    }

    /// FNV-1a, brought behind what PostgreSQL keeps for itself and the schemas above.
    private static func hash(_ text: String) -> UInt32 {
        var hash: UInt32 = 2_166_136_261
        for byte in text.utf8 { hash = (hash ^ UInt32(byte)) &* 16_777_619 }
        return 20_000 + hash % 2_000_000_000
    }

    /// Datasets, reference tables and codelists; of several versions of a table the one that its bare name means.
    static func of(_ catalog: Catalog) -> [UserRelation] {
        let datasets = catalog.datasets.values.map { dataset in
            UserRelation(
                schema: "public", name: dataset.name, summary: dataset.summary,
                columns: dataset.columns.map { Column($0) }, rowCount: nil)
        }
        let tables = (Array(catalog.references.values) + Array(catalog.codelists.values)).map { table in
            UserRelation(
                schema: table.kind.rawValue, name: table.name, summary: summary(of: table),
                columns: table.columns.map { Column($0) }, rowCount: table.rows.rowCount)
        }
        return datasets + tables
    }

    /// `concordat.receipts`, which sessions answer themselves (`ReceiptQuestion`): each user has their own.
    static let receipts = UserRelation(
        schema: records, name: "receipts", summary: "Receipts of your own questions, newest first",
        columns: [
            Column(name: "query_id", type: .text, summary: "The question"),
            Column(name: "asked_at", type: .timestamp, summary: "When it was asked, in UTC"),
            Column(name: "agreement", type: .text, summary: "Under which agreement"),
            Column(name: "purpose", type: .text, summary: "For what"),
            Column(name: "sites_asked", type: .integer, summary: "How many sites were asked"),
            Column(name: "sites_answered", type: .integer, summary: "How many of them answered"),
            Column(name: "summary", type: .text, summary: "The receipt in a line"),
            Column(name: "receipt", type: .text, summary: "The receipt whole, as JSON"),
        ], rowCount: nil)

    private typealias Column = UserRelation.Column

    private static func summary(of table: ReferenceTable) -> String {
        let parts = [
            "Version \(table.version)", table.origin.asAt.map { "as at \($0)" }, table.origin.licence,
            table.origin.source,
        ]
        return parts.compactMap(\.self).joined(separator: ", ")
    }
}

extension UserRelation {
    /// A result of a saved query.
    init(_ released: ReleasedTables.Held) {
        self.init(
            schema: "released", name: String(released.table.name.dropFirst(ReleasedTables.prefix.count)),
            summary: released.summary, columns: released.table.columns.map { Column($0) },
            rowCount: released.table.rows.rowCount)
    }
}

extension UserRelation.Column {
    init(_ column: DatasetColumn) {
        self.init(name: column.name, type: column.type, summary: column.summary)
    }
}
