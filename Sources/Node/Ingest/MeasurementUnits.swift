internal import Catalog
internal import Core

/// Puts the units of measurements into the form that the catalog knows for their code, and marks those that are none of
/// them: nothing tells whether such a value is possible, and it must not be taken for one in a known unit.
///
/// `mmHg` becomes `mm[Hg]`: the same unit in another spelling (`UnitSpellings`), whose numbers stay what they are. A
/// record that has a measurement in an unknown unit is set aside when it is merged, or stays marked (`DegradedRecords`)
/// where the site says so (`UnknownUnits`). One without any unit says nothing wrong: it is taken in and marked. A code
/// that the catalog has no bounds for may be in any unit, which is never touched.
struct MeasurementUnits {
    /// Why a record is set aside.
    static let reason = "unknown-unit"
    /// The marks: a word and a blank, as the views write theirs.
    static let mark = reason + " "
    static let missingMark = "no-unit "

    private var codes = TextIndex()
    /// By the code's number.
    private var units: [[[UInt8]]] = []
    /// Folded spelling -> unit.
    private let spellings: [[UInt8]: [UInt8]]

    init(_ catalog: Catalog) {
        spellings = Dictionary(
            catalog.spellings.units.map { (Array($0.key.utf8), Array($0.value.utf8)) }
        ) { first, _ in first }
        for bound in catalog.bounds {
            let key = Array(bound.system.utf8) + [0] + Array(bound.code.utf8)
            let known = key.withUnsafeBufferPointer { codes.insert($0, Int32(units.count)) }
            if let known {
                units[Int(known)].append(Array(bound.unit.utf8))
            } else {
                units.append([Array(bound.unit.utf8)])
            }
        }
    }

    /// The staged rows with their units in the catalog's form, and with marks: all rows of a record that has a
    /// measurement in an unknown unit bear one.
    func settled(_ rows: StagedRows) -> StagedRows {
        let found = judged(rows.table)
        guard !found.unknown.isEmpty || !found.missing.isEmpty || !found.spelled.isEmpty else { return rows }
        var columns = rows.table.columns
        if !found.spelled.isEmpty {
            replace("value_unit", of: rows.table, in: &columns) { found.spelled[$0] }
        }
        var marks: [Int64: String] = [:]
        for record in Set(found.missing.map { rows.sequence[$0] }) { marks[record] = Self.missingMark }
        for record in Set(found.unknown.map { rows.sequence[$0] }) { marks[record, default: ""] += Self.mark }
        if !marks.isEmpty {
            let degraded = rows.degraded
            replace("degraded", of: rows.table, in: &columns) { row in
                marks[rows.sequence[row]].map {
                    Array(degraded?.bytes(row) ?? .init(start: nil, count: 0)) + Array($0.utf8)
                }
            }
        }
        return StagedRows(Table(columns: columns, rowCount: rows.rowCount))
    }

    /// Rows that bear the mark of an unknown unit.
    static func marked(_ rows: StagedRows) -> [Int] {
        guard let degraded = rows.degraded else { return [] }
        let mark = Array(mark.utf8)
        return (0..<rows.rowCount).filter { row in
            guard let bytes = degraded.bytes(row), bytes.count >= mark.count else { return false }
            return bytes.split(separator: 0x20).contains { $0.elementsEqual(mark.dropLast()) }
        }
    }

    /// Rows with a value whose code has bounds, and whose unit is none of theirs as it is written.
    private func judged(_ table: Table) -> (unknown: [Int], missing: [Int], spelled: [Int: [UInt8]]) {
        guard let value = table.column("value_quantity")?.vector, let system = texts(table, "code_system"),
            let code = texts(table, "code"), let unit = texts(table, "value_unit")
        else { return ([], [], [:]) }
        var (unknown, missing): ([Int], [Int]) = ([], [])
        var spelled: [Int: [UInt8]] = [:]
        var key: [UInt8] = []
        for row in 0..<table.rowCount where value.nulls?[row] != true {
            guard let system = system.bytes(row), let code = code.bytes(row) else { continue }
            key.removeAll(keepingCapacity: true)
            key.append(contentsOf: system)
            key.append(0)
            key.append(contentsOf: code)
            guard let number = key.withUnsafeBufferPointer({ codes.number(of: $0) }) else { continue }
            let written = unit.bytes(row) ?? .init(start: nil, count: 0)
            let known = units[Int(number)]
            if known.contains(where: { $0.elementsEqual(written) }) { continue }
            if let meant = spellings[UnitSpellings.folded(written)], known.contains(meant) {
                spelled[row] = meant
            } else if written.isEmpty {
                missing.append(row)
            } else {
                unknown.append(row)
            }
        }
        return (unknown, missing, spelled)
    }

    /// Puts other texts into a column: nil leaves what is there.
    private func replace(
        _ name: String, of table: Table, in columns: inout [Table.Column], by text: (Int) -> [UInt8]?
    ) {
        guard let place = columns.firstIndex(where: { $0.name == name }), let before = texts(table, name)
        else { return }
        var texts = PackedTexts.Builder()
        var nulls = before.nulls
        for row in 0..<table.rowCount {
            if let new = text(row) {
                new.withUnsafeBufferPointer { texts.append($0) }
                nulls?[row] = false
            } else {
                texts.append(before.bytes(row) ?? .init(start: nil, count: 0))
            }
        }
        columns[place] = .init(
            name: name, vector: ColumnVector(type: .text, storage: .packed(texts.finish()), nulls: nulls))
    }

    private func texts(_ table: Table, _ name: String) -> StagedRows.Texts? {
        guard let vector = table.column(name)?.vector, case .packed(let packed) = vector.storage else {
            return nil
        }
        return StagedRows.Texts(packed: packed, nulls: vector.nulls)
    }
}
