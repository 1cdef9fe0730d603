internal import Core

/// Rows in the formats of COPY (PostgreSQL 15, COPY, "File Formats").
struct CopyWriter {
    let rows: ResultRows
    let format: CopyFormat

    /// What goes before the rows.
    var head: [[UInt8]] {
        format.hasHeader && format.kind != .binary ? [line(rows.columns.map { field($0.name) })] : []
    }

    /// What goes behind the rows.
    var tail: [[UInt8]] {
        format.kind == .binary ? [(rows.table.rowCount == 0 ? Self.signature : []) + [0xFF, 0xFF]] : []
    }

    /// Flags and the length of an extension: none of either. It shares the first message with what follows, as with
    /// PostgreSQL: clients rely on it.
    private static let signature = Array("PGCOPY\n".utf8) + [0xFF, 0x0D, 0x0A, 0] + [0, 0, 0, 0, 0, 0, 0, 0]

    func line(_ row: Int) -> [UInt8] {
        guard format.kind == .binary else {
            return line(
                rows.columns.enumerated().map { place, column in
                    let value = value(place, row)
                    return value.isNull ? format.null : field(ValueEncoding.text(value, column.oid))
                })
        }
        var wire = WireBytes()
        if row == 0 { wire.bytes = Self.signature }
        wire.int16(rows.columns.count)
        for (place, column) in rows.columns.enumerated() {
            wire.field(ValueEncoding.encode(value(place, row), oid: column.oid, .binary))
        }
        return wire.bytes
    }

    private func value(_ column: Int, _ row: Int) -> Value { rows.table.columns[column].vector[row] }

    private func line(_ fields: [String]) -> [UInt8] {
        Array((fields.joined(separator: format.delimiter) + "\n").utf8)
    }

    /// A value that is not NULL.
    private func field(_ text: String) -> String { format.kind == .csv ? quoted(text) : escaped(text) }

    private func quoted(_ text: String) -> String {
        let isPlain =
            text != format.null && text != "\\."
            && !text.unicodeScalars.contains {
                $0 == "\"" || $0 == "\n" || $0 == "\r" || String($0) == format.delimiter
            }
        guard !isPlain else { return text }
        var result = String.UnicodeScalarView()
        result.append("\"")
        for scalar in text.unicodeScalars {
            if scalar == "\"" { result.append(scalar) }
            result.append(scalar)
        }
        result.append("\"")
        return String(result)
    }

    private func escaped(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\r": result += "\\r"
            case "\t": result += "\\t"
            case "\u{8}": result += "\\b"
            case "\u{C}": result += "\\f"
            case "\u{B}": result += "\\v"
            default:
                if String(scalar) == format.delimiter { result += "\\" }
                result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}
