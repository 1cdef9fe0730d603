internal import Foundation

/// The PostgreSQL ODBC driver, which stands for every ODBC source.
package enum ODBCDriver {
    /// Debian's package odbc-postgresql puts it into a folder of the machine's architecture.
    package static func path() throws -> String {
        let libraries = "/usr/lib"
        let folders = try FileManager.default.contentsOfDirectory(atPath: libraries)
        let found = folders.sorted().map { "\(libraries)/\($0)/odbc/psqlodbcw.so" }
            .first { FileManager.default.fileExists(atPath: $0) }
        guard let found else {
            throw PostgreSQLCluster.Failure(
                description: "the PostgreSQL ODBC driver is not installed: run Infra/setup.sh test")
        }
        return found
    }

    /// What a libpq connection string says, as the settings of an ODBC data source.
    package static func settings(_ connectionString: String) throws -> [(String, String)] {
        var facts: [String: String] = [:]
        for part in connectionString.split(separator: " ") {
            let sides = part.split(separator: "=", maxSplits: 1).map(String.init)
            if sides.count == 2 { facts[sides[0]] = sides[1] }
        }
        return [
            ("Driver", try path()), ("Servername", facts["host"] ?? ""), ("Port", facts["port"] ?? ""),
            ("Database", facts["dbname"] ?? ""), ("Username", facts["user"] ?? ""),
        ]
    }

    /// A connection string without a data source.
    package static func connection(_ connectionString: String) throws -> String {
        try settings(connectionString).map { "\($0.0)=\($0.1)" }.joined(separator: ";")
    }
}
