package import Core

/// How much of a release was withheld, for the controller's own eyes: it never leaves the site.
package struct WithheldCount: Codable, Sendable, Hashable {
    /// Cells (combinations of the group keys) before disclosure control, and those of which nothing left.
    package let cells: Int
    package let cellsWithheld: Int
    /// Numbers before disclosure control, and those that did not leave: of cells that are withheld whole, too.
    package let values: Int
    package let valuesWithheld: Int

    /// - Parameter cells: before disclosure control.
    package init(_ released: ReleasedBlock, of cells: CellBlock) {
        let shown = released.aggregates.reduce(0) { $0 + $1.rows.count { $0 != nil } }
        values = cells.count * released.aggregates.count
        valuesWithheld = max(0, values - shown)
        self.cells = cells.count
        let empty = (0..<released.keys.rowCount).count { row in
            !released.aggregates.isEmpty && released.aggregates.allSatisfy { $0.rows[row] == nil }
        }
        cellsWithheld = max(0, cells.count - released.keys.rowCount) + empty
    }
}
