/// Where and how the node serves people and scripts over HTTP: the block `web` of `concordat.yaml`.
///
///     web:
///       host: "0.0.0.0"
///       port: 8443
///       address: "https://concordat.icb.nhs.uk"
///
/// The environment overrides a line: `CONCORDAT_WEB_PORT=9443`, `CONCORDAT_WEB_IDLE_MINUTES=10`.
package struct WebSettings: Hashable, Codable, Sendable {
    package var host = "127.0.0.1"
    package var port = 8_444
    /// What people type: scheme and authority, no path; empty: `https://localhost:PORT`.
    package var address = ""
    /// PEM files; empty: the node makes a certificate of its own, for `names`.
    package var certificate = ""
    package var key = ""
    /// What clients call this machine, for the node's own certificate; commas between them.
    package var names = ""
    /// When a session that nothing comes from is ended.
    package var idleMinutes = 30
    /// When a session is ended, whatever comes from it.
    package var sessionHours = 12
    /// Requests that one user, or one address that has not signed in, may make.
    package var requestsPerMinute = 600
    package var maximumConnections = 200

    package init() {}

    static let key = "web"

    private enum Line: String, SettingsLine {
        static let block = WebSettings.key

        case host, port, address, certificate, key, names, idleMinutes, sessionHours, requestsPerMinute
        case maximumConnections
    }

    /// What a browser is told to be at, and whose pages may ask for changes.
    package var origin: String { address.isEmpty ? "https://localhost:\(port)" : address }

    /// - Returns: nil where neither file nor environment names a port.
    static func read(yaml: [UInt8], environment: [String: String]) throws -> WebSettings? {
        let block = try SettingsBlock<Line>(example: "port: 8444", yaml: yaml, environment: environment)
        guard block.has(.port) else {
            guard block.isEmpty else {
                throw SettingsBlock<Line>.fault(.port, "write the port to listen on.")
            }
            return nil
        }
        return try WebSettings(block)
    }

    private init(_ block: SettingsBlock<Line>) throws {
        host = block.text(.host, host)
        port = try block.number(.port, port)
        address = block.text(.address)
        certificate = block.text(.certificate)
        key = block.text(.key)
        names = block.text(.names)
        idleMinutes = try block.number(.idleMinutes, idleMinutes)
        sessionHours = try block.number(.sessionHours, sessionHours)
        requestsPerMinute = try block.number(.requestsPerMinute, requestsPerMinute)
        maximumConnections = try block.number(.maximumConnections, maximumConnections)
    }

    func validate() throws(StoreError) {
        let require = SettingsBlock<Line>.require
        try require(!host.isEmpty, .host, "write an address such as 127.0.0.1.")
        try require((1...65_535).contains(port), .port, "write a port from 1 to 65535.")
        let authority = address.dropFirst("https://".count)
        try require(
            address.isEmpty
                || (address.hasPrefix("https://") && !authority.isEmpty && !authority.contains("/")),
            .address,
            "write what people type, such as https://concordat.icb.nhs.uk, without a path.")
        try require(
            certificate.isEmpty == key.isEmpty, .key, "name both files, certificate and key, or neither.")
        try require((1...1_440).contains(idleMinutes), .idleMinutes, "write 1 to 1440.")
        try require((1...168).contains(sessionHours), .sessionHours, "write 1 to 168.")
        try require((10...100_000).contains(requestsPerMinute), .requestsPerMinute, "write 10 to 100000.")
        try require((1...10_000).contains(maximumConnections), .maximumConnections, "write 1 to 10000.")
    }

    /// The block as `concordat init` writes it: commented out where there is none.
    static func yaml(_ settings: WebSettings?) -> String {
        let shown = settings ?? WebSettings()
        let quoted = NodeConfiguration.quoted
        let lines = [
            "  host: \(quoted(shown.host))", "  port: \(shown.port)",
            "  # What people type, such as https://concordat.icb.nhs.uk; empty: https://localhost:PORT.",
            "  address: \(quoted(shown.address))",
            "  # PEM files; empty: the node makes a certificate for 'names' and writes it to web.crt in its home.",
            "  certificate: \(quoted(shown.certificate))", "  key: \(quoted(shown.key))",
            "  names: \(quoted(shown.names))", "  idleMinutes: \(shown.idleMinutes)",
            "  sessionHours: \(shown.sessionHours)", "  requestsPerMinute: \(shown.requestsPerMinute)",
            "  maximumConnections: \(shown.maximumConnections)",
        ]
        return SettingsBlock<Line>.written(
            "For people and scripts: where to serve the HTTP API, over TLS.", lines,
            isThere: settings != nil)
    }
}
