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

    private enum Line: String, CaseIterable {
        case host, port, certificate, key, clientCA, names, maximumConnections, idleTimeoutSeconds
        case statementTimeoutSeconds
    }

    /// - Returns: nil where neither file nor environment names a port.
    static func read(yaml: [UInt8], environment: [String: String]) throws -> SQLSettings? {
        let block = try SettingsBlock(
            key, known: Line.allCases.map(\.rawValue), example: "port: 5432", yaml: yaml,
            environment: environment)
        guard try block.number(Line.port.rawValue) != nil else {
            guard block.isEmpty else { throw fault(.port, "write the port to listen on.") }
            return nil
        }
        return try SQLSettings(block)
    }

    private init(_ block: SettingsBlock) throws {
        func text(_ line: Line, _ otherwise: String = "") -> String { block.text(line.rawValue) ?? otherwise }
        func number(_ line: Line, _ otherwise: Int) throws -> Int {
            try block.number(line.rawValue) ?? otherwise
        }
        host = text(.host, host)
        port = try number(.port, port)
        certificate = text(.certificate)
        key = text(.key)
        clientCA = text(.clientCA)
        names = text(.names)
        maximumConnections = try number(.maximumConnections, maximumConnections)
        idleTimeoutSeconds = try number(.idleTimeoutSeconds, idleTimeoutSeconds)
        statementTimeoutSeconds = try number(.statementTimeoutSeconds, statementTimeoutSeconds)
    }

    func validate() throws(StoreError) {
        func require(_ isFine: Bool, _ line: Line, _ remedy: String) throws(StoreError) {
            if !isFine { throw Self.fault(line, remedy) }
        }
        try require(!host.isEmpty, .host, "write an address such as 127.0.0.1.")
        try require((0...65_535).contains(port), .port, "write a port from 0 to 65535 (0: any).")
        try require(
            certificate.isEmpty == key.isEmpty, .key, "name both files, certificate and key, or neither.")
        try require((1...10_000).contains(maximumConnections), .maximumConnections, "write 1 to 10000.")
        try require((10...86_400).contains(idleTimeoutSeconds), .idleTimeoutSeconds, "write 10 to 86400.")
        try require(
            (0...86_400).contains(statementTimeoutSeconds), .statementTimeoutSeconds, "write 0 to 86400.")
    }

    private static func fault(_ line: Line, _ remedy: String) -> StoreError {
        SettingsBlock.fault(key, line.rawValue, remedy)
    }

    /// The block as `concordat init` writes it: commented out where there is none.
    static func yaml(_ settings: SQLSettings?) -> String {
        let shown = settings ?? SQLSettings()
        let quoted = NodeConfiguration.quoted
        let lines = [
            "sql:", "  host: \(quoted(shown.host))", "  port: \(shown.port)",
            "  # PEM files; empty: the node makes a certificate for 'names' and writes it to sql.crt in its home.",
            "  certificate: \(quoted(shown.certificate))", "  key: \(quoted(shown.key))",
            "  names: \(quoted(shown.names))",
            "  # PEM file of authorities whose client certificates sign people in by common name; empty: none.",
            "  clientCA: \(quoted(shown.clientCA))", "  maximumConnections: \(shown.maximumConnections)",
            "  idleTimeoutSeconds: \(shown.idleTimeoutSeconds)",
            "  statementTimeoutSeconds: \(shown.statementTimeoutSeconds)",
        ]
        let mark = settings == nil ? "# " : ""
        return
            "\n# For psql, pandas, Power BI and the like: where to serve PostgreSQL's protocol, over TLS.\n"
            + lines.map { mark + $0 }.joined(separator: "\n")
    }
}
