internal import Catalog
internal import Core

/// Tells which measurements lie outside of what is possible, by code system, code and unit.
struct MeasurementBounds {
    private var index = TextIndex()
    private var bounds: [(lower: Double, upper: Double)] = []

    init(_ list: [MeasurementBound]) {
        for bound in list {
            var key: [UInt8] = []
            Self.write(bound.system.utf8, bound.code.utf8, bound.unit.utf8, to: &key)
            key.withUnsafeBufferPointer { _ = index.insert($0, Int32(bounds.count)) }
            bounds.append((bound.lower, bound.upper))
        }
    }

    /// Rows whose value is out of bounds; none where the dataset has no measurements.
    func outside(_ table: Table) -> [Int] {
        guard let value = table.column("value_quantity")?.vector, case .double(let values) = value.storage,
            let system = texts(table, "code_system"), let code = texts(table, "code"),
            let unit = texts(table, "value_unit")
        else { return [] }
        var outside: [Int] = []
        var key: [UInt8] = []
        for row in values.indices where value.nulls?[row] != true {
            guard let system = system.bytes(row), let code = code.bytes(row), let unit = unit.bytes(row)
            else { continue }
            key.removeAll(keepingCapacity: true)
            Self.write(system, code, unit, to: &key)
            guard let bound = key.withUnsafeBufferPointer({ index.number(of: $0) }) else { continue }
            let (lower, upper) = bounds[Int(bound)]
            if values[row] < lower || values[row] > upper { outside.append(row) }
        }
        return outside
    }

    private func texts(_ table: Table, _ name: String) -> StagedRows.Texts? {
        guard let vector = table.column(name)?.vector, case .packed(let packed) = vector.storage else {
            return nil
        }
        return StagedRows.Texts(packed: packed, nulls: vector.nulls)
    }

    private static func write(
        _ system: some Collection<UInt8>, _ code: some Collection<UInt8>, _ unit: some Collection<UInt8>,
        to key: inout [UInt8]
    ) {
        key.append(contentsOf: system)
        key.append(0)
        key.append(contentsOf: code)
        key.append(0)
        key.append(contentsOf: unit)
    }
}
