internal import Catalog
internal import Core
internal import Warehouse

/// Areas and organisations that the node's reference tables list, in a table of the session: `quality_area`.
///
/// The usual fault is a year: LSOAs of 2011 where the table has those of 2021, practices that have closed.
struct AreaList: Sendable {
    struct Column: Hashable, Sendable {
        let column: String
        let list: String
    }

    /// Table of `reference` and its column, by the columns of datasets that go by it.
    private static let keys = [
        "imd": ("lsoa", Set(["lsoa"])), "ods": ("code", Set(["practice", "provider", "commissioner"])),
    ]

    private let lists: [(name: String, codes: ColumnVector)]

    init(_ catalog: Catalog) {
        lists = Self.keys.sorted { $0.key < $1.key }.compactMap { name, key in
            (catalog.references[name]?.rows.column(key.0)?.vector).map { (name, $0) }
        }
    }

    func columns(of fields: QualityFields) -> [Column] {
        fields.columns.compactMap { column in
            let list = lists.first { Self.keys[$0.name]?.1.contains(column.name) == true }
            return list.map { Column(column: column.name, list: $0.name) }
        }
    }

    /// - Parameter text: the engine's type of texts.
    func load(in session: any EngineSession, text: String) async throws {
        try await session.execute("CREATE TEMPORARY TABLE quality_area (list \(text), code \(text))")
        let columns: [(name: String, type: ColumnType)] = [("list", .text), ("code", .text)]
        for (name, codes) in lists {
            let texts = Set((0..<codes.count).map { codes[$0].text }).sorted()
            let vectors = [Array(repeating: name, count: texts.count), texts].map {
                ColumnVector(type: .text, storage: .text($0))
            }
            try await session.load(
                QualifiedName("quality_area"), columns: columns,
                batch: Table(
                    columns: zip(columns, vectors).map { .init(name: $0.name, vector: $1) },
                    rowCount: texts.count))
        }
    }
}
