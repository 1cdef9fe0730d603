internal import Core
internal import Foundation

/// The time, in the forms that documents use.
enum Clock {
    /// Milliseconds since the epoch.
    static var now: Int64 { Int64(Date().timeIntervalSince1970 * 1000) }

    /// RFC 3339 in UTC, whole seconds.
    static func text(_ milliseconds: Int64) -> String {
        let seconds = Civil.formatTimestamp(milliseconds / 1000 * 1_000_000)
        return seconds.replacing(" ", with: "T") + "Z"
    }

    /// Days from now, the last one counted though it is not whole; 0 where it is over.
    static func daysLeft(_ until: Int64) -> Int {
        Int((max(0, until - now) + 86_399_999) / 86_400_000)
    }

    static func days(_ milliseconds: Int64) -> Int32 { Int32(milliseconds / 86_400_000) }
}

/// JSON of the node's own records: sorted keys, so that equal values have equal bytes.
enum JSON {
    static func encode(_ value: some Encodable) throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return Array(try encoder.encode(value))
    }

    static func decode<T: Decodable>(_ type: T.Type, from bytes: [UInt8]) throws -> T {
        try JSONDecoder().decode(type, from: Data(bytes))
    }
}
