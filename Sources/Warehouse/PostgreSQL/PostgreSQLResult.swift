import CPostgreSQL
import Core

/// A result of libpq, or a part of one in single-row mode.
struct PostgreSQLResult: ~Copyable {
    fileprivate let handle: OpaquePointer

    init(_ handle: OpaquePointer) { self.handle = handle }

    deinit { PQclear(handle) }

    var status: ExecStatusType { PQresultStatus(handle) }

    var rowCount: Int { Int(PQntuples(handle)) }

    /// The error it bears, if it bears one.
    /// - Parameter wasInterrupted: whether we asked the server to cancel; it says the same of its own
    ///   time-out.
    func error(wasInterrupted: Bool) -> EngineError? {
        switch status {
        case PGRES_FATAL_ERROR, PGRES_BAD_RESPONSE, PGRES_NONFATAL_ERROR: break
        case PGRES_COPY_IN, PGRES_COPY_OUT, PGRES_COPY_BOTH:
            return .statement(.featureNotSupported, detail: "COPY with the client")
        default: return nil
        }
        let detail = PQresultErrorMessage(handle).map { String(cString: $0) }
        let field = PQresultErrorField(handle, Int32(UInt8(ascii: "C")))
        guard let sqlstate = field.map({ String(cString: $0) }) else { return .connection(detail) }
        return .postgresql(sqlstate, detail: detail, wasInterrupted: wasInterrupted)
    }

    /// A reader for each column.
    func readers() throws(EngineError) -> [PostgreSQLColumnReader] {
        var readers: [PostgreSQLColumnReader] = []
        for column in 0..<PQnfields(handle) {
            let name = PQfname(handle, column).map { String(cString: $0) } ?? ""
            readers.append(try PostgreSQLColumnReader(name: name, oid: PQftype(handle, column)))
        }
        return readers
    }

    /// Appends all rows to the readers' columns.
    func read(into readers: [PostgreSQLColumnReader]) {
        for (column, reader) in readers.enumerated() {
            for row in 0..<PQntuples(handle) {
                if PQgetisnull(handle, row, Int32(column)) == 1 {
                    reader.builder.appendNull()
                } else {
                    let length = Int(PQgetlength(handle, row, Int32(column)))
                    reader.append(
                        UnsafeRawBufferPointer(start: PQgetvalue(handle, row, Int32(column)), count: length))
                }
            }
        }
    }
}

extension EngineError {
    /// - Parameter sqlstate: the server's own.
    static func postgresql(_ sqlstate: String, detail: String?, wasInterrupted: Bool) -> EngineError {
        switch sqlstate {
        case "57014" where wasInterrupted: .cancelled
        case "57014":
            EngineError(
                .timedOut, .queryCanceled, "the statement took longer than the warehouse allows",
                operatorDetail: detail)
        case "53200": .outOfMemory(detail)
        // The server's answer to a Bind message with too few or too many values.
        case "08P01": .wrongParameterCount
        case _ where sqlstate.hasPrefix("08") || sqlstate.hasPrefix("57P"): .connection(detail)
        default: .statement(SQLState(rawValue: sqlstate), detail: detail)
        }
    }
}
