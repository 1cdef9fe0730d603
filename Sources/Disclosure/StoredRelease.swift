package import Core

/// A release as the ledger keeps it: a block and its summary in a form that can be encoded.
package struct StoredRelease: Codable, Sendable, Hashable {
    package let summary: DisclosureSummary
    /// nil of releases that were recorded before it was kept.
    package let withheld: WithheldCount?
    private let keys: [KeyColumn]
    private let cells: Int
    private let aggregates: [Aggregate]

    private struct KeyColumn: Codable, Hashable {
        let name: String
        let type: ColumnType
        let values: [StoredValue]
    }

    private struct Aggregate: Codable, Hashable {
        let shape: AggregateShape
        let rows: [Int64?]
        let sums: [Double?]
    }

    package init(_ block: ReleasedBlock, summary: DisclosureSummary, withheld: WithheldCount? = nil) {
        self.summary = summary
        self.withheld = withheld
        cells = block.keys.rowCount
        keys = block.keys.columns.map { column in
            KeyColumn(
                name: column.name, type: column.type, values: column.vector.values.map(StoredValue.init))
        }
        aggregates = block.aggregates.map { Aggregate(shape: $0.shape, rows: $0.rows, sums: $0.sums) }
    }

    /// The block as it was released.
    package var block: ReleasedBlock {
        ReleasedBlock(
            keys: Table(
                columns: keys.map { column in
                    Table.Column(
                        name: column.name,
                        vector: ColumnVector(type: column.type, values: column.values.map(\.value)))
                }, rowCount: cells),
            aggregates: aggregates.map { ReleasedAggregate(shape: $0.shape, rows: $0.rows, sums: $0.sums) })
    }
}

/// A group key's value in a form that can be encoded; doubles by their bits, so that NaN survives.
private enum StoredValue: Codable, Hashable {
    case null
    case boolean(Bool)
    case integer(Int64)
    case double(UInt64)
    case text(String)
    case date(Int32)
    case timestamp(Int64)
    case interval(months: Int32, days: Int32, microseconds: Int64)

    init(_ value: Value) {
        self =
            switch value {
            case .null: .null
            case .boolean(let x): .boolean(x)
            case .integer(let x): .integer(x)
            case .double(let x): .double(x.bitPattern)
            case .text(let x): .text(x)
            case .date(let x): .date(x)
            case .timestamp(let x): .timestamp(x)
            case .interval(let m, let d, let u): .interval(months: m, days: d, microseconds: u)
            }
    }

    var value: Value {
        switch self {
        case .null: .null
        case .boolean(let x): .boolean(x)
        case .integer(let x): .integer(x)
        case .double(let x): .double(Double(bitPattern: x))
        case .text(let x): .text(x)
        case .date(let x): .date(x)
        case .timestamp(let x): .timestamp(x)
        case .interval(let m, let d, let u): .interval(months: m, days: d, microseconds: u)
        }
    }
}
