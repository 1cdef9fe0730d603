/// A SQL-on-FHIR v2 ViewDefinition: how resources of one type become rows of a table.
///
/// Source: HL7 SQL on FHIR v2.0.0, StructureDefinition ViewDefinition. What the runner needs and what
/// governance
/// tags say is kept; narrative, publisher and the like are ignored. Paths are kept as text: the room FHIR
/// compiles
/// them and refuses what it cannot evaluate.
package struct ViewDefinition: Hashable, Sendable, Codable {
    package let name: String?
    package let title: String?
    package let description: String?
    package let resource: String
    package let constant: [Constant]
    package let select: [Select]
    package let filters: [Filter]

    enum CodingKeys: String, CodingKey {
        case name, title, description, resource, constant, select
        case filters = "where"
    }

    /// A condition for resources to be read at all.
    package struct Filter: Hashable, Sendable, Codable {
        package let path: String
    }

    /// A named value: `%name` in paths.
    package struct Constant: Hashable, Sendable {
        package enum Value: Hashable, Sendable {
            case boolean(Bool)
            case integer(Int64)
            case decimal(Double)
            /// With the FHIR type's name, e.g. `date`.
            case text(String, type: String)
        }

        package let name: String
        package let value: Value
    }

    package struct Select: Hashable, Sendable, Codable {
        package let column: [Column]
        package let select: [Select]
        package let forEach: String?
        package let forEachOrNull: String?
        package let repeated: [String]?
        package let unionAll: [Select]

        enum CodingKeys: String, CodingKey {
            case column, select, forEach, forEachOrNull, unionAll
            case repeated = "repeat"
        }
    }

    package struct Column: Hashable, Sendable, Codable {
        package let name: String
        package let path: String
        package let description: String?
        /// A FHIR primitive type's name (or its URL); nil means string.
        package let type: String?
        /// Whether several values are allowed: they are then one JSON array, as text.
        package let collection: Bool
        package let tag: [Tag]

        enum CodingKeys: String, CodingKey {
            case name, path, description, type, collection, tag
        }

        package func tag(_ name: String) -> String? { tag.first { $0.name == name }?.value }
    }

    /// Metadata for other programs; ours are named in `DatasetTag`.
    package struct Tag: Hashable, Sendable, Codable {
        package let name: String
        package let value: String
    }

    /// The columns of the output, in order.
    package var columns: [Column] { select.flatMap(\.columns) }
}

extension ViewDefinition.Select {
    /// Columns of this select in order: its own, those of nested selects, those of the union's first branch.
    package var columns: [ViewDefinition.Column] {
        column + select.flatMap(\.columns) + (unionAll.first?.columns ?? [])
    }
}

/// What is wrong with a file of `Schemas/` or of a node's references, and where.
package struct CatalogFault: Error, Hashable, Sendable, CustomStringConvertible {
    /// File name, where a file is at fault.
    package let file: String?
    /// Inside the file, e.g. `select[0].column[2].type`, or `line 7`.
    package let path: String
    package let message: String

    package init(file: String? = nil, path: String, message: String) {
        self.file = file
        self.path = path
        self.message = message
    }

    package var description: String {
        [file, path.isEmpty ? nil : path, message].compactMap(\.self).joined(separator: ": ")
    }

    func inFile(_ name: String) -> CatalogFault { CatalogFault(file: name, path: path, message: message) }
}
