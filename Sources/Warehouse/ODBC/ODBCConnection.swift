import CODBC
import Core
import Foundation

/// One connection by ODBC with one statement: used only on the thread of the session that owns it.
///
/// INVARIANT: handles live from `init` to `close`, which `deinit` calls; no pointer leaves this file but to
/// `ODBCCancellation`, which gives it back before it is freed.
final class ODBCConnection {
    private enum Kind { static let (environment, connection, statement): (Int16, Int16, Int16) = (1, 2, 3) }

    private static let noData: Int16 = 100
    /// Rows, and bytes of long values, that are gathered before they are handed over.
    private static let (batchRows, batchBytes) = (16_384, 8 << 20)

    private var environment: UnsafeMutableRawPointer?
    private var connection: UnsafeMutableRawPointer?
    private var statement: UnsafeMutableRawPointer?
    private var isConnected = false
    private let secrets: [String]
    private(set) var columns: [ODBCColumn] = []

    /// - Parameter timeout: seconds to wait for the server.
    init(_ text: ODBCConnectionText, timeout: Int) throws(ODBCError) {
        secrets = text.secrets
        try ODBCLibrary.load()
        do throws(ODBCError) {
            try connect(text, timeout)
            // psqlODBC holds a whole result unless it is told otherwise, which only a connection string can.
            let streaming = text.adding("UseDeclareFetch", "1").adding("Fetch", "4096")
            if information(6).lowercased().hasPrefix("psqlodbc"), streaming != text {
                close()
                try connect(streaming, timeout)
            }
            try prepareSession()
        } catch {
            close()
            throw error
        }
    }

    deinit { close() }

    // MARK: - Connecting

    private func connect(_ text: ODBCConnectionText, _ timeout: Int) throws(ODBCError) {
        try check(codbc_AllocHandle(Kind.environment, nil, &environment), Kind.environment, environment)
        // ODBC 3.
        try check(codbc_SetEnvAttr(environment, 200, number(3), 0), Kind.environment, environment)
        try check(codbc_AllocHandle(Kind.connection, environment, &connection), Kind.environment, environment)
        // A driver that cannot do one of these says so and goes on: access mode read only, seconds to log in.
        _ = codbc_SetConnectAttr(connection, 101, number(1), 0)
        _ = codbc_SetConnectAttr(connection, 103, number(timeout), 0)
        let units = Array(text.text.utf16)
        guard units.count <= Int(Int16.max) else {
            throw ODBCError("HY090", "the connection string is too long")
        }
        let code = units.withUnsafeBufferPointer {
            codbc_DriverConnectW(connection, nil, $0.baseAddress, Int16($0.count), nil, 0, nil, 0)
        }
        try check(code, Kind.connection, connection)
        isConnected = true
    }

    /// Nothing is ever committed: what a --query might change is rolled back.
    private func prepareSession() throws(ODBCError) {
        // Autocommit off.
        try check(codbc_SetConnectAttr(connection, 102, number(0), 0), Kind.connection, connection)
        guard information(17) == "PostgreSQL" else { return }
        try execute("SET TIME ZONE 'UTC'")
        try execute("SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY")
        // Both count from the next transaction on. SQL_COMMIT.
        try check(codbc_EndTran(Kind.connection, connection, 0), Kind.connection, connection)
    }

    /// A text that the driver says of itself.
    private func information(_ kind: UInt16) -> String {
        var text = [UInt8](repeating: 0, count: 256)
        var length: Int16 = 0
        let code = text.withUnsafeMutableBytes {
            codbc_GetInfo(connection, kind, $0.baseAddress, Int16($0.count), &length)
        }
        guard code == 0 || code == 1 else { return "" }
        return String(decoding: text.prefix { $0 != 0 }, as: UTF8.self)
    }

    /// Quotes the parts of a name as the server does.
    func quoted(_ parts: [String]) -> String {
        let quote = information(29)
        let end = quote == "[" ? "]" : quote
        var fold: UInt16 = 0
        _ = withUnsafeMutableBytes(of: &fold) {
            codbc_GetInfo(connection, 28, $0.baseAddress, Int16($0.count), nil)
        }
        return parts.map { part in
            let isPlain = part.utf8.allSatisfy { (0x61...0x7A).contains($0) || $0 == 0x5F }
            // A blank says that there are no quotes. Where names are folded to upper case, one in small letters
            // was meant to be folded.
            if quote.allSatisfy(\.isWhitespace) || (fold == 1 && isPlain) { return part }
            let inner = part.unicodeScalars.map { String($0) == end ? end + end : String($0) }
            return quote + inner.joined() + end
        }.joined(separator: ".")
    }

    // MARK: - A statement

    private func execute(_ sql: String) throws(ODBCError) {
        var handle: UnsafeMutableRawPointer?
        try check(codbc_AllocHandle(Kind.statement, connection, &handle), Kind.connection, connection)
        defer { _ = codbc_FreeHandle(Kind.statement, handle) }
        let units = Array(sql.utf16)
        let code = units.withUnsafeBufferPointer {
            codbc_ExecDirectW(handle, $0.baseAddress, Int32($0.count))
        }
        try check(code, Kind.statement, handle)
    }

