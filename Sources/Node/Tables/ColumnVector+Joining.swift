internal import Core

extension ColumnVector {
    /// As many NULLs.
    init(missing type: ColumnType, count: Int) {
        let storage: Storage =
            switch type {
            case .boolean: .boolean(Array(repeating: false, count: count))
            case .integer, .bigint, .timestamp: .int64(Array(repeating: 0, count: count))
            case .numeric, .double: .double(Array(repeating: 0, count: count))
            case .text: .text(Array(repeating: "", count: count))
            case .date: .date(Array(repeating: 0, count: count))
            case .interval, .unknown: .values(Array(repeating: .null, count: count))
            }
        self.init(type: type, storage: storage, nulls: Array(repeating: true, count: count))
    }

    /// Columns of one type, one after the other.
    init(joining parts: [ColumnVector], type: ColumnType) {
        guard parts.count != 1 else {
            self = parts[0]
            return
        }
        let count = parts.reduce(0) { $0 + $1.count }
        var nulls: [Bool]?
        if parts.contains(where: { $0.nulls != nil }) {
            var all: [Bool] = []
            all.reserveCapacity(count)
            for part in parts { all += part.nulls ?? Array(repeating: false, count: part.count) }
            nulls = all
        }
        func joined<Element>(_ take: (Storage) -> [Element]?) -> [Element]? {
            var all: [Element] = []
            all.reserveCapacity(count)
            for part in parts {
                guard let values = take(part.storage) else { return nil }
                all += values
            }
            return all
        }
        let storage: Storage? =
            switch parts.first?.storage {
            case .boolean: joined { if case .boolean(let x) = $0 { x } else { nil } }.map(Storage.boolean)
            case .int64: joined { if case .int64(let x) = $0 { x } else { nil } }.map(Storage.int64)
            case .double: joined { if case .double(let x) = $0 { x } else { nil } }.map(Storage.double)
            case .text: joined { if case .text(let x) = $0 { x } else { nil } }.map(Storage.text)
            case .date: joined { if case .date(let x) = $0 { x } else { nil } }.map(Storage.date)
            case .packed, .values, nil: nil
            }
        if let storage {
            self.init(type: type, storage: storage, nulls: nulls)
        } else {
            self.init(type: type, values: parts.flatMap(\.values))
        }
    }
}
