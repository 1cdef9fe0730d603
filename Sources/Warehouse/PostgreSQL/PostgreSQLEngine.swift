import Core

/// What a session of PostgreSQL is set to.
package struct PostgreSQLSettings: Hashable, Sendable {
    /// The server ends a statement after this many milliseconds (`EngineError.Code.timedOut`); 0 is no limit.
    package var statementTimeoutMilliseconds: Int

    package init(statementTimeoutMilliseconds: Int = 0) {
        self.statementTimeoutMilliseconds = statementTimeoutMilliseconds
    }

    /// Run on every new connection, so that the same SQL means the same whatever the server's defaults are.
    var statements: String {
        """
        SET TimeZone = 'UTC'; SET DateStyle = 'ISO, YMD'; SET IntervalStyle = 'postgres';
        SET standard_conforming_strings = on; SET backslash_quote = off; SET extra_float_digits = 1;
        SET client_min_messages = error; SET statement_timeout = \(max(0, statementTimeoutMilliseconds))
        """
    }
}

/// A PostgreSQL server (15 or later, Citus among them), one connection a session.
package final class PostgreSQLEngine: Engine {
    private let connectionString: String
    private let settings: PostgreSQLSettings
    private let state = EngineState()

    package var dialect: EngineDialect { .postgresql }

    /// - Parameter connectionString: as libpq reads it: `postgresql://…` or `host=… dbname=…`. Nothing is
    ///   opened yet.
    package init(connectionString: String, settings: PostgreSQLSettings = PostgreSQLSettings()) {
        self.connectionString = connectionString
        self.settings = settings
    }

    package func session() async throws -> any EngineSession {
        guard state.isOpen else { throw EngineError.engineClosed }
        return try await BlockingSession.open(name: "postgresql") { [connectionString, settings] in
            try PostgreSQLConnection(connectionString, settings: settings, interruption: $0)
        }
    }

    package func close() async { state.close() }
}
