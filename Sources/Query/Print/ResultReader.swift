import Core

/// Reads the columns of an engine's result by the names that a printer gave them.
struct ResultReader {
    let table: Table

    init(_ table: Table) { self.table = table }

    private func vector(_ name: String) throws(SQLFault) -> ColumnVector {
        guard let column = table.column(name) else {
            throw SQLFault(.internalError, "the engine's result has no column \(name)")
        }
        return column.vector
    }

    func integers(_ name: String) throws(SQLFault) -> [Int64] {
        let vector = try vector(name)
        if case .int64(let array) = vector.storage, vector.nulls == nil { return array }
        if case .int64(let array) = vector.storage, let nulls = vector.nulls {
            return zip(array, nulls).map { $1 ? 0 : $0 }
        }
        return vector.values.map { $0.number.flatMap { Int64(exactly: $0.rounded()) } ?? 0 }
    }

    func doubles(_ name: String) throws(SQLFault) -> [Double] {
        let vector = try vector(name)
        if case .double(let array) = vector.storage, vector.nulls == nil { return array }
        return vector.values.map { $0.number ?? 0 }
    }

    /// nil if the result has no such column.
    func doubles(ifPresent name: String) throws(SQLFault) -> [Double]? {
        table.column(name) == nil ? nil : try doubles(name)
    }

    func booleans(_ name: String) throws(SQLFault) -> [Bool] {
        let vector = try vector(name)
        if case .boolean(let array) = vector.storage, vector.nulls == nil { return array }
        return vector.values.map { $0 == .boolean(true) }
    }

    /// The texts of a column that are not NULL, by row.
    func presentTexts(_ name: String) throws(SQLFault) -> [Int: String] {
        let vector = try vector(name)
        var texts: [Int: String] = [:]
        for row in 0..<vector.count where vector.nulls?[row] != true {
            if case .text(let text) = vector[row] { texts[row] = text }
        }
        return texts
    }

    /// Group keys `k0…` under the plan's names and types.
    func keys(_ keys: [ComputedColumn]) throws(SQLFault) -> Table {
        var columns: [Table.Column] = []
        for (index, key) in keys.enumerated() {
            let vector = try vector("k\(index)")
            let type = key.expression.type
            let typed = vector.type == type ? vector : ColumnVector(type: type, values: vector.values)
            columns.append(Table.Column(name: key.name, vector: typed))
        }
        return Table(columns: columns, rowCount: table.rowCount)
    }
}
