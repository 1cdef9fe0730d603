internal import Catalog
internal import Core

/// A mapping that has been compared with the catalog and with the columns of a source: what to select of each
/// row, and which of it becomes which dataset's row.
struct MappingPlan: Sendable {
    /// A column of a dataset's row.
    enum Cell: Sendable {
        case constant(String)
        /// Place in the columns that `values` select.
        case value(Int)
    }

    /// A row that a source's row may give.
    struct Row: Sendable {
        /// Among the rows of one source's row: 0, 1, …
        let ordinal: Int
        /// Place of the condition in `values`; nil: always.
        let when: Int?
        /// By place in the dataset's `recorded` columns; nil: NULL.
        let cells: [Cell?]
    }

    struct Target: Sendable {
        let dataset: Dataset
        let rows: [Row]
    }

    /// An expression to select, without what is the same twice.
    struct Value: Sendable, Hashable {
        let sql: String
        let type: ColumnType
    }

    let mapping: TableMapping
    /// The source's columns in order.
    let columns: [String]
    let used: Set<Int>
    /// What is worked out once for a row, level by level, as items of a SELECT.
    let levels: [[String]]
    let targets: [Target]
    let values: [Value]
    /// Reason -> conditions.
    let faults: [(reason: String, conditions: [String])]
    let filter: String?
    let key: [String]
    let version: String?
    let number: String?
    let isVerified: String?
    let localID: String?
    /// Of each of the mapping's partition columns, in order.
    let partition: [String]
    /// Every coding of a row: `SYSTEM|CODE`, a line each.
    let codings: String

    var datasets: [Dataset] { targets.map(\.dataset) }
    /// The datasets whose rows say if they cannot be held whole.
    func marks(of schema: SiteSchema) -> [Dataset] {
        targets.filter { target in
            guard let place = schema.recorded(target.dataset).firstIndex(where: { $0.name == "degraded" })
            else { return false }
            return target.rows.contains { $0.cells[place] != nil }
        }.map(\.dataset)
    }
    /// What subjects without a number are told apart by, besides their id.
    var localSystem: String { mapping.person.localSystem ?? mapping.name }
}
