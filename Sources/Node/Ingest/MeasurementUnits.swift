internal import Catalog
internal import Core

/// Marks measurements whose unit is not one that the catalog knows for their code: nothing tells whether such a value is
/// possible, and it must not be taken for one in the known unit.
///
/// They are taken in and marked (`DegradedRecords`): a site that writes `mmHg` for `mm[Hg]` is told so, and loses
/// nothing. A code that the catalog has no bounds for may be in any unit.
struct MeasurementUnits {
    /// The mark: a word and a blank, as the views write theirs.
    static let mark = "unknown-unit "

    private var codes = TextIndex()
    /// By the code's number.
    private var units: [[[UInt8]]] = []

    init(_ bounds: [MeasurementBound]) {
        for bound in bounds {
            let key = Array(bound.system.utf8) + [0] + Array(bound.code.utf8)
            let known = key.withUnsafeBufferPointer { codes.insert($0, Int32(units.count)) }
            if let known {
                units[Int(known)].append(Array(bound.unit.utf8))
            } else {
                units.append([Array(bound.unit.utf8)])
            }
        }
    }

    /// The staged rows with their marks: all rows of a record that has such a measurement bear it.
    func marked(_ rows: StagedRows) -> StagedRows {
        let unknown = unknown(in: rows.table)
        guard !unknown.isEmpty, let place = rows.table.columns.firstIndex(where: { $0.name == "degraded" }),
            let degraded = rows.degraded
        else { return rows }
        let records = Set(unknown.map { rows.sequence[$0] })
        var texts = PackedTexts.Builder()
        for row in 0..<rows.rowCount {
            let mark = records.contains(rows.sequence[row]) ? Array(Self.mark.utf8) : []
            (Array(degraded.bytes(row) ?? .init(start: nil, count: 0)) + mark).withUnsafeBufferPointer {
                texts.append($0)
            }
        }
        var columns = rows.table.columns
        columns[place] = .init(
            name: "degraded", vector: ColumnVector(type: .text, storage: .packed(texts.finish())))
        return StagedRows(Table(columns: columns, rowCount: rows.rowCount))
    }

    private func unknown(in table: Table) -> [Int] {
        guard let value = table.column("value_quantity")?.vector, let system = texts(table, "code_system"),
            let code = texts(table, "code"), let unit = texts(table, "value_unit")
        else { return [] }
        var found: [Int] = []
        var key: [UInt8] = []
        for row in 0..<table.rowCount where value.nulls?[row] != true {
            guard let system = system.bytes(row), let code = code.bytes(row) else { continue }
            key.removeAll(keepingCapacity: true)
            key.append(contentsOf: system)
            key.append(0)
            key.append(contentsOf: code)
            guard let number = key.withUnsafeBufferPointer({ codes.number(of: $0) }) else { continue }
            let written = unit.bytes(row)
            let isKnown = units[Int(number)].contains { known in
                written.map { known.elementsEqual($0) } ?? false
            }
            if !isKnown { found.append(row) }
        }
        return found
    }

    private func texts(_ table: Table, _ name: String) -> StagedRows.Texts? {
        guard let vector = table.column(name)?.vector, case .packed(let packed) = vector.storage else {
            return nil
        }
        return StagedRows.Texts(packed: packed, nulls: vector.nulls)
    }
}
