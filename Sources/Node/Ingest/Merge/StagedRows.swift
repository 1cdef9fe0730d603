internal import Core

/// Rows of one dataset on their way in: the columns of `SiteSchema.stagedColumns`, then the dataset's own.
///
/// Rows of one record (a resource, or a line of a table) stand together and have its sequence number. Immutable; an
/// object, because its columns are too many to be copied for each record.
final class StagedRows: Sendable {
    /// A column of texts, some of them NULL.
    struct Texts: Sendable {
        let packed: PackedTexts
        let nulls: [Bool]?

        func bytes(_ row: Int) -> UnsafeBufferPointer<UInt8>? {
            nulls?[row] == true ? nil : packed.bytes(row)
        }
    }

    let table: Table
    let sequence: [Int64]
    let fingerprints: [Int64]
    /// Microseconds since 1970; NULL where the source does not say.
    let updated: [Int64?]
    let resource: Texts
    let parent: Texts
    let subject: Texts
    let number: Texts

    /// - Precondition: the columns are the staged ones, in order.
    init(_ given: Table) {
        let table = Table(
            columns: given.columns.map { .init(name: $0.name, vector: $0.vector.packed) },
            rowCount: given.rowCount)
        func texts(_ place: Int) -> Texts {
            let vector = table.columns[place].vector
            guard case .packed(let packed) = vector.storage else {
                preconditionFailure("\(table.columns[place].name) is not a column of texts")
            }
            return Texts(packed: packed, nulls: vector.nulls)
        }
        func integers(_ place: Int) -> [Int64] {
            guard case .int64(let array) = table.columns[place].vector.storage else {
                preconditionFailure("\(table.columns[place].name) is not a column of integers")
            }
            return array
        }
        self.table = table
        sequence = integers(0)
        resource = texts(1)
        parent = texts(2)
        fingerprints = integers(3)
        let (times, isUnknown) = (integers(4), table.columns[4].vector.nulls)
        updated = times.indices.map { isUnknown?[$0] == true ? nil : times[$0] }
        subject = texts(5)
        number = texts(6)
    }

    var rowCount: Int { table.rowCount }

    /// What of each record cannot be held, where the dataset tells (`DegradedRecords`).
    var degraded: Texts? {
        guard let vector = table.column("degraded")?.vector, case .packed(let packed) = vector.storage else {
            return nil
        }
        return Texts(packed: packed, nulls: vector.nulls)
    }

    /// Rows with a text that has a NUL: PostgreSQL holds none, and DuckDB's own functions end there. Ascending.
    func rowsWithNUL() -> [Int] {
        var rows: Set<Int> = []
        for column in table.columns {
            guard case .packed(let packed) = column.vector.storage, packed.hasNUL else { continue }
            for row in 0..<rowCount where packed.bytes(row).contains(0) { rows.insert(row) }
        }
        return rows.sorted()
    }

    /// What tells records apart: the id of the record itself, for a part of one the id of the whole.
    func identity(_ row: Int) -> UnsafeBufferPointer<UInt8>? { parent.bytes(row) ?? resource.bytes(row) }

    /// These rows, in that order.
    func picking(_ rows: [Int]) -> Table {
        rows.count == rowCount
            ? table
            : Table(
                columns: table.columns.map { .init(name: $0.name, vector: $0.vector.picking(rows)) },
                rowCount: rows.count)
    }
}

extension ColumnVector {
    /// Texts in one piece; everything else as it is.
    fileprivate var packed: ColumnVector {
        switch storage {
        case .text(let texts): ColumnVector(type: type, storage: .packed(PackedTexts(texts)), nulls: nulls)
        default: self
        }
    }

    func picking(_ rows: [Int]) -> ColumnVector {
        let storage: Storage =
            switch storage {
            case .boolean(let array): .boolean(rows.map { array[$0] })
            case .int64(let array): .int64(rows.map { array[$0] })
            case .double(let array): .double(rows.map { array[$0] })
            case .text(let array): .text(rows.map { array[$0] })
            case .packed(let array): .packed(array.picking(rows))
            case .date(let array): .date(rows.map { array[$0] })
            case .values(let array): .values(rows.map { array[$0] })
            }
        let picked = nulls.map { nulls in rows.map { nulls[$0] } }
        return ColumnVector(type: type, storage: storage, nulls: picked)
    }
}
