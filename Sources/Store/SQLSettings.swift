/// Where and how the node serves PostgreSQL's clients: the block `sql` of `concordat.yaml`.
///
///     sql:
///       host: "0.0.0.0"
///       port: 5432
///       certificate: "/etc/concordat/sql.pem"
///       key: "/etc/concordat/sql.key"
///
/// The environment overrides a line: `CONCORDAT_SQL_PORT=6432`, `CONCORDAT_SQL_IDLE_TIMEOUT_SECONDS=600`.
package struct SQLSettings: Hashable, Codable, Sendable {
    package var host = "127.0.0.1"
    package var port = 5432
    /// PEM files; empty: the node makes a certificate of its own, for `names`.
    package var certificate = ""
    package var key = ""
    /// PEM file of the authorities whose certificates sign people in by their common name; empty: passwords only.
    package var clientCA = ""
    /// What clients call this machine, for the node's own certificate; commas between them.
    package var names = ""
    package var maximumConnections = 100
    /// When a session that does nothing, or takes no rows, is ended.
    package var idleTimeoutSeconds = 3_600
    /// When a statement is cancelled, whatever the client says; 0: by its own deadline only.
    package var statementTimeoutSeconds = 600

    package init() {}

    static let key = "sql"

    private enum Line: String, SettingsLine {
        static let block = SQLSettings.key

        case host, port, certificate, key, clientCA, names, maximumConnections, idleTimeoutSeconds
        case statementTimeoutSeconds
    }

    /// - Returns: nil where neither file nor environment names a port.
    static func read(yaml: [UInt8], environment: [String: String]) throws -> SQLSettings? {
        let block = try SettingsBlock<Line>(example: "port: 5432", yaml: yaml, environment: environment)
        guard block.has(.port) else {
            guard block.isEmpty else {
                throw SettingsBlock<Line>.fault(.port, "write the port to listen on.")
            }
            return nil
        }
        return try SQLSettings(block)
    }

    private init(_ block: SettingsBlock<Line>) throws {
        host = block.text(.host, host)
        port = try block.number(.port, port)
        certificate = block.text(.certificate)
        key = block.text(.key)
        clientCA = block.text(.clientCA)
        names = block.text(.names)
        maximumConnections = try block.number(.maximumConnections, maximumConnections)
        idleTimeoutSeconds = try block.number(.idleTimeoutSeconds, idleTimeoutSeconds)
        statementTimeoutSeconds = try block.number(.statementTimeoutSeconds, statementTimeoutSeconds)
    }

    func validate() throws(StoreError) {
        let require = SettingsBlock<Line>.require
        try require(!host.isEmpty, .host, "write an address such as 127.0.0.1.")
        try require((0...65_535).contains(port), .port, "write a port from 0 to 65535 (0: any).")
        try require(
            certificate.isEmpty == key.isEmpty, .key, "name both files, certificate and key, or neither.")
        try require((1...10_000).contains(maximumConnections), .maximumConnections, "write 1 to 10000.")
        try require((10...86_400).contains(idleTimeoutSeconds), .idleTimeoutSeconds, "write 10 to 86400.")
        try require(
            (0...86_400).contains(statementTimeoutSeconds), .statementTimeoutSeconds, "write 0 to 86400.")
    }

    /// The block as `concordat init` writes it: commented out where there is none.
    static func yaml(_ settings: SQLSettings?) -> String {
        let shown = settings ?? SQLSettings()
        let quoted = NodeConfiguration.quoted
        let lines = [
            "  host: \(quoted(shown.host))", "  port: \(shown.port)",
            "  # PEM files; empty: the node makes a certificate for 'names' and writes it to sql.crt in its home.",
            "  certificate: \(quoted(shown.certificate))", "  key: \(quoted(shown.key))",
            "  names: \(quoted(shown.names))",
            "  # PEM file of authorities whose client certificates sign people in by common name; empty: none.",
            "  clientCA: \(quoted(shown.clientCA))", "  maximumConnections: \(shown.maximumConnections)",
            "  idleTimeoutSeconds: \(shown.idleTimeoutSeconds)",
            "  statementTimeoutSeconds: \(shown.statementTimeoutSeconds)",
        ]
        return SettingsBlock<Line>.written(
            "For psql, pandas, Power BI and the like: where to serve PostgreSQL's protocol, over TLS.", lines,
            isThere: settings != nil)
    }
}
