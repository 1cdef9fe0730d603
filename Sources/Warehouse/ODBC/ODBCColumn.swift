import CODBC
import Core

/// A column of an ODBC result, as the driver describes it, and how its values are fetched.
///
/// Type numbers: ODBC 3.8's sql.h and sqlext.h; below -150 those of Microsoft's driver (msodbcsql.h).
struct ODBCColumn {
    /// What a value is fetched as.
    enum Form: Equatable {
        /// UTF-16: drivers convert what they hold to it exactly.
        case wide
        /// ASCII: numbers, GUIDs, times of day, bytes in hexadecimal digits.
        case narrow
        /// A moment with an offset, as text.
        case moment
        case whole, double, float, bit, date, timestamp

        var ctype: Int16 {
            switch self {
            case .wide: -8
            case .narrow, .moment: 1
            case .whole: -25
            case .double: 8
            case .float: 7
            case .bit: -7
            case .date: 91
            case .timestamp: 93
            }
        }
    }

    let name: String
    let form: Form
    /// Bytes that the longest value takes with its end; nil for what has no such length and is fetched in pieces.
    let width: Int?

    /// The longest text, in characters, that is fetched with its block.
    private static let longestBound = 8_000

    init(name: String, type: Int16, size: UInt64) {
        self.name = name
        let length = Int(clamping: size)
        let hasLength = (1...Self.longestBound).contains(length)
        switch type {
        // Of a number without a declared length drivers say the length that they like.
        case 2, 3: (form, width) = (.narrow, hasLength ? max(128, length + 4) : 128)
        case 4, 5, -6: (form, width) = (.whole, 8)
        // As text: a driver says nothing of signs, and 64 bits without one do not fit.
        case -5: (form, width) = (.narrow, 24)
        case 6, 8: (form, width) = (.double, 8)
        case 7: (form, width) = (.float, 4)
        case -7: (form, width) = (.bit, 1)
        case 9, 91: (form, width) = (.date, MemoryLayout<codbc_date>.stride)
        case 11, 93: (form, width) = (.timestamp, MemoryLayout<codbc_timestamp>.stride)
        case 10, 92, -154: (form, width) = (.narrow, 48)
        case -155: (form, width) = (.moment, 64)
        case -11: (form, width) = (.narrow, 40)
        case -2, -3: (form, width) = (.narrow, hasLength ? 2 * length + 1 : nil)
        case -4, -151: (form, width) = (.narrow, nil)
        // A character beyond the basic plane takes two units.
        case 1, 12, -8, -9: (form, width) = (.wide, hasLength ? 4 * length + 2 : nil)
        default: (form, width) = (.wide, nil)
        }
    }
}

/// Gathers the values of a column as text, in UTF-8.
struct ODBCTexts {
    private var texts = PackedTexts.Builder()
    private var nulls: [Bool] = []
    private var hasNulls = false
    private var scratch: [UInt8] = []

    var count: Int { texts.count }

    mutating func appendNull() {
        texts.appendEmpty()
        nulls.append(true)
        hasNulls = true
    }

    mutating func append(_ text: String) {
        var text = text
        text.withUTF8 { texts.append($0) }
        nulls.append(false)
    }

    mutating func append(ascii bytes: UnsafeBufferPointer<UInt8>) {
        texts.append(bytes)
        nulls.append(false)
    }

    /// UTF-16; what is no character becomes U+FFFD.
    mutating func append(wide units: UnsafeBufferPointer<UInt16>) {
        guard units.allSatisfy({ $0 < 0x80 }) else { return append(String(decoding: units, as: UTF16.self)) }
        scratch.removeAll(keepingCapacity: true)
        for unit in units { scratch.append(UInt8(truncatingIfNeeded: unit)) }
        scratch.withUnsafeBufferPointer { texts.append($0) }
        nulls.append(false)
    }

    /// A value as the driver put it at `place`: `length` bytes.
    mutating func append(_ form: ODBCColumn.Form, at place: UnsafeRawPointer, length: Int) {
        switch form {
        case .wide:
            append(
                wide: UnsafeBufferPointer(
                    start: place.assumingMemoryBound(to: UInt16.self), count: length / 2))
        case .narrow:
            append(
                ascii: UnsafeBufferPointer(
                    start: place.assumingMemoryBound(to: UInt8.self), count: length))
        case .moment:
            let bytes = UnsafeRawBufferPointer(start: place, count: length)
            append(ODBCMoment.utc(String(decoding: bytes, as: UTF8.self)))
        case .whole: append("\(place.loadUnaligned(as: Int64.self))")
        case .double: append("\(place.loadUnaligned(as: Double.self))")
        case .float: append("\(place.loadUnaligned(as: Float.self))")
        case .bit: append(place.load(as: UInt8.self) == 0 ? "0" : "1")
        case .date: append(ODBCMoment.text(place.loadUnaligned(as: codbc_date.self)))
        case .timestamp: append(ODBCMoment.text(place.loadUnaligned(as: codbc_timestamp.self)))
        }
    }

    /// What has been gathered; begins anew with no rows.
    mutating func take(name: String) -> Table.Column {
        let column = Table.Column(
            name: name,
            vector: ColumnVector(type: .text, storage: .packed(texts.finish()), nulls: hasNulls ? nulls : nil)
        )
        (texts, nulls, hasNulls) = (PackedTexts.Builder(), [], false)
        return column
    }
}

/// Days and moments as mappings read them.
enum ODBCMoment {
    static func text(_ date: codbc_date) -> String {
        "\(pad(Int(date.year), 4))-\(pad(Int(date.month), 2))-\(pad(Int(date.day), 2))"
    }

    static func text(_ moment: codbc_timestamp) -> String {
        let day = text(codbc_date(year: moment.year, month: moment.month, day: moment.day))
        let clock = [moment.hour, moment.minute, moment.second].map { pad(Int($0), 2) }
            .joined(separator: ":")
        let micros = Int(moment.fraction / 1_000)
        return "\(day) \(clock)" + (micros == 0 ? "" : "." + pad(micros, 6))
    }

    /// `2026-04-01 12:30:00.5000000 +02:00` as the same moment in UTC, without an offset; anything else as it is.
    static func utc(_ text: String) -> String {
        let parts = text.split(separator: " ")
        guard parts.count == 3, let day = Civil.parseDate(parts[0]), let offset = minutes(parts[2]) else {
            return text
        }
        let clock = parts[1].split(separator: ".", maxSplits: 1)
        let units = clock.first?.split(separator: ":").compactMap { Int($0) } ?? []
        guard units.count == 3 else { return text }
        let fraction = clock.count == 2 ? String((clock[1] + "000000").prefix(6)) : "0"
        guard let micros = Int64(fraction) else { return text }
        let seconds = day * 86_400 + units[0] * 3_600 + (units[1] - offset) * 60 + units[2]
        return Civil.formatTimestamp(Int64(seconds) * 1_000_000 + micros)
    }

    /// `+02:00` in minutes.
    private static func minutes(_ text: Substring) -> Int? {
        let parts = text.dropFirst().split(separator: ":").compactMap { Int($0) }
        guard parts.count == 2, let sign = text.first, sign == "+" || sign == "-" else { return nil }
        return (parts[0] * 60 + parts[1]) * (sign == "-" ? -1 : 1)
    }

    private static func pad(_ number: Int, _ width: Int) -> String {
        let digits = String(abs(number))
        let zeros = String(repeating: "0", count: max(0, width - digits.count))
        return (number < 0 ? "-" : "") + zeros + digits
    }
}
