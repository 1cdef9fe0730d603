import Core
import Testing

@testable import Store

@Suite struct WebSettingsTests {
    private let minimal = """
        organisation: QWE
        name: ICB
        roles: [requester]
        listenHost: 127.0.0.1
        listenPort: 1

        """

    private let provider = """
        openid:
          issuer: "https://login.example/t/v2.0"
          clientID: "concordat"
          roles: "analyst=A, governance = G, analyst=B"

        """

    private func read(_ yaml: String, _ environment: [String: String] = [:]) throws -> NodeConfiguration {
        try NodeConfiguration(
            yaml: Array((minimal + yaml).utf8), named: "concordat.yaml", environment: environment)
    }

    private func fault(_ yaml: String, _ environment: [String: String] = [:]) -> String? {
        do {
            _ = try read(yaml, environment)
            return nil
        } catch {
            return "\(error)"
        }
    }

    @Test func nothingIsServedUnlessItIsSaid() throws {
        #expect(try read("").web == nil && read("").openID == nil)
    }

    @Test func theBlockIsReadAndTheEnvironmentGoesFirst() throws {
        var expected = WebSettings()
        (expected.host, expected.port, expected.idleMinutes) = ("0.0.0.0", 9_443, 10)
        expected.address = "https://concordat.example"
        let block = "web:\n  host: 0.0.0.0\n  port: 1\n  address: https://concordat.example\n"
        let environment = ["CONCORDAT_WEB_PORT": "9443", "CONCORDAT_WEB_IDLE_MINUTES": "10"]
        let settings = try #require(try read(block, environment).web)
        #expect(settings == expected)
        #expect(settings.origin == "https://concordat.example")
        #expect(WebSettings().origin == "https://localhost:8444")
    }

    @Test func whatInitWritesIsRead() throws {
        let organisation = try #require(OrganisationCode("QWE"))
        var configuration = NodeConfiguration(organisation: organisation, name: "ICB", roles: [.requester])
        var openID = OpenIDSettings()
        (openID.issuer, openID.clientID, openID.roles) = ("https://id.example", "c", "auditor=x")
        for (web, provider) in [(nil, nil), (WebSettings(), nil), (WebSettings(), openID)] {
            (configuration.web, configuration.openID) = (web, provider)
            let read = try NodeConfiguration(
                yaml: Array(configuration.yaml.utf8), named: "concordat.yaml", environment: [:])
            #expect(read == configuration)
        }
    }

    @Test func whatCannotBeIsSaidWithItsLine() {
        #expect(fault("web:\n  host: x\n")?.contains("'web.port'") == true)
        #expect(fault("web:\n  port: 0\n")?.contains("write a port from 1 to 65535") == true)
        #expect(fault("web:\n  port: 1\n  addres: x\n")?.contains("a line that is not known") == true)
        for address in ["http://x", "https://", "https://x/y", "x"] {
            #expect(
                fault("web:\n  port: 1\n  address: \(address)\n")?.contains("'web.address'") == true,
                "\(address)")
        }
        #expect(fault("web:\n  port: 1\n  key: x\n")?.contains("name both files") == true)
        #expect(fault("web: 1\n")?.contains("'port: 8444' below it") == true)
    }

    @Test func aProviderIsNamedWithItsRoles() throws {
        let web = "web:\n  port: 1\n"
        let settings = try #require(try read(web + provider).openID)
        #expect(settings.roleNames == ["A": ["analyst"], "G": ["governance"], "B": ["analyst"]])
        #expect(fault(provider)?.contains("write that block as well") == true)
        #expect(
            fault(web + provider.replacing("https://login", with: "http://login"))?.contains(
                "'openid.issuer'")
                == true)
        #expect(fault(web + provider.replacing("https://login.example", with: "http://127.0.0.1:9")) == nil)
        #expect(
            fault(web + provider.replacing("analyst=A", with: "boss=A"))?.contains("'openid.roles'") == true)
        #expect(fault(web + provider.replacing("\"concordat\"", with: "\"\""))?.contains("clientID") == true)
        #expect(fault(web + provider, ["CONCORDAT_OPENID_SCOPES": "email"])?.contains("openid among") == true)
        #expect(
            fault(
                web + provider.replacing("https://login.example", with: "http://127.0.0.1:9@login.example"))?
                .contains("'openid.issuer'") == true)
    }

    @Test func aNodeShowsTheProviderWhoItIsInOneWay() throws {
        let block = "web:\n  port: 1\n" + provider
        func fault(_ lines: [String: String]) -> String? {
            self.fault(
                block, Dictionary(uniqueKeysWithValues: lines.map { ("CONCORDAT_OPENID_" + $0, $1) }))
        }
        #expect(try #require(try read(block).openID).signsWithKey == false)
        let key = ["CONCORDAT_OPENID_CLIENT_AUTHENTICATION": "private_key_jwt"]
        #expect(try #require(try read(block, key).openID).signsWithKey)
        #expect(
            fault(["CLIENT_AUTHENTICATION": "private_key_jwt", "CLIENT_SECRET_FILE": "x"])?
                .contains("'openid.clientSecretFile'") == true)
        #expect(
            fault(["CLIENT_AUTHENTICATION": "client_secret"])?.contains("name the file") == true)
        #expect(
            fault(["CLIENT_AUTHENTICATION": "tls_client_auth"])?
                .contains("client_secret or private_key_jwt") == true)
        #expect(fault(["SIGN_OUT": "nowhere"])?.contains("'openid.signOut'") == true)
        #expect(fault(["SIGN_OUT": "here"]) == nil)
    }
}
