import CDuckDB
import Core

/// Appends rows to a table, a data chunk at a time.
struct DuckDBAppender: ~Copyable {
    private let handle: duckdb_appender?

    /// - Parameter columns: the columns that will be given, in order; the others take their defaults.
    init(_ table: QualifiedName, columns: [String], on connection: OpaquePointer) throws(EngineError) {
        var appender: duckdb_appender?
        let outcome = cduckdb_appender_create(connection, table.schema, table.name, &appender)
        do {
            try Self.check(outcome, appender)
            for column in columns { try Self.check(cduckdb_appender_add_column(appender, column), appender) }
        } catch {
            cduckdb_appender_destroy(&appender)
            throw error
        }
        handle = appender
    }

    deinit {
        var handle = handle
        cduckdb_appender_destroy(&handle)
    }

    func append(_ columns: [Table.Column], rowCount: Int, interruption: Interruption) throws(EngineError) {
        var types = columns.map { cduckdb_create_logical_type(Self.type(of: $0.type)) }
        var chunk = cduckdb_create_data_chunk(&types, idx_t(types.count))
        defer {
            cduckdb_destroy_data_chunk(&chunk)
            for index in types.indices { cduckdb_destroy_logical_type(&types[index]) }
        }
        let size = Int(cduckdb_vector_size())
        for start in stride(from: 0, to: rowCount, by: size) {
            if interruption.isRequested { throw .cancelled }
            let rows = start..<min(start + size, rowCount)
            cduckdb_data_chunk_reset(chunk)
            for (index, column) in columns.enumerated() {
                Self.write(column.vector, rows, to: cduckdb_data_chunk_get_vector(chunk, idx_t(index)))
            }
            cduckdb_data_chunk_set_size(chunk, idx_t(rows.count))
            // Packed texts are read where they lie: the chunk is copied here.
            let outcome = withExtendedLifetime(columns) { cduckdb_append_data_chunk(handle, chunk) }
            try Self.check(outcome, handle)
        }
    }

    /// Writes out what is buffered.
    func close() throws(EngineError) {
        try Self.check(cduckdb_appender_close(handle), handle)
    }

    private static func check(_ outcome: Int32, _ handle: duckdb_appender?) throws(EngineError) {
        guard outcome != 0 else { return }
        var error = cduckdb_appender_error_data(handle)
        defer { cduckdb_destroy_error_data(&error) }
        throw .duckdb(cduckdb_error_data_message(error))
    }

    /// The type in which a chunk carries a column; DuckDB casts it to the table's.
    private static func type(of type: ColumnType) -> Int32 {
        let id =
            switch type {
            case .boolean: CDUCKDB_BOOLEAN
            case .integer, .bigint: CDUCKDB_BIGINT
            case .numeric, .double: CDUCKDB_DOUBLE
            case .text, .unknown: CDUCKDB_VARCHAR
            case .date: CDUCKDB_DATE
            case .timestamp: CDUCKDB_TIMESTAMP
            case .interval: CDUCKDB_INTERVAL
            }
        return Int32(id)
    }

    private static func write(_ column: ColumnVector, _ rows: Range<Int>, to vector: OpaquePointer?) {
        guard let data = cduckdb_vector_get_data(vector) else { return }
        switch column.storage {
        case .boolean(let array): copy(array, rows, to: data)
        case .int64(let array): copy(array, rows, to: data)
        case .double(let array): copy(array, rows, to: data)
        case .date(let array): copy(array, rows, to: data)
        case .text(let array):
            for (index, row) in rows.enumerated() where column.nulls?[row] != true {
                var text = array[row]
                text.withUTF8 { bytes in
                    bytes.withMemoryRebound(to: CChar.self) {
                        cduckdb_vector_assign_string_element_len(
                            vector, idx_t(index), $0.baseAddress, idx_t($0.count))
                    }
                }
            }
        case .packed(let array): point(array, rows, column.nulls, to: data)
        case .values(let array):
            let intervals = data.assumingMemoryBound(to: duckdb_interval.self)
            for (index, row) in rows.enumerated() {
                guard case .interval(let months, let days, let microseconds) = array[row] else { continue }
                intervals[index] = duckdb_interval(months: months, days: days, micros: microseconds)
            }
        }
        if let nulls = column.nulls { writeNulls(nulls, rows, to: vector) }
    }

    /// Texts of up to 12 bytes go into the vector, of longer ones their place.
    private static func point(
        _ texts: PackedTexts, _ rows: Range<Int>, _ nulls: [Bool]?, to data: UnsafeMutableRawPointer
    ) {
        for (index, row) in rows.enumerated() where nulls?[row] != true {
            let text = texts.bytes(row)
            let entry = data + index * MemoryLayout<duckdb_string>.stride
            entry.initializeMemory(as: UInt8.self, repeating: 0, count: MemoryLayout<duckdb_string>.stride)
            entry.storeBytes(of: UInt32(text.count), as: UInt32.self)
            guard let start = text.baseAddress else { continue }
            (entry + 4).copyMemory(from: start, byteCount: text.count <= 12 ? text.count : 4)
            if text.count > 12 { (entry + 8).storeBytes(of: start, as: UnsafePointer<UInt8>.self) }
        }
    }

    private static func copy<Element: BitwiseCopyable>(
        _ array: [Element], _ rows: Range<Int>, to data: UnsafeMutableRawPointer
    ) {
        let stride = MemoryLayout<Element>.stride
        let target = UnsafeMutableRawBufferPointer(start: data, count: rows.count * stride)
        array.withUnsafeBytes {
            target.copyMemory(
                from: UnsafeRawBufferPointer(
                    rebasing: $0[(rows.lowerBound * stride)..<(rows.upperBound * stride)]))
        }
    }

    private static func writeNulls(_ nulls: [Bool], _ rows: Range<Int>, to vector: OpaquePointer?) {
        guard nulls[rows].contains(true) else { return }
        cduckdb_vector_ensure_validity_writable(vector)
        guard let words = cduckdb_vector_get_validity(vector) else { return }
        for (index, row) in rows.enumerated() where nulls[row] {
            words[index >> 6] &= ~(1 << UInt64(index & 63))
        }
    }
}
