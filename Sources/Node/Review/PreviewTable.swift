internal import Core
internal import Disclosure
internal import Query

/// What would leave of one fragment, for people at the controller.
struct PreviewTable: Codable, Hashable, Sendable {
    let columns: [String]
    /// Leading columns that are groups and no numbers; nil of what was kept before this was.
    var groupColumns: Int?
    /// `withheld` where a value is withheld or zero.
    let rows: [[String]]
    /// Cells (combinations of the group keys) of which nothing leaves, and of all.
    let cellsWithheld: Int
    let cells: Int
    /// Values that are withheld, those of the cells that are withheld whole included, and of all.
    let valuesWithheld: Int
    let values: Int

    /// - Parameter cells: before disclosure control.
    init(_ fragment: Fragment, _ released: ReleasedBlock, of cells: CellBlock) {
        columns = Self.columns(of: fragment)
        groupColumns = fragment.aggregate.keys.count
        rows = Self.rows(of: released)
        let withheld = WithheldCount(released, of: cells)
        (self.cells, cellsWithheld) = (withheld.cells, withheld.cellsWithheld)
        (values, valuesWithheld) = (withheld.values, withheld.valuesWithheld)
    }

    static func columns(of fragment: Fragment) -> [String] {
        fragment.aggregate.keys.map(\.name) + fragment.aggregate.aggregates.map(\.name)
    }

    static func rows(of released: ReleasedBlock) -> [[String]] {
        (0..<released.keys.rowCount).map { row in
            released.keys.row(row).map(\.text) + released.aggregates.map { text($0, row) }
        }
    }

    private static func text(_ aggregate: ReleasedAggregate, _ row: Int) -> String {
        guard let count = aggregate.rows[row] else { return "withheld" }
        switch aggregate.shape.kind {
        case .count, .distinctPeople: return String(count)
        case .sum: return aggregate.sums[row].map { Value.double($0).text } ?? "withheld"
        case .average:
            guard let sum = aggregate.sums[row], count > 0 else { return "withheld" }
            return Value.double(sum / Double(count)).text
        }
    }
}