    /// Says what a statement will give.
    /// - Returns: its handle, for cancelling.
    func prepare(_ sql: String) throws(ODBCError) -> UnsafeMutableRawPointer {
        try check(codbc_AllocHandle(Kind.statement, connection, &statement), Kind.connection, connection)
        guard let statement else { throw .closed }
        let units = Array(sql.utf16)
        let code = units.withUnsafeBufferPointer {
            codbc_PrepareW(statement, $0.baseAddress, Int32($0.count))
        }
        try check(code, Kind.statement, statement)
        var count: Int16 = 0
        try check(codbc_NumResultCols(statement, &count), Kind.statement, statement)
        guard count > 0 else {
            throw ODBCError("07005", "the statement gives no rows: --query takes one SELECT")
        }
        columns = []
        for place in 1...UInt16(count) { columns.append(try describe(place, statement)) }
        return statement
    }

    private func describe(
        _ place: UInt16, _ statement: UnsafeMutableRawPointer
    ) throws(ODBCError) -> ODBCColumn {
        var name = [UInt16](repeating: 0, count: 512)
        var (length, type, digits, nullable): (Int16, Int16, Int16, Int16) = (0, 0, 0, 0)
        var size: UInt64 = 0
        let code = codbc_DescribeColW(
            statement, place, &name, Int16(name.count), &length, &type, &size, &digits, &nullable)
        try check(code, Kind.statement, statement)
        let text = String(decoding: name.prefix(max(0, min(Int(length), name.count - 1))), as: UTF16.self)
        return ODBCColumn(name: text, type: type, size: size)
    }

    /// Runs what was prepared and hands its rows over as text.
    func read(_ isCancelled: () -> Bool, _ body: (Table) throws -> Void) throws {
        guard let statement else { throw ODBCError.closed }
        if columns.allSatisfy({ $0.width != nil }) {
            try readBlocks(statement, isCancelled, body)
        } else {
            try readRows(statement, isCancelled, body)
        }
    }

    /// A block of rows a fetch.
    private func readBlocks(
        _ statement: UnsafeMutableRawPointer, _ isCancelled: () -> Bool, _ body: (Table) throws -> Void
    ) throws {
        let block = ODBCBlock(columns)
        defer { unbind(statement) }
        // Size, states and number of the rows of a block.
        try check(codbc_SetStmtAttr(statement, 27, number(block.rows), 0), Kind.statement, statement)
        try check(codbc_SetStmtAttr(statement, 25, block.states, 0), Kind.statement, statement)
        try check(codbc_SetStmtAttr(statement, 26, block.fetched, 0), Kind.statement, statement)
        for (place, column) in columns.enumerated() {
            let code = codbc_BindCol(
                statement, UInt16(place + 1), column.form.ctype, block.values[place],
                Int64(block.widths[place]), block.lengths[place])
            try check(code, Kind.statement, statement)
        }
        try check(codbc_Execute(statement), Kind.statement, statement)
        var texts = columns.map { _ in ODBCTexts() }
        while try fetch(statement, isCancelled) {
            let count = Int(clamping: block.fetched.pointee)
            // SQL_ROW_ERROR.
            guard !(0..<count).contains(where: { block.states[$0] == 5 }) else { throw unreadable(statement) }
            try block.move(into: &texts)
            if texts[0].count >= Self.batchRows { try hand(&texts, body) }
        }
        try hand(&texts, body)
    }

    private func unbind(_ statement: UnsafeMutableRawPointer) {
        // SQL_CLOSE, SQL_UNBIND.
        _ = codbc_FreeStmt(statement, 0)
        _ = codbc_FreeStmt(statement, 2)
        _ = codbc_SetStmtAttr(statement, 25, nil, 0)
        _ = codbc_SetStmtAttr(statement, 26, nil, 0)
    }

    /// A row a fetch, each value in as many pieces as it takes, from the first column to the last: what every
    /// driver can do where a column has no length.
    private func readRows(
        _ statement: UnsafeMutableRawPointer, _ isCancelled: () -> Bool, _ body: (Table) throws -> Void
    ) throws {
        try check(codbc_Execute(statement), Kind.statement, statement)
        defer { _ = codbc_FreeStmt(statement, 0) }
        var texts = columns.map { _ in ODBCTexts() }
        var piece = ODBCPiece()
        var bytes = 0
        while try fetch(statement, isCancelled) {
            for place in columns.indices {
                let form = columns[place].form
                guard try take(UInt16(place + 1), form, statement, &piece) else {
                    texts[place].appendNull()
                    continue
                }
                bytes += piece.count
                piece.withBytes { texts[place].append(form, at: $0, length: piece.count) }
            }
            if texts[0].count >= Self.batchRows || bytes >= Self.batchBytes {
                try hand(&texts, body)
                bytes = 0
            }
        }
        try hand(&texts, body)
    }

