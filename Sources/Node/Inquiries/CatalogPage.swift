internal import Catalog
internal import Core

/// What questions may be about: tables with their meanings, from the catalog that SQL is bound against.
struct CatalogPage: Encodable {
    struct Column: Encodable {
        let name: String
        let type: String
        let meaning: String
    }

    struct Entry: Encodable {
        /// `public` for data of people, `reference`, `codelist` or `released`.
        let schema: String
        let name: String
        let meaning: String
        /// Of tables that lie here; nil for those that lie at sites.
        let rows: Int?
        let columns: [Column]
    }

    let tables: [Entry]

    init(_ context: NodeContext) {
        let relations = UserRelations.of(context.catalog) + context.released.all.map { UserRelation($0) }
        tables = relations.sorted { ($0.schema, $0.name) < ($1.schema, $1.name) }.map { relation in
            Entry(
                schema: relation.schema, name: relation.name, meaning: relation.summary,
                rows: relation.rowCount,
                columns: relation.columns.map {
                    Column(name: $0.name, type: $0.type.rawValue, meaning: $0.summary)
                })
        }
    }
}
