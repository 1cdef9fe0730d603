/// Reads CSV as RFC 4180 defines it: quoted fields, doubled quotes, CRLF or LF.
package enum CSVReader {
    /// All records with the line each begins on; blank lines are left out.
    /// - Throws: `CatalogFault` at the line of a quote that does not end or does not stand at a field's edge.
    package static func records(
        _ bytes: some Sequence<UInt8>
    ) throws(CatalogFault) -> [(line: Int, fields: [String])] {
        var parser = Parser()
        for byte in bytes { try parser.take(byte) }
        return try parser.end()
    }

    private struct Parser {
        private enum State {
            case start
            case bare
            case quoted
            case quoteInQuoted
        }

        private var records: [(line: Int, fields: [String])] = []
        private var fields: [String] = []
        private var field: [UInt8] = []
        private var state = State.start
        private var line = 1
        private var begin = 1

        mutating func take(_ byte: UInt8) throws(CatalogFault) {
            switch (state, byte) {
            case (.quoted, 0x22): state = .quoteInQuoted
            case (.quoted, _):
                if byte == 0x0A { line += 1 }
                field.append(byte)
            case (.quoteInQuoted, 0x22):
                field.append(byte)
                state = .quoted
            case (_, 0x2C): endField()
            case (_, 0x0A): endRecord()
            case (_, 0x0D): break
            case (.start, 0x22): state = .quoted
            case (.quoteInQuoted, _), (.bare, 0x22):
                throw CatalogFault(path: "line \(line)", message: "a quote stands inside a field")
            default:
                field.append(byte)
                state = .bare
            }
        }

        private mutating func endField() {
            fields.append(String(decoding: field, as: UTF8.self))
            field.removeAll(keepingCapacity: true)
            state = .start
        }

        private mutating func endRecord() {
            let isBlank = fields.isEmpty && field.isEmpty && state == .start
            endField()
            if !isBlank { records.append((begin, fields)) }
            fields = []
            line += 1
            begin = line
        }

        mutating func end() throws(CatalogFault) -> [(line: Int, fields: [String])] {
            if state == .quoted { throw CatalogFault(path: "line \(begin)", message: "a quote does not end") }
            if !fields.isEmpty || !field.isEmpty || state != .start { endRecord() }
            return records
        }
    }
}