    /// - Returns: false for NULL.
    private func take(
        _ column: UInt16, _ form: ODBCColumn.Form, _ statement: UnsafeMutableRawPointer,
        _ piece: inout ODBCPiece
    ) throws(ODBCError) -> Bool {
        piece.begin()
        let end = form == .wide ? 2 : (form == .narrow || form == .moment ? 1 : 0)
        while true {
            var length: Int64 = 0
            let room = piece.room
            let code = piece.withRoom {
                codbc_GetData(statement, column, form.ctype, $0, Int64(room), &length)
            }
            if code == Self.noData { return true }
            try check(code, Kind.statement, statement)
            if length == ODBCBlock.isNull { return false }
            // SQL_NO_TOTAL, or more than there was room for: the room is full but for the end.
            let isWhole = length >= 0 && (end == 0 || length <= Int64(room - end))
            guard !isWhole else {
                piece.add(Int(length))
                return true
            }
            piece.add(form == .wide ? (room - end) / 2 * 2 : room - end)
            piece.grow(to: length > 0 ? Int(length) : 0)
        }
    }

    private func hand(_ texts: inout [ODBCTexts], _ body: (Table) throws -> Void) throws {
        let count = texts.first?.count ?? 0
        let taken = texts.indices.map { texts[$0].take(name: columns[$0].name) }
        try body(Table(columns: taken, rowCount: count))
    }

    private func fetch(
        _ statement: UnsafeMutableRawPointer, _ isCancelled: () -> Bool
    ) throws(ODBCError) -> Bool {
        guard !isCancelled() else { throw .cancelled }
        let code = codbc_Fetch(statement)
        guard !isCancelled() else { throw .cancelled }
        if code == Self.noData { return false }
        try check(code, Kind.statement, statement)
        return true
    }

    // MARK: - Ends and errors

    func close() {
        if let statement { _ = codbc_FreeHandle(Kind.statement, statement) }
        statement = nil
        if isConnected {
            // SQL_ROLLBACK.
            _ = codbc_EndTran(Kind.connection, connection, 1)
            _ = codbc_Disconnect(connection)
        }
        isConnected = false
        if let connection { _ = codbc_FreeHandle(Kind.connection, connection) }
        connection = nil
        if let environment { _ = codbc_FreeHandle(Kind.environment, environment) }
        environment = nil
    }

    private func number(_ value: Int) -> UnsafeMutableRawPointer? {
        UnsafeMutableRawPointer(bitPattern: value)
    }

    private func unreadable(_ statement: UnsafeMutableRawPointer) -> ODBCError {
        diagnosis(Kind.statement, statement)
    }

    private func check(_ code: Int16, _ kind: Int16, _ handle: UnsafeMutableRawPointer?) throws(ODBCError) {
        guard code != 0, code != 1 else { return }
        throw diagnosis(kind, handle)
    }

    private func diagnosis(_ kind: Int16, _ handle: UnsafeMutableRawPointer?) -> ODBCError {
        var state = [UInt16](repeating: 0, count: 6)
        var message = [UInt16](repeating: 0, count: 2_048)
        var (native, length): (Int32, Int16) = (0, 0)
        let code = codbc_GetDiagRecW(
            kind, handle, 1, &state, &native, &message, Int16(message.count), &length)
        guard code == 0 || code == 1 else {
            return ODBCError("HY000", "the ODBC source failed and does not say why")
        }
        let name = String(decoding: state.prefix(5), as: UTF16.self)
        if name == "HY008" { return .cancelled }
        return ODBCError(
            state: name, native: native,
            message: String(
                decoding: message.prefix(max(0, min(Int(length), message.count - 1))), as: UTF16.self),
            isConnecting: !isConnected, secrets: secrets)
    }
}

/// A value on its way, in as many pieces as the driver gives.
struct ODBCPiece {
    private var bytes = [UInt8](repeating: 0, count: 4_096)
    private(set) var count = 0
    /// No value is longer: a document in a column is none that a mapping reads.
    private static let most = 64 << 20

    var room: Int { bytes.count - count }

    mutating func begin() { count = 0 }

    mutating func add(_ length: Int) { count = min(bytes.count, count + length) }

    /// - Parameter rest: bytes that are known to come, or 0.
    mutating func grow(to rest: Int) {
        let wanted = max(bytes.count * 2, count + min(rest, Self.most) + 16)
        bytes.append(contentsOf: repeatElement(0, count: wanted - bytes.count))
    }

    mutating func withRoom(_ body: (UnsafeMutableRawPointer) -> Int16) -> Int16 {
        let start = count
        return bytes.withUnsafeMutableBytes { whole in
            whole.baseAddress.map { body($0 + start) } ?? -1
        }
    }

    func withBytes(_ body: (UnsafeRawPointer) -> Void) {
        bytes.withUnsafeBytes { if let start = $0.baseAddress { body(start) } }
    }
}
