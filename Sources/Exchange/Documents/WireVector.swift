import Core

/// The values of one column as a JSON array; the column's type says how they are written.
struct WireVector: Encodable {
    let vector: ColumnVector

    init(_ vector: ColumnVector) { self.vector = vector }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.unkeyedContainer()
        switch vector.storage {
        case .boolean(let array): try encode(array, into: &container) { try $0.encode($1) }
        case .int64(let array): try encode(array, into: &container) { try $0.encode($1) }
        case .double(let array): try encode(array, into: &container) { try $0.encode(WireDouble($1)) }
        case .text(let array): try encode(array, into: &container) { try $0.encode($1) }
        case .packed(let array): try encode(array.texts, into: &container) { try $0.encode($1) }
        case .date(let array): try encode(array, into: &container) { try $0.encode($1) }
        case .values(let array): try encode(array, into: &container, Self.encodeInterval)
        }
    }

    private func encode<T>(
        _ array: [T], into container: inout any UnkeyedEncodingContainer,
        _ encode: (inout any UnkeyedEncodingContainer, T) throws -> Void
    ) throws {
        for (row, value) in array.enumerated() {
            if let nulls = vector.nulls, nulls[row] {
                try container.encodeNil()
            } else {
                try encode(&container, value)
            }
        }
    }

    /// The storage without a dense form holds intervals and NULLs; anything else is a column that lies about
    /// its type.
    private static func encodeInterval(
        _ container: inout any UnkeyedEncodingContainer, _ value: Value
    ) throws {
        switch value {
        case .null: try container.encodeNil()
        case .interval(let months, let days, let microseconds):
            var nested = container.nestedUnkeyedContainer()
            try nested.encode(months)
            try nested.encode(days)
            try nested.encode(microseconds)
        default: throw ExchangeError(.malformed, "a value is not of its column's type")
        }
    }

    init(from container: any UnkeyedDecodingContainer, type: ColumnType, limits: WireLimits) throws {
        guard container.count ?? 0 <= limits.rows else { throw ExchangeError(.tooLarge, "rows of a column") }
        switch type {
        case .boolean:
            vector = try Self.dense(container, type, false, ColumnVector.Storage.boolean) {
                try $0.decode(Bool.self)
            }
        case .integer, .bigint, .timestamp:
            vector = try Self.dense(container, type, 0, ColumnVector.Storage.int64) {
                try $0.decode(Int64.self)
            }
        case .numeric, .double:
            vector = try Self.dense(container, type, 0, ColumnVector.Storage.double) {
                try $0.decode(WireDouble.self).value
            }
        case .text:
            vector = try Self.dense(container, type, "", ColumnVector.Storage.text) {
                try $0.decode(String.self)
            }
        case .date:
            vector = try Self.dense(container, type, 0, ColumnVector.Storage.date) {
                try $0.decode(Int32.self)
            }
        case .interval, .unknown:
            vector = try Self.dense(container, type, Value.null, ColumnVector.Storage.values) {
                try Self.decodeInterval(&$0, type)
            }
        }
    }

    private static func decodeInterval(
        _ container: inout any UnkeyedDecodingContainer, _ type: ColumnType
    ) throws -> Value {
        guard type == .interval else { throw ExchangeError(.malformed, "a value of unknown type") }
        var nested = try container.nestedUnkeyedContainer()
        return .interval(
            months: try nested.decode(Int32.self), days: try nested.decode(Int32.self),
            microseconds: try nested.decode(Int64.self))
    }

    private static func dense<T>(
        _ start: any UnkeyedDecodingContainer, _ type: ColumnType, _ missing: T,
        _ storage: ([T]) -> ColumnVector.Storage,
        _ decode: (inout any UnkeyedDecodingContainer) throws -> T
    ) throws -> ColumnVector {
        var container = start
        var values: [T] = []
        var nulls: [Bool]?
        values.reserveCapacity(container.count ?? 0)
        while !container.isAtEnd {
            if try container.decodeNil() {
                if nulls == nil { nulls = [Bool](repeating: false, count: values.count) }
                nulls?.append(true)
                values.append(missing)
            } else {
                nulls?.append(false)
                values.append(try decode(&container))
            }
        }
        return ColumnVector(type: type, storage: storage(values), nulls: nulls)
    }
}

/// A floating-point number in JSON, which has no NaN and no infinities.
struct WireDouble: Hashable, Sendable, Codable {
    let value: Double

    init(_ value: Double) { self.value = value }

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let number = try? container.decode(Double.self) {
            value = number
            return
        }
        switch try container.decode(String.self) {
        case "NaN": value = .nan
        case "Infinity": value = .infinity
        case "-Infinity": value = -.infinity
        default: throw ExchangeError(.malformed, "not a number")
        }
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        if value.isFinite {
            try container.encode(value)
        } else {
            try container.encode(value.isNaN ? "NaN" : value < 0 ? "-Infinity" : "Infinity")
        }
    }
}
