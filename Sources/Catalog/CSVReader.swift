/// Reads CSV as RFC 4180 defines it: quoted fields, doubled quotes, CRLF or LF.
package enum CSVReader {
    /// All records with the line each begins on; blank lines and a leading byte order mark are left out.
    /// - Throws: `CatalogFault` at the line of a quote that does not end or does not stand at a field's edge.
    package static func records(
        _ bytes: some Sequence<UInt8>
    ) throws(CatalogFault) -> [(line: Int, fields: [String])] {
        var records: [(line: Int, fields: [String])] = []
        try forEach(bytes) { (line, fields) throws(CatalogFault) in records.append((line, fields)) }
        return records
    }

    /// As `records`, one after the other: memory stays flat.
    package static func forEach(
        _ bytes: some Sequence<UInt8>, _ body: (Int, [String]) throws(CatalogFault) -> Void
    ) throws(CatalogFault) {
        var reader = Stream()
        for byte in bytes {
            if let record = try reader.take(byte) { try body(record.line, record.fields) }
        }
        if let record = try reader.end() { try body(record.line, record.fields) }
    }

    /// Reads what comes in pieces.
    package struct Stream {
        private var parser = Parser()
        private var mark = 0

        package init() {}

        /// - Returns: the record that the byte ends, if it ends one.
        package mutating func take(_ byte: UInt8) throws(CatalogFault) -> (line: Int, fields: [String])? {
            if mark < 3 {
                if byte == [0xEF, 0xBB, 0xBF][mark] {
                    mark += 1
                    return nil
                }
                let held = mark
                mark = 3
                for place in 0..<held { try parser.take([0xEF, 0xBB, 0xBF][place]) }
            }
            try parser.take(byte)
            return parser.popRecord()
        }

        /// - Returns: the last record, where no line feed ended it.
        package mutating func end() throws(CatalogFault) -> (line: Int, fields: [String])? {
            try parser.end()
            return parser.popRecord()
        }
    }

    private struct Parser {
        private enum State {
            case start
            case bare
            case quoted
            case quoteInQuoted
        }

        private var record: (line: Int, fields: [String])?
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
            if !isBlank { record = (begin, fields) }
            fields = []
            line += 1
            begin = line
        }

        mutating func end() throws(CatalogFault) {
            if state == .quoted { throw CatalogFault(path: "line \(begin)", message: "a quote does not end") }
            if !fields.isEmpty || !field.isEmpty || state != .start { endRecord() }
        }

        /// The record that has ended since the last call.
        mutating func popRecord() -> (line: Int, fields: [String])? {
            guard let ended = record else { return nil }
            record = nil
            return ended
        }
    }
}
