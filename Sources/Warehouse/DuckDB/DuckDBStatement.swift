import CDuckDB
import Core
import Glibc

/// The statements of one SQL text, parsed but not yet bound.
struct DuckDBScript: ~Copyable {
    private let connection: OpaquePointer
    private let handle: duckdb_extracted_statements?
    let count: Int

    init(_ sql: String, on connection: OpaquePointer) throws(EngineError) {
        guard !sql.utf8.contains(0) else { throw .statement(.syntaxError, detail: "NUL in SQL") }
        var statements: duckdb_extracted_statements?
        let count = Int(cduckdb_extract_statements(connection, sql, &statements))
        if count == 0, let message = cduckdb_extract_statements_error(statements) {
            let error = EngineError.duckdb(message)
            cduckdb_destroy_extracted(&statements)
            throw error
        }
        self.connection = connection
        self.handle = statements
        self.count = count
    }

    deinit {
        var handle = handle
        cduckdb_destroy_extracted(&handle)
    }

    /// Binds one statement. Those before it must have run: it may use what they made.
    func prepare(_ index: Int) throws(EngineError) -> DuckDBStatement {
        var statement: duckdb_prepared_statement?
        guard cduckdb_prepare_extracted_statement(connection, handle, idx_t(index), &statement) == 0,
            let statement
        else {
            let error = EngineError.duckdb(cduckdb_prepare_error(statement))
            cduckdb_destroy_prepare(&statement)
            throw error
        }
        return DuckDBStatement(connection: connection, handle: statement)
    }
}

/// A bound statement.
struct DuckDBStatement: ~Copyable {
    private let connection: OpaquePointer
    private let handle: OpaquePointer

    fileprivate init(connection: OpaquePointer, handle: OpaquePointer) {
        self.connection = connection
        self.handle = handle
    }

    deinit {
        var handle: duckdb_prepared_statement? = handle
        cduckdb_destroy_prepare(&handle)
    }

    func bind(_ parameters: [Value]) throws(EngineError) {
        guard Int(cduckdb_nparams(handle)) == parameters.count else { throw .wrongParameterCount }
        for (index, value) in parameters.enumerated() {
            guard bind(value, at: idx_t(index + 1)) == 0 else {
                throw .duckdb(cduckdb_prepare_error(handle))
            }
        }
    }

    private func bind(_ value: Value, at index: idx_t) -> Int32 {
        switch value {
        case .null: cduckdb_bind_null(handle, index)
        case .boolean(let value): cduckdb_bind_boolean(handle, index, value)
        case .integer(let value): cduckdb_bind_int64(handle, index, value)
        case .double(let value): cduckdb_bind_double(handle, index, value)
        case .text(let value):
            cduckdb_bind_varchar_length(handle, index, value, idx_t(value.utf8.count))
        case .date(let days): cduckdb_bind_date(handle, index, duckdb_date(days: days))
        case .timestamp(let micros): cduckdb_bind_timestamp(handle, index, duckdb_timestamp(micros: micros))
        case .interval(let months, let days, let microseconds):
            cduckdb_bind_interval(
                handle, index, duckdb_interval(months: months, days: days, micros: microseconds))
        }
    }

    /// Runs the statement.
    ///
    /// DuckDB forgets an interrupt that comes before the pending result exists, and keeps one that comes
    /// after: so it is repeated then. Merely to drop the pending result would leave DuckDB's workers at it,
    /// and the next statement would wait for them.
    /// - Parameter isStreaming: rows are made while they are fetched, instead of all at once.
    func run(isStreaming: Bool, interruption: Interruption) throws(EngineError) -> DuckDBResult {
        var pending: duckdb_pending_result?
        defer { cduckdb_destroy_pending(&pending) }
        let outcome =
            isStreaming
            ? cduckdb_pending_prepared_streaming(handle, &pending)
            : cduckdb_pending_prepared(handle, &pending)
        guard outcome == 0 else { throw .duckdb(cduckdb_pending_error(pending)) }
        if interruption.isRequested { cduckdb_interrupt(connection) }
        if !isStreaming, Self.work(on: pending) == CDUCKDB_PENDING_ERROR {
            throw .duckdb(cduckdb_pending_error(pending))
        }
        var result = duckdb_result()
        guard cduckdb_execute_pending(pending, &result) == 0 else {
            defer { cduckdb_destroy_result(&result) }
            throw .duckdb(cduckdb_result_error(&result))
        }
        return DuckDBResult(result)
    }

    /// Takes part in the work until there is a result or an error. While others have the rest of it, it waits:
    /// DuckDB itself would ask again and again, and take a core for that.
    /// - Returns: `CDUCKDB_PENDING_READY` or `CDUCKDB_PENDING_ERROR`.
    private static func work(on pending: duckdb_pending_result?) -> Int {
        var pause: UInt32 = 20
        while true {
            let state = Int(cduckdb_pending_execute_task(pending))
            switch state {
            case CDUCKDB_PENDING_NOT_READY: pause = 20
            case CDUCKDB_PENDING_NO_TASKS:
                usleep(pause)
                pause = min(pause * 2, 500)
            default: return state
            }
        }
    }
}

/// The result of a statement, read chunk by chunk.
struct DuckDBResult: ~Copyable {
    private var result: duckdb_result

    fileprivate init(_ result: duckdb_result) { self.result = result }

    deinit {
        var result = result
        cduckdb_destroy_result(&result)
    }

    /// A reader for each column.
    mutating func readers() throws -> [DuckDBColumnReader] {
        try (0..<cduckdb_column_count(&result)).map { index in
            var type = cduckdb_column_logical_type(&result, index)
            defer { cduckdb_destroy_logical_type(&type) }
            let name = cduckdb_column_name(&result, index).map { String(cString: $0) } ?? ""
            return try DuckDBColumnReader(name: name, logicalType: type)
        }
    }

    /// Appends the next chunk to the readers' columns.
    /// - Returns: how many rows it had; 0 at the end.
    mutating func readChunk(into readers: [DuckDBColumnReader]) throws(EngineError) -> Int {
        var chunk = cduckdb_fetch_chunk(result)
        guard chunk != nil else {
            if let message = cduckdb_result_error(&result) { throw .duckdb(message) }
            return 0
        }
        defer { cduckdb_destroy_data_chunk(&chunk) }
        let count = Int(cduckdb_data_chunk_get_size(chunk))
        for (index, reader) in readers.enumerated() {
            reader.append(cduckdb_data_chunk_get_vector(chunk, idx_t(index)), count: count)
        }
        return count
    }
}
