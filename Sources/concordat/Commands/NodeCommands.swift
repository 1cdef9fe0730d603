internal import ArgumentParser
internal import Core
internal import Foundation
internal import Node
internal import Store

struct Initialise: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "init", abstract: "Make a node's home: keys, configuration, stores.",
        discussion: """
            --synthetic stamps the warehouse for good: only 999-range NHS numbers are accepted, and profile \
            'none' becomes possible. Keys are encrypted under CONCORDAT_PASSPHRASE, or under a key file in the \
            home if that is not set.

            --sql serves analysts' tools at a requester, over TLS. The node makes itself a certificate for localhost, \
            this machine's name and sql.names of concordat.yaml, and writes it to sql.crt in the home for clients to \
            trust; sql.certificate and sql.key name files of your own instead. --web does the same for the HTTP API, with \
            'web' in the place of 'sql'.
            """,
        examples: [
            "concordat init --home /srv/concordat --organisation RJ1 --name 'Trust A' --role controller "
                + "--listen 0.0.0.0:7443"
        ])

    @Option(help: "Directory to make; must be empty or absent.", completion: .directory) var home: String
    @Option(help: "ODS code of the organisation.") var organisation: String
    @Option(help: "Name of the organisation.") var name: String
    @Option(help: "controller, requester, environment, linker, witness or relay; may be repeated.")
    var role: [String]
    @Option(help: "duckdb, or a postgresql:// connection string.") var warehouse = "duckdb"
    @Flag(
        help:
            "With PostgreSQL: keep a columnar copy of each publication in the home, and run questions on it.")
    var warehouseSnapshot = false
    @Option(help: "HOST:PORT to listen at for other nodes.") var listen = "127.0.0.1:7443"
    @Option(help: "HOST:PORT to serve psql, pandas, Power BI and the like at; nowhere if left out.")
    var sql: String?
    @Option(help: "HOST:PORT to serve people and scripts over HTTP at; nowhere if left out.")
    var web: String?
    @Flag(help: "Stamp the warehouse as synthetic.") var synthetic = false
    @OptionGroup var output: FormatOption

    func run() async throws {
        guard let code = OrganisationCode(organisation) else {
            throw ValidationError("--organisation takes an ODS code: 3 to 10 upper-case letters and digits")
        }
        let roles = try role.map { text in
            guard let role = NodeRole(rawValue: text) else {
                throw ValidationError("unknown --role '\(text)'")
            }
            return role
        }
        guard !roles.isEmpty else { throw ValidationError("give at least one --role") }
        let (host, port) = try Self.endpoint(listen)
        guard warehouse == "duckdb" || warehouse.hasPrefix("postgresql://") else {
            throw ValidationError("--warehouse takes duckdb or postgresql://…")
        }
        var configuration = NodeConfiguration(
            organisation: code, name: name, roles: roles, warehouse: warehouse, listenHost: host,
            listenPort: port, isSynthetic: synthetic)
        configuration.warehouseSnapshot = warehouseSnapshot
        if let sql {
            var settings = SQLSettings()
            (settings.host, settings.port) = try Self.endpoint(sql, "--sql")
            configuration.sql = settings
        }
        if let web {
            var settings = WebSettings()
            (settings.host, settings.port) = try Self.endpoint(web, "--web")
            configuration.web = settings
        }
        let root = URL(filePath: home).standardizedFileURL.path(percentEncoded: false)
        do {
            let note = try await HomeMaker.make(at: root, configuration: configuration, open: Wiring.open)
            try ReplyPrinter.print(
                .done("made the home of \(code) in \(root); \(note)"), format: output.format)
        } catch {
            try ReplyPrinter.print(.failed("\(error)"), format: output.format)
        }
    }

    private static func endpoint(_ text: String, _ option: String = "--listen") throws -> (String, Int) {
        guard let colon = text.lastIndex(of: ":"), let port = Int(text[text.index(after: colon)...]),
            (1...65_535).contains(port), colon > text.startIndex
        else { throw ValidationError("\(option) takes HOST:PORT, e.g. 127.0.0.1:7443") }
        return (String(text[..<colon]), port)
    }
}

struct Serve: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve",
        abstract: "Be the node, until SIGTERM: answer other nodes and this home's own commands.",
        discussion: """
            One process at a time has a home. Where another command is at work on it, the node says which one and waits until it \
            has ended; commands that are started later go through the node.
            """,
        examples: [
            "concordat serve --home demo/RJ1",
            "concordat serve --home demo/RJ1 --wait 3600",
        ])

    @OptionGroup var home: HomeOption
    @Option(help: "How many seconds to wait for a command that has the home; 0: not at all.") var wait = 60

    func validate() throws {
        guard (0...86_400).contains(wait) else { throw ValidationError("--wait takes 0 to 86400 seconds") }
    }

    func run() async throws {
        do {
            try await Wiring.serve(home.absolute, waiting: wait)
        } catch let error as StoreError where error.code == .homeInUse {
            Terminal.error("concordat: waited \(wait) s: \(error) '--wait SECONDS' waits longer.")
            throw ExitStatus.failure
        } catch {
            Terminal.error("concordat: \(error)")
            throw ExitStatus.failure
        }
    }
}
