internal import Foundation

/// A dataset that no FHIR resource fills: its columns with their tags, and no path.
///
/// `Schemas/datasets/NAME.json` is one where it has `table` in the place of a ViewDefinition's `resourceType`.
/// Mappings fill it (`Schemas/mappings`).
struct TableDefinition: Hashable, Sendable, Codable {
    struct Column: Hashable, Sendable, Codable {
        let name: String
        /// A FHIR primitive type's name, as in views.
        let type: String
        let description: String
        let tag: [ViewDefinition.Tag]
    }

    let table: String
    let description: String
    let column: [Column]

    private struct Mark: Decodable { let table: String? }

    /// Whether a file of `datasets/` is of this kind.
    static func isOne(_ json: Data) -> Bool {
        (try? JSONDecoder().decode(Mark.self, from: json))?.table != nil
    }

    /// - Throws: `CatalogFault` with the path of what is missing, mistyped or there twice.
    static func decode(_ json: Data) throws(CatalogFault) -> TableDefinition {
        let table: TableDefinition
        do { table = try JSONDecoder().decode(TableDefinition.self, from: json) } catch {
            throw CatalogFault(decoding: error)
        }
        var seen: Set<String> = []
        for column in table.column {
            guard column.name.isSQLName else {
                throw CatalogFault(path: "column \(column.name)", message: "is not a name of SQL")
            }
            guard seen.insert(column.name).inserted else {
                throw CatalogFault(path: "column \(column.name)", message: "is there twice")
            }
        }
        return table
    }

    /// The same bytes for the same meaning.
    func canonical() throws -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return try encoder.encode(self)
    }

    /// As a view has its columns: without a path there is nothing to run.
    var viewColumns: [ViewDefinition.Column] {
        column.map {
            ViewDefinition.Column(
                name: $0.name, path: "", description: $0.description, type: $0.type, collection: false,
                tag: $0.tag)
        }
    }
}
