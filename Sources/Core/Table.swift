/// A small table held by column: named, typed columns of equal length.
package struct Table: Hashable, Sendable {
    package struct Column: Hashable, Sendable {
        package let name: String
        package let vector: ColumnVector

        package init(name: String, vector: ColumnVector) {
            self.name = name
            self.vector = vector
        }

        package var type: ColumnType { vector.type }
    }

    package let columns: [Column]
    package let rowCount: Int

    /// - Precondition: every column has `rowCount` values.
    package init(columns: [Column], rowCount: Int) {
        precondition(columns.allSatisfy { $0.vector.count == rowCount }, "columns of unequal length")
        self.columns = columns
        self.rowCount = rowCount
    }

    /// A table from rows, e.g. in tests: every row has one value a column.
    package init(_ columns: [(name: String, type: ColumnType)], rows: [[Value]]) {
        self.init(
            columns: columns.enumerated().map { index, column in
                Column(
                    name: column.name,
                    vector: ColumnVector(type: column.type, values: rows.map { $0[index] }))
            }, rowCount: rows.count)
    }

    package func row(_ index: Int) -> [Value] { columns.map { $0.vector[index] } }

    package var rows: [[Value]] { (0..<rowCount).map(row) }

    package func column(_ name: String) -> Column? { columns.first { $0.name == name } }
}
