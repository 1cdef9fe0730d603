package import Core

/// Names of the column tags of `Schemas/datasets`, all of one vocabulary.
package enum DatasetTag {
    package static let columnClass = "concordat/class"
    package static let granularity = "concordat/granularity"
    /// Values with commas between.
    package static let domain = "concordat/domain"
    package static let freeText = "concordat/free-text"
    /// `true` for columns that analysts do not see.
    package static let hidden = "concordat/hidden"
    /// URI of the system that the column's codes are of, where no column beside it says so.
    package static let codeSystem = "concordat/code-system"
    /// `true` for columns of several values with a blank between.
    package static let list = "concordat/list"
}

extension Dataset {
    /// The dataset that a view fills.
    ///
    /// The site column comes last: it is not of the view, each coordinator adds it.
    /// - Throws: `CatalogFault` naming the column whose tags are missing or contradictory.
    package init(view: ViewDefinition) throws(CatalogFault) {
        guard let name = view.name else { throw CatalogFault(path: "name", message: "is missing") }
        try self.init(
            name: name, summary: view.description ?? view.title ?? "", resource: view.resource,
            columns: view.columns)
    }

    /// A dataset that no FHIR resource fills.
    /// - Throws: `CatalogFault` as for a view.
    init(table: TableDefinition) throws(CatalogFault) {
        try self.init(
            name: table.table, summary: table.description, resource: nil, columns: table.viewColumns)
    }

    private init(
        name: String, summary: String, resource: String?, columns: [ViewDefinition.Column]
    ) throws(CatalogFault) {
        var visible: [DatasetColumn] = []
        var hidden: [DatasetColumn] = []
        for column in columns {
            let made = try DatasetColumn(view: column)
            if column.tag(DatasetTag.hidden) == "true" { hidden.append(made) } else { visible.append(made) }
        }
        guard visible.contains(where: \.isPerson) else {
            throw CatalogFault(path: "column person", message: "is missing or not an identifier")
        }
        self.init(
            name: name, summary: summary, columns: visible + [.site], resource: resource, hidden: hidden)
    }
}

extension DatasetColumn {
    /// The answering organisation, by ODS code.
    package static var site: DatasetColumn {
        DatasetColumn(name: "site", type: .text, columnClass: .open, summary: "The answering organisation")
    }

    fileprivate init(view column: ViewDefinition.Column) throws(CatalogFault) {
        func fault(_ message: String) -> CatalogFault {
            CatalogFault(path: "column \(column.name)", message: message)
        }
        guard let type = ColumnType(fhir: column.type) else { throw fault("has an unknown type") }
        guard let tag = column.tag(DatasetTag.columnClass), let columnClass = Class(rawValue: tag) else {
            throw fault("has no class")
        }
        var granularity: Granularity?
        if let text = column.tag(DatasetTag.granularity) {
            guard let read = Granularity(rawValue: text) else { throw fault("has an unknown granularity") }
            granularity = read
        }
        guard columnClass != .quasiIdentifier || granularity != nil else {
            throw fault("is a quasi-identifier without granularity")
        }
        guard !column.collection else { throw fault("has several values: a dataset's columns have one") }
        let domain = column.tag(DatasetTag.domain)?.split(separator: ",").map(String.init)
        self.init(
            name: column.name, type: type, columnClass: columnClass, granularity: granularity,
            summary: column.description ?? "", domain: domain,
            isFreeText: column.tag(DatasetTag.freeText) == "true",
            codeSystem: column.tag(DatasetTag.codeSystem), isList: column.tag(DatasetTag.list) == "true")
    }
}

extension ColumnType {
    /// The column type of a FHIR primitive type, by name or URL; nil names text; nil result: no such type.
    package init?(fhir type: String?) {
        switch type.map({ $0.split(separator: "/").last.map(String.init) ?? $0 }) ?? "string" {
        case "boolean": self = .boolean
        case "integer", "positiveInt", "unsignedInt": self = .integer
        case "integer64": self = .bigint
        case "decimal": self = .double
        case "date": self = .date
        case "dateTime", "instant": self = .timestamp
        case "string", "code", "id", "uri", "url", "canonical", "oid", "uuid", "markdown", "time",
            "base64Binary", "xhtml":
            self = .text
        default: return nil
        }
    }
}
