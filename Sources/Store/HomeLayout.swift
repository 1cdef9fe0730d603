/// Where things stand inside a node's home: the one place that knows file names.
///
/// Directories are made with mode 0700 and files with 0600; see ``PrivateFile``.
package struct HomeLayout: Hashable, Sendable {
    /// The directory named by `--home`, without a trailing slash.
    package let root: String

    package init(root: String) {
        var trimmed = root[...]
        while trimmed.count > 1, trimmed.hasSuffix("/") { trimmed.removeLast() }
        self.root = String(trimmed)
    }

    /// The operator's settings, ``NodeConfiguration``.
    package var configurationPath: String { root + "/concordat.yaml" }
    /// The SQLite file of ``ControlStore``.
    package var controlDatabasePath: String { root + "/control.sqlite" }
    /// The files of ``KeyVault``.
    package var keysDirectory: String { root + "/keys" }
    /// The DuckDB file, when the warehouse is DuckDB.
    package var warehousePath: String { root + "/warehouse.duckdb" }
    /// Tiles and checkpoint of the transparency log.
    package var logDirectory: String { root + "/tlog" }
    /// What lives only as long as a node runs.
    package var runDirectory: String { root + "/run" }
    /// The socket through which other commands reach the running node.
    package var socketPath: String { runDirectory + "/node.sock" }
    /// The file whose `flock` says who owns the home; see ``HomeLock``.
    package var lockPath: String { root + "/lock" }
    /// Input that ingest set aside.
    package var quarantineDirectory: String { root + "/quarantine" }
    /// Files of Bulk Data exports on their way in, a directory each; made when the first is.
    package var bulkDirectory: String { root + "/bulk" }
    /// Signed documents: directory, agreements.
    package var documentsDirectory: String { root + "/documents" }
    /// Scratch space, free to be emptied whenever no node runs.
    package var temporaryDirectory: String { root + "/tmp" }

    /// Every directory of a home, parents first.
    package var directories: [String] {
        [
            root, keysDirectory, logDirectory, runDirectory, quarantineDirectory, documentsDirectory,
            temporaryDirectory,
        ]
    }
}
