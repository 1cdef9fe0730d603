package import GRDB
import Glibc

/// The node's control state: one SQLite file for what must survive a crash and be changed in transactions.
///
/// Write-ahead log with `synchronous = FULL`: a write that returned is on disk. `secure_delete` overwrites
/// what is erased. Reads run beside a write; writes are one at a time.
///
///     let store = try ControlStore(path: layout.controlDatabasePath, migrations: Ledger.migrations)
///     try await store.write { db in try db.execute(sql: "INSERT INTO …", arguments: […]) }
///
/// In an async context call the async variants (the compiler picks them): they wait off the cooperative pool.
package final class ControlStore: Sendable {
    private let pool: DatabasePool

    /// Opens the file, makes it when absent (mode 0600), and brings its schema up to date.
    ///
    /// - Parameter migrations: of ALL rooms that keep tables in this file, in a fixed order. Each runs once.
    /// - Throws: ``StoreError/Code/newerStore`` when the file holds a migration that is not in the list.
    package init(path: String, migrations: [ControlMigration]) throws {
        var seen: Set<String> = []
        for migration in migrations where !seen.insert(migration.identifier).inserted {
            throw StoreError(.duplicateMigration, "two migrations are called '\(migration.identifier)'.")
        }
        // SQLite gives the -wal and -shm files the mode of the main file: make it before SQLite does.
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw PrivateFile.failure("open", path) }
        Glibc.close(descriptor)

        var configuration = Configuration()
        configuration.foreignKeysEnabled = true
        configuration.busyMode = .timeout(10)
        configuration.label = "control"
        configuration.prepareDatabase { db in
            try db.execute(sql: "PRAGMA secure_delete = ON")
        }
        pool = try DatabasePool(path: path, configuration: configuration)
        // After opening: GRDB sets NORMAL when it turns the write-ahead log on.
        try pool.writeWithoutTransaction { try $0.execute(sql: "PRAGMA synchronous = FULL") }
        try Self.migrate(pool, with: migrations)
    }

    private static func migrate(_ pool: DatabasePool, with migrations: [ControlMigration]) throws {
        var migrator = DatabaseMigrator()
        for migration in migrations {
            migrator.registerMigration(migration.identifier, migrate: migration.migrate)
        }
        let unknown = try pool.read { [migrator] db in
            try migrator.hasBeenSuperseded(db)
                ? migrator.appliedIdentifiers(db).subtracting(migrator.migrations).sorted() : []
        }
        guard unknown.isEmpty else {
            throw StoreError(
                .newerStore,
                "the control store was written by a newer concordat (it holds "
                    + "\(unknown.joined(separator: ", "))): install that version or later; "
                    + "schemas only go forward.")
        }
        try migrator.migrate(pool)
    }

    /// Reads from one consistent state of the file.
    package func read<T>(_ body: (Database) throws -> T) throws -> T { try pool.read(body) }

    /// Runs a transaction: durable when it returns, undone when the closure throws.
    package func write<T>(_ body: (Database) throws -> T) throws -> T { try pool.write(body) }

    /// Reads from one consistent state, waiting off the cooperative pool.
    package func read<T: Sendable>(_ body: @escaping @Sendable (Database) throws -> T) async throws -> T {
        try await pool.read(body)
    }

    /// Runs a transaction, waiting off the cooperative pool.
    package func write<T: Sendable>(_ body: @escaping @Sendable (Database) throws -> T) async throws -> T {
        try await pool.write(body)
    }

    /// Closes every connection; later use throws. Without it they close when the last reference goes.
    package func close() throws { try pool.close() }
}
