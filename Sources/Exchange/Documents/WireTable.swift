package import Core

/// A table as JSON: `{"rows": n, "columns": [{"name", "type", "values": [...]}]}`, an array a column.
///
/// NULL is null; dates are days and timestamps microseconds since 1970-01-01; an interval is
/// `[months, days, microseconds]`; numbers are the shortest that read back the same; NaN and the infinities
/// are the strings `NaN`, `Infinity`, `-Infinity`, as PostgreSQL writes them.
package struct WireTable: Hashable, Sendable {
    package let table: Table

    package init(_ table: Table) { self.table = table }
}

extension WireTable: Codable {
    private enum CodingKeys: String, CodingKey {
        case rows
        case columns
    }

    private struct WireColumn: Codable {
        let name: String
        let type: ColumnType
        let values: WireVector

        init(_ column: Table.Column) {
            name = column.name
            type = column.type
            values = WireVector(column.vector)
        }

        private enum CodingKeys: String, CodingKey {
            case name
            case type
            case values
        }

        init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: CodingKeys.self)
            name = try container.decode(String.self, forKey: .name)
            type = try container.decode(ColumnType.self, forKey: .type)
            values = try WireVector(
                from: try container.nestedUnkeyedContainer(forKey: .values), type: type,
                limits: decoder.limits)
        }
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        let rows = try container.decode(Int.self, forKey: .rows)
        let count = try container.nestedUnkeyedContainer(forKey: .columns).count ?? 0
        guard (0...decoder.limits.rows).contains(rows), count <= decoder.limits.columns else {
            throw ExchangeError(.tooLarge, "rows or columns of a table")
        }
        let columns = try container.decode([WireColumn].self, forKey: .columns)
        guard columns.allSatisfy({ $0.values.vector.count == rows }) else {
            throw ExchangeError(.malformed, "columns of unequal length")
        }
        table = Table(
            columns: columns.map { Table.Column(name: $0.name, vector: $0.values.vector) }, rowCount: rows)
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(table.rowCount, forKey: .rows)
        try container.encode(table.columns.map(WireColumn.init), forKey: .columns)
    }
}

extension Decoder {
    /// The limits that the reader of this document set.
    var limits: WireLimits { userInfo[WireJSON.limitsKey] as? WireLimits ?? .standard }
}
