import Core

/// What a session of PostgreSQL is set to.
package struct PostgreSQLSettings: Hashable, Sendable {
    /// The server ends a statement after this many milliseconds (`EngineError.Code.timedOut`); 0 is no limit.
    package var statementTimeoutMilliseconds: Int
    /// `work_mem`: what each sort or hash of a statement may hold before the server spills it to its own disk; nil
    /// leaves it to the server.
    package var workMemoryMegabytes: Int?
    /// The most connections at once.
    package var maximumConnections = 32
    /// How long a session waits for one of them.
    package var patience = Duration.seconds(30)

    package init(statementTimeoutMilliseconds: Int = 0, workMemoryMegabytes: Int? = nil) {
        self.statementTimeoutMilliseconds = statementTimeoutMilliseconds
        self.workMemoryMegabytes = workMemoryMegabytes
    }

    /// Run on every new connection and whenever one is used again, so that the same SQL means the same whatever the
    /// server's defaults are. A transaction sees one state of the data from its first statement on, as with DuckDB.
    var statements: String {
        let memory = workMemoryMegabytes.map { "SET work_mem = '\(max(1, $0))MB';" } ?? ""
        return """
            SET TimeZone = 'UTC'; SET DateStyle = 'ISO, YMD'; SET IntervalStyle = 'postgres';
            SET standard_conforming_strings = on; SET backslash_quote = off; SET extra_float_digits = 1;
            SET default_transaction_isolation = 'repeatable read'; \(memory)
            SET client_min_messages = error; SET statement_timeout = \(max(0, statementTimeoutMilliseconds))
            """
    }
}

/// A PostgreSQL server (15 or later, Citus among them): sessions use the connections of a pool.
package final class PostgreSQLEngine: Engine {
    private let pool: PostgreSQLPool

    package var dialect: EngineDialect { .postgresql }

    /// - Parameter connectionString: as libpq reads it: `postgresql://…` or `host=… dbname=…`. Over TCP the server
    ///   must prove its name by TLS (`sslmode=verify-full`) unless the string says otherwise. Nothing is opened yet.
    package init(connectionString: String, settings: PostgreSQLSettings = PostgreSQLSettings()) {
        pool = PostgreSQLPool(width: settings.maximumConnections, patience: settings.patience) {
            try await BlockingSession.open(name: "postgresql") {
                try PostgreSQLConnection(connectionString, settings: settings, interruption: $0)
            }
        }
    }

    package func session() async throws -> any EngineSession { try await pool.take() }

    package func close() async { await pool.close() }
}
