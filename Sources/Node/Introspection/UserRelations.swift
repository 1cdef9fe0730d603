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

    /// Where the rows of a table of the node's own records are made.
    var isRecord: Bool { schema == UserRelations.records }
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

    private typealias Column = UserRelation.Column

    private static func summary(of table: ReferenceTable) -> String {
        let parts = [
            "Version \(table.version)", table.origin.asAt.map { "as at \($0)" }, table.origin.licence,
            table.origin.source,
        ]
        return parts.compactMap(\.self).joined(separator: ", ")
    }
}

extension UserRelation.Column {
    init(_ column: DatasetColumn) {
        self.init(name: column.name, type: column.type, summary: column.summary)
    }
}
