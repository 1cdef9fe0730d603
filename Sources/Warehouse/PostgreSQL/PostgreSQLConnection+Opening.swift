import CPostgreSQL
import Core
import Glibc

extension PostgreSQLConnection {
    /// What the connection string may say otherwise. A server that is gone without a word is noticed after a minute.
    private static let defaults = [
        ("fallback_application_name", "concordat"), ("connect_timeout", "10"), ("sslmode", "verify-full"),
        ("keepalives_idle", "30"), ("keepalives_interval", "10"), ("keepalives_count", "3"),
        ("tcp_user_timeout", "60000"),
    ]

    /// - Parameter connectionString: what it says goes before the defaults here, and after the encoding.
    /// - Throws: `.connection`, whose detail never holds the password.
    static func connect(_ connectionString: String) throws(EngineError) -> OpaquePointer {
        try check(connectionString: connectionString)
        let options = defaults + [("dbname", connectionString), ("client_encoding", "UTF8")]
        let strings = options.map { (strdup($0.0), strdup($0.1)) }
        defer {
            for string in strings {
                free(string.0)
                free(string.1)
            }
        }
        let keywords = strings.map { UnsafePointer($0.0) } + [nil]
        let values = strings.map { UnsafePointer($0.1) } + [nil]
        guard let connection = PQconnectdbParams(keywords, values, 1) else { throw .connection(nil) }
        guard PQstatus(connection) == CONNECTION_OK else {
            defer { PQfinish(connection) }
            throw refusal(connection)
        }
        return connection
    }

    /// libpq's word about a string that it cannot read repeats the string: it is not passed on.
    private static func check(connectionString: String) throws(EngineError) {
        var message: UnsafeMutablePointer<CChar>?
        defer { PQfreemem(message) }
        guard let options = PQconninfoParse(connectionString, &message) else {
            throw EngineError(
                .connection, .connectionFailure,
                "the warehouse's connection string cannot be read: write postgresql://USER@HOST:PORT/DATABASE, "
                    + "special characters of a password as %XX")
        }
        PQconninfoFree(options)
    }

    /// Why there is no connection, in words that say what to do.
    private static func refusal(_ connection: OpaquePointer) -> EngineError {
        let detail = String(cString: PQerrorMessage(connection))
        func because(_ sqlstate: String, _ summary: String) -> EngineError {
            EngineError(
                .connection, SQLState(rawValue: sqlstate), summary, operatorDetail: detail)
        }
        if PQconnectionNeedsPassword(connection) == 1 {
            return because(
                "28P01",
                "the warehouse's server asks for a password: put it into a file that PGPASSFILE names")
        }
        if PQconnectionUsedPassword(connection) == 1 {
            return because("28P01", "the warehouse's server refuses the user or the password")
        }
        // Said by libpq itself, in the program's own language: English.
        if ["certificate", "SSL"].contains(where: detail.contains) {
            return because(
                "08006",
                "the warehouse's server does not prove its name by TLS (sslmode=verify-full): give the authority "
                    + "that signed its certificate as sslrootcert, and the host as the certificate names it; for a "
                    + "server on this machine use its socket, or sslmode=disable")
        }
        return .connection(detail)
    }

    /// What a session may leave behind, without the settings.
    private static let forgetting = """
        SET SESSION AUTHORIZATION DEFAULT; RESET ALL; DEALLOCATE ALL; CLOSE ALL; UNLISTEN *;
        SELECT pg_advisory_unlock_all(); DISCARD PLANS; DISCARD TEMP; DISCARD SEQUENCES;
        """

    func reset() throws {
        abandonCopy()
        switch PQtransactionStatus(connection) {
        case PQTRANS_IDLE: break
        case PQTRANS_INTRANS, PQTRANS_INERROR: try execute("ROLLBACK")
        default: throw broken()
        }
        try execute(Self.forgetting + settings.statements)
    }

    func isAlive(thorough: Bool) -> Bool {
        guard PQstatus(connection) == CONNECTION_OK else { return false }
        // A server says nothing of itself to a client that asks nothing, unless it says goodbye.
        var wait = pollfd(fd: PQsocket(connection), events: Int16(POLLIN), revents: 0)
        guard poll(&wait, 1, 0) == 0 else { return false }
        guard thorough else { return true }
        return (try? execute("")) != nil
    }
}
