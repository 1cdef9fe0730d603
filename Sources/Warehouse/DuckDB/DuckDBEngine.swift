import Core

/// What a DuckDB instance may use.
package struct DuckDBSettings: Hashable, Sendable {
    /// For data in memory, in megabytes; nil is DuckDB's own choice (80% of the machine's).
    package var memoryLimitMegabytes: Int?
    /// Worker threads; nil is one a core.
    package var threads: Int?
    /// The only places outside the database that SQL may read from (and write to), before and after
    /// `lockDown`.
    package var allowedDirectories: [String]
    /// The only files besides.
    package var allowedPaths: [String] = []
    /// Where `libduckdb.so` is, if configuration says so.
    package var library: String?

    package init(
        memoryLimitMegabytes: Int? = nil, threads: Int? = nil, allowedDirectories: [String] = [],
        library: String? = nil
    ) {
        self.memoryLimitMegabytes = memoryLimitMegabytes
        self.threads = threads
        self.allowedDirectories = allowedDirectories
        self.library = library
    }

    /// Row groups at most that one checkpoint writes anew because rows of them were deleted. DuckDB's own 100 are held in
    /// memory together, and nothing is spilled: after many deletes it would end there, and the database with it.
    private static let vacuumedAtOnce = 2

    /// What DuckDB is opened with. Nothing is ever spilled to disk, where it would lie in plain text; nothing
    /// is fetched from the network.
    var options: [(name: String, value: String)] {
        var options = [
            ("temp_directory", ""),
            ("max_temp_directory_size", "0MB"),
            ("autoinstall_known_extensions", "false"),
            ("autoload_known_extensions", "false"),
            ("allow_community_extensions", "false"),
            ("allow_unsigned_extensions", "false"),
            ("default_null_order", "nulls_last"),
            ("ieee_floating_point_ops", "false"),
            ("max_vacuum_tasks", "\(Self.vacuumedAtOnce)"),
        ]
        if let memoryLimitMegabytes { options.append(("memory_limit", "\(memoryLimitMegabytes)MB")) }
        if let threads { options.append(("threads", "\(threads)")) }
        return options.map { (name: $0.0, value: $0.1) }
    }

    /// What can only be set once the instance is open.
    var statements: [String] {
        let directories = allowedDirectories.map(SQLQuoting.literal).joined(separator: ", ")
        let paths = allowedPaths.map(SQLQuoting.literal).joined(separator: ", ")
        return [
            "SET GLOBAL TimeZone = 'UTC'",
            "SET allow_persistent_secrets = false",
            "SET GLOBAL allowed_directories = [\(directories)]",
            "SET GLOBAL allowed_paths = [\(paths)]",
        ]
    }
}

/// One DuckDB instance: a file that only this process opens, or a database in memory.
///
/// Its settings, the sandbox among them, hold for all its sessions: two purposes that need different
/// sandboxes need two engines.
package final class DuckDBEngine: Engine {
    private let database: DuckDBDatabase

    package var dialect: EngineDialect { .duckdb }

    /// Opens the database, and creates the file if there is none.
    /// - Parameter path: nil for a database in memory.
    /// - Throws: `EngineError`; `.libraryMissing` says how to get `libduckdb.so`.
    package init(path: String?, settings: DuckDBSettings = DuckDBSettings()) async throws {
        database = try await SessionThread.run(name: "duckdb-open") {
            try DuckDBLibrary.load(configured: settings.library)
            let database = try DuckDBDatabase(path: path, options: settings.options)
            let connection = try DuckDBConnection(database, interruption: Interruption())
            for statement in settings.statements { try connection.execute(statement) }
            return database
        }
    }

    package func session() async throws -> any EngineSession {
        try await BlockingSession.open(name: "duckdb") { [database] in
            try DuckDBConnection(database, interruption: $0)
        }
    }

    /// Closes the sandbox for good: from here on SQL reaches no file but the database itself and what lies in
    /// the allowed directories, and no setting can be changed.
    package func lockDown() async throws {
        try await withSession {
            try await $0.execute(
                "SET GLOBAL enable_external_access = false; SET GLOBAL lock_configuration = true")
        }
    }

    package func close() async {
        // Closing may write a checkpoint: not on the cooperative pool.
        try? await SessionThread.run(name: "duckdb-close") { [database] in database.close() }
    }
}
