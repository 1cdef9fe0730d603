import Core

/// DuckDB's side of a session: used only on the session's thread.
final class DuckDBConnection: BlockingConnection {
    private let handle: DuckDBHandle
    private let interruption: Interruption

    init(_ database: DuckDBDatabase, interruption: Interruption) throws {
        let handle = try DuckDBHandle(database)
        self.handle = handle
        self.interruption = interruption
        interruption.attach { handle.interrupt() }
    }

    func execute(_ sql: String) throws {
        let script = try DuckDBScript(sql, on: handle.pointer)
        for index in 0..<script.count {
            if interruption.isRequested { throw EngineError.cancelled }
            let statement = try script.prepare(index)
            try statement.bind([])
            _ = try statement.run(isStreaming: false, interruption: interruption)
        }
    }

    func read(_ sql: String, parameters: [Value], batchRows: Int, _ body: (Table) throws -> Void) throws {
        let script = try DuckDBScript(sql, on: handle.pointer)
        guard script.count == 1 else { throw EngineError.notOneStatement }
        let statement = try script.prepare(0)
        try statement.bind(parameters)
        var result = try statement.run(isStreaming: batchRows != .max, interruption: interruption)
        let readers = try result.readers()
        let builders = readers.map(\.builder)
        var (gathered, batches) = (0, 0)
        do {
            while true {
                if interruption.isRequested { throw EngineError.cancelled }
                let rows = try result.readChunk(into: readers)
                gathered += rows
                if gathered >= batchRows || (rows == 0 && (gathered > 0 || batches == 0)) {
                    try body(builders.takeTable())
                    (gathered, batches) = (0, batches + 1)
                }
                if rows == 0 { return }
            }
        } catch {
            // DuckDB's workers may still be making rows that nobody will read.
            handle.interrupt()
            throw error
        }
    }

    func load(_ table: QualifiedName, columns: [Table.Column], rowCount: Int) throws {
        let appender = try DuckDBAppender(table, columns: columns.map(\.name), on: handle.pointer)
        try appender.append(columns, rowCount: rowCount, interruption: interruption)
        try appender.close()
    }

    /// The handle is closed when the last reference to it goes: this object's.
    func close() {}
}
