internal import Core
internal import Disclosure
internal import Query

/// What would leave of one fragment, for people at the controller.
struct PreviewTable: Codable, Hashable, Sendable {
    let columns: [String]
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
        columns = fragment.aggregate.keys.map(\.name) + fragment.aggregate.aggregates.map(\.name)
        rows = (0..<released.keys.rowCount).map { row in
            released.keys.row(row).map(\.text) + released.aggregates.map { Self.text($0, row) }
        }
        let shown = released.aggregates.reduce(0) { $0 + $1.rows.count { $0 != nil } }
        values = cells.count * released.aggregates.count
        valuesWithheld = max(0, values - shown)
        self.cells = cells.count
        let empty = (0..<released.keys.rowCount).count { row in
            !released.aggregates.isEmpty && released.aggregates.allSatisfy { $0.rows[row] == nil }
        }
        cellsWithheld = max(0, cells.count - released.keys.rowCount) + empty
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
