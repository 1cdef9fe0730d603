package import Core

/// A replicated table that is about no person: `reference.NAME`, or a codelist `codelist.NAME(code, term)`.
package struct ReferenceTable: Sendable {
    package enum Kind: String, Sendable, Codable {
        case reference
        case codelist
    }

    package let kind: Kind
    package let name: String
    package let columns: [DatasetColumn]
    /// Version as published, e.g. `2019` or a date.
    package let version: String
    /// SHA-256 of its canonical content, hex: requester and site must hold the same.
    package let digest: String
    /// Rows, in the order of the file.
    package let rows: Table

    package init(
        kind: Kind, name: String, columns: [DatasetColumn], version: String, digest: String, rows: Table
    ) {
        self.kind = kind
        self.name = name
        self.columns = columns
        self.version = version
        self.digest = digest
        self.rows = rows
    }
}
