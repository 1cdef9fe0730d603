import Core

/// Room for the rows that one fetch brings: for each column an array of values and one of lengths.
///
/// INVARIANT: its memory is bound to a statement; it lives until that statement's columns are unbound.
final class ODBCBlock {
    /// SQL_NULL_DATA.
    static let isNull: Int64 = -1

    /// What one block may take.
    private static let bytes = 4 << 20
    private static let mostRows = 4_096

    let columns: [ODBCColumn]
    let rows: Int
    let values: [UnsafeMutableRawPointer]
    let lengths: [UnsafeMutablePointer<Int64>]
    let widths: [Int]
    let fetched = UnsafeMutablePointer<UInt64>.allocate(capacity: 1)
    let states: UnsafeMutablePointer<UInt16>

    /// - Parameter columns: all of which have a width.
    init(_ columns: [ODBCColumn]) {
        self.columns = columns
        widths = columns.map { max(1, $0.width ?? 1) }
        let perRow = widths.reduce(0) { $0 + $1 + 8 }
        let rows = min(Self.mostRows, max(1, Self.bytes / max(1, perRow)))
        self.rows = rows
        values = widths.map { .allocate(byteCount: $0 * rows, alignment: 16) }
        lengths = columns.map { _ in .allocate(capacity: rows) }
        states = .allocate(capacity: rows)
        states.initialize(repeating: 0, count: rows)
        fetched.initialize(to: 0)
    }

    deinit {
        for value in values { value.deallocate() }
        for length in lengths { length.deallocate() }
        states.deallocate()
        fetched.deallocate()
    }

    /// Moves the rows that were fetched into texts.
    /// - Throws: for a value that is longer than its column says: it was cut.
    func move(into texts: inout [ODBCTexts]) throws(ODBCError) {
        let count = Int(clamping: fetched.pointee)
        for place in columns.indices {
            let form = columns[place].form
            // Room for the end that a driver puts behind a text.
            let end = form == .wide ? 2 : (form == .narrow || form == .moment ? 1 : 0)
            for row in 0..<count {
                let length = lengths[place][row]
                if length == Self.isNull {
                    texts[place].appendNull()
                } else if length < 0 || (end > 0 && length > Int64(widths[place] - end)) {
                    throw ODBCError(
                        "01004",
                        "column '\(columns[place].name)' of the ODBC source holds a value longer than it declares: "
                            + "cast it in a --query")
                } else {
                    texts[place].append(
                        form, at: values[place] + row * widths[place], length: Int(length))
                }
            }
        }
    }
}
