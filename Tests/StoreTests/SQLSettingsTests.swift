import Core
import Testing

@testable import Store

@Suite struct SQLSettingsTests {
    private let minimal = """
        organisation: QWE
        name: ICB
        roles: [requester]
        listenHost: 127.0.0.1
        listenPort: 1

        """

    private func read(_ yaml: String, _ environment: [String: String] = [:]) throws -> SQLSettings? {
        try NodeConfiguration(
            yaml: Array((minimal + yaml).utf8), named: "concordat.yaml", environment: environment
        ).sql
    }

    @Test func nothingIsServedUnlessItIsSaid() throws { #expect(try read("") == nil) }

    @Test func theBlockIsRead() throws {
        var expected = SQLSettings()
        (expected.host, expected.port, expected.clientCA) = ("0.0.0.0", 6432, "ca.pem")
        expected.maximumConnections = 5
        #expect(
            try read("sql:\n  host: 0.0.0.0\n  port: 6432\n  clientCA: ca.pem\n  maximumConnections: 5\n")
                == expected)
    }

    @Test func theEnvironmentGoesFirst() throws {
        let settings = try read(
            "sql:\n  port: 6432\n", ["CONCORDAT_SQL_PORT": "1", "CONCORDAT_SQL_CLIENT_CA": "x"])
        #expect(settings?.port == 1 && settings?.clientCA == "x")
        #expect(try read("", ["CONCORDAT_SQL_PORT": "5"])?.port == 5)
    }

    @Test func whatInitWritesIsRead() throws {
        guard let organisation = OrganisationCode("QWE") else { return }
        var configuration = NodeConfiguration(organisation: organisation, name: "ICB", roles: [.requester])
        for sql in [nil, SQLSettings()] {
            configuration.sql = sql
            let read = try NodeConfiguration(
                yaml: Array(configuration.yaml.utf8), named: "concordat.yaml", environment: [:])
            #expect(read == configuration)
        }
    }

    @Test(
        arguments: [
            ("sql: yes\n", "'sql' in concordat.yaml: write lines such as 'port: 5432' below it."),
            (
                "sql:\n  port: x\n",
                "'sql.port' in concordat.yaml (or CONCORDAT_SQL_PORT): write a whole number."
            ),
            (
                "sql:\n  host: h\n",
                "'sql.port' in concordat.yaml (or CONCORDAT_SQL_PORT): write the port to listen on."
            ),
            (
                "sql:\n  port: 1\n  certificate: a\n",
                "'sql.key' in concordat.yaml (or CONCORDAT_SQL_KEY): name both files, certificate and key, or neither."
            ),
        ])
    func faultsNameLineAndRemedy(_ yaml: String, _ message: String) throws {
        let error = #expect(throws: StoreError.self) { try read(yaml) }
        #expect(error?.message == message)
    }

    @Test func unknownLinesAreRefused() { #expect(throws: StoreError.self) { try read("sql:\n  prot: 1\n") } }

    @Test func passwordsAreKeptByArgon2id() throws {
        let hash = try PasswordHash.make("correct horse battery")
        #expect(hash.hasPrefix("$argon2id$v=19$m=65536,t=2"))
        #expect(PasswordHash.verify("correct horse battery", against: hash))
        #expect(!PasswordHash.verify("correct horse batterz", against: hash))
    }
}
