import CDuckDB
import Core
import Synchronization

/// An open database instance. DuckDB itself closes it once the last connection to it has gone, too.
final class DuckDBDatabase: Sendable {
    private let handle: Mutex<duckdb_database?>

    /// - Parameter path: nil for a database in memory.
    init(path: String?, options: [(name: String, value: String)]) throws {
        var config: duckdb_config?
        guard cduckdb_create_config(&config) == 0 else { throw EngineError.outOfMemory(nil) }
        defer { cduckdb_destroy_config(&config) }
        for option in options where cduckdb_set_config(config, option.name, option.value) != 0 {
            throw EngineError.duckdb("Invalid Configuration Error: \(option.name)")
        }
        var database: duckdb_database?
        var message: UnsafeMutablePointer<CChar>?
        guard cduckdb_open_ext(path ?? ":memory:", &database, config, &message) == 0 else {
            defer { cduckdb_free(message) }
            throw EngineError.duckdb(message)
        }
        nonisolated(unsafe) let opened = database
        handle = Mutex(opened)
    }

    deinit { close() }

    /// Opens no more connections; may write a checkpoint, if no connection is open.
    func close() {
        handle.withLock { cduckdb_close(&$0) }
    }

    fileprivate func connect() throws(EngineError) -> OpaquePointer {
        let connection: OpaquePointer? = try handle.withLock { handle throws(EngineError) in
            guard handle != nil else { throw .engineClosed }
            var connection: duckdb_connection?
            cduckdb_connect(handle, &connection)
            nonisolated(unsafe) let opened = connection
            return opened
        }
        guard let connection else { throw .connection(nil) }
        return connection
    }
}

/// A connection's handle, for its session's thread; only `interrupt` is for any thread.
///
/// INVARIANT: `pointer` never changes and `duckdb_interrupt` may be called while another thread runs a
/// statement; every other use is on the session's thread. It is closed when the last holder lets go.
final class DuckDBHandle: @unchecked Sendable {
    let pointer: OpaquePointer

    init(_ database: DuckDBDatabase) throws {
        pointer = try database.connect()
    }

    deinit {
        var connection: duckdb_connection? = pointer
        cduckdb_disconnect(&connection)
    }

    func interrupt() { cduckdb_interrupt(pointer) }
}
