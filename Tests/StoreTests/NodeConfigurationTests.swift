import Core
import Testing

@testable import Store

@Suite struct NodeConfigurationTests {
    private static let minimal = """
        organisation: RJ1
        name: A trust
        roles: [controller]
        listenHost: 127.0.0.1
        listenPort: 8443

        """

    private func read(_ yaml: String, _ environment: [String: String] = [:]) throws -> NodeConfiguration {
        try NodeConfiguration(yaml: Array(yaml.utf8), named: "concordat.yaml", environment: environment)
    }

    @Test func defaultsFillWhatIsNotWritten() throws {
        let expected = NodeConfiguration(
            organisation: try #require(OrganisationCode("RJ1")), name: "A trust", roles: [.controller])
        #expect(try read(Self.minimal) == expected)
    }

    @Test func writtenFileReadsBackWhole() throws {
        var configuration = try sampleConfiguration()
        configuration.isSynthetic = true
        configuration.profile = "none"
        configuration.warehouse = "postgresql://user:p%22@host/db"
        configuration.warehouseSnapshot = true
        configuration.optOutMaximumAgeDays = 3
        configuration.countedRetentionDays = 400
        configuration.publishEvery = "6h"
        configuration.unknownUnits = .mark
        configuration.contact = "Data protection, \"A\" House: dpo@example.org"
        configuration.retentionNotice = "Eight years"
        configuration.memoryLimitMegabytes = 512
        configuration.engineThreads = 2
        configuration.maximumConcurrentQueries = 9
        configuration.queryTimeoutSeconds = 33
        configuration.hostedControllers = ["RAX", "RYJ"].compactMap(OrganisationCode.init)
        configuration.duckdbLibrary = "/opt/lib/libduckdb.so"
        configuration.logLevel = "debug"
        #expect(try read(configuration.yaml) == configuration)
    }

    @Test func environmentOverridesWhatOperatorsTune() throws {
        let configuration = try read(
            Self.minimal,
            ["CONCORDAT_LISTEN_PORT": "9000", "CONCORDAT_OPT_OUT_MAXIMUM_AGE_DAYS": "2", "OTHER": "x"])
        #expect(configuration.listenPort == 9000)
        #expect(configuration.optOutMaximumAgeDays == 2)
        #expect(NodeConfiguration.Key.memoryLimitMegabytes.variable == "CONCORDAT_MEMORY_LIMIT_MEGABYTES")
    }

    @Test(arguments: NodeConfiguration.Key.allCases.filter { !NodeConfiguration.Key.identity.contains($0) })
    func everyOperationalKeyHasItsVariable(_ key: NodeConfiguration.Key) throws {
        let values: [NodeConfiguration.Key: String] = [
            .warehouse: "postgres://x/y", .listenHost: "10.0.0.1", .profile: "hes-2018",
            .duckdbLibrary: "/x.so", .logLevel: "error", .publishEvery: "02:30", .warehouseSnapshot: "true",
            .hostedControllers: "RAX, RYJ", .unknownUnits: "mark",
        ]
        let changed = try read(Self.minimal, [key.variable: values[key] ?? "77"])
        #expect(try changed != read(Self.minimal))
    }

    struct Wrong: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let yaml: String
        var environment: [String: String] = [:]
        let message: String
    }

    static let wrong = [
        Wrong(
            testDescription: "no such way with units", yaml: minimal + "unknownUnits: drop\n",
            message:
                "'unknownUnits' in concordat.yaml (or CONCORDAT_UNKNOWN_UNITS): write quarantine or mark."),
        Wrong(
            testDescription: "port is no number", yaml: minimal + "queryTimeoutSeconds: soon\n",
            message: "'queryTimeoutSeconds' in concordat.yaml (or CONCORDAT_QUERY_TIMEOUT_SECONDS): "
                + "write a whole number."),
        Wrong(
            testDescription: "override out of range", yaml: minimal,
            environment: ["CONCORDAT_LISTEN_PORT": "70000"],
            message: "'listenPort' in concordat.yaml (or CONCORDAT_LISTEN_PORT): "
                + "write a port from 0 to 65535 (0: any)."),
        Wrong(
            testDescription: "no disclosure control on real data", yaml: minimal + "profile: none\n",
            message: "'profile' in concordat.yaml (or CONCORDAT_PROFILE): "
                + "'none' is only for homes made with --synthetic; write concordat, or leave it empty."),
        Wrong(
            testDescription: "identity from the environment", yaml: minimal,
            environment: ["CONCORDAT_SYNTHETIC": "true"],
            message: "CONCORDAT_SYNTHETIC is set, but 'synthetic' says who the node is and is read from "
                + "concordat.yaml only: unset the variable."),
        Wrong(
            testDescription: "missing name", yaml: "organisation: RJ1\n",
            message: "'name' in concordat.yaml: the setting is missing: add it, or make the home anew with "
                + "'concordat init'."),
        Wrong(
            testDescription: "unknown role", yaml: minimal.replacing("[controller]", with: "[boss]"),
            message: "'roles' in concordat.yaml: 'boss' is no role; write some of controller, requester, "
                + "environment, linker, witness, relay."),
        Wrong(
            testDescription: "bad ODS code", yaml: minimal.replacing("RJ1", with: "rj1"),
            message: "'organisation' in concordat.yaml: "
                + "write an ODS code: 3 to 10 upper-case letters and digits."),
    ]

    @Test(arguments: wrong)
    func wrongSettingNamesItsRemedy(_ wrong: Wrong) throws {
        #expect(throws: StoreError(.configuration, wrong.message)) {
            try read(wrong.yaml, wrong.environment)
        }
    }

    @Test func unknownKeyAndBrokenFileAreRefusedWithoutShowingValues() throws {
        let unknown = #expect(throws: StoreError.self) { try read(Self.minimal + "listenPrt: 1\n") }
        #expect(unknown?.message.contains("unknown key 'listenPrt'") == true)
        let broken = #expect(throws: StoreError.self) { try read("warehouse: \"postgresql://u:secret@h") }
        #expect(broken?.message.contains("is not YAML: line") == true)
        #expect(broken?.message.contains("secret") == false)
    }
}
