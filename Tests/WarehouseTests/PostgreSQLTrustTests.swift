import Core
import Foundation
import TestSupport
import Testing
import Warehouse

/// A server reached over TCP proves its name by TLS, and a client itself by SCRAM-SHA-256.
@Suite
struct PostgreSQLTrustTests {
    private static let secret = "c0rrect-h0rse-9434765919"

    /// Certificates by openssl: an authority, what it signed for one name, and an authority that signed nothing.
    private struct Certificates {
        let directory: URL

        init() throws {
            directory = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
            try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: false)
            for authority in ["authority", "stranger"] {
                try openssl(
                    ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
                        + [
                            "-keyout", path("\(authority).key"), "-out", path("\(authority).crt"), "-days",
                            "2",
                        ]
                        + ["-subj", "/CN=\(authority) of a test"])
            }
            try openssl(
                ["req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout"]
                    + [path("server.key"), "-out", path("server.csr"), "-subj", "/CN=warehouse.example"])
            try Data("subjectAltName = DNS:warehouse.example\n".utf8).write(
                to: URL(fileURLWithPath: path("names")))
            try openssl(
                ["x509", "-req", "-in", path("server.csr"), "-CA", path("authority.crt"), "-CAkey"]
                    + [path("authority.key"), "-CAcreateserial", "-days", "2", "-extfile", path("names")]
                    + ["-out", path("server.crt")])
        }

        func path(_ name: String) -> String { directory.appendingPathComponent(name).path }

        func text(_ name: String) throws -> String {
            try String(contentsOf: URL(fileURLWithPath: path(name)), encoding: .utf8)
        }

        private func openssl(_ arguments: [String]) throws {
            let process = Process()
            process.executableURL = URL(fileURLWithPath: "/usr/bin/openssl")
            process.arguments = arguments
            process.standardOutput = FileHandle.nullDevice
            process.standardError = FileHandle.nullDevice
            try process.run()
            process.waitUntilExit()
            try #require(process.terminationStatus == 0, "openssl \(arguments[0])")
        }

        func remove() { try? FileManager.default.removeItem(at: directory) }
    }

    /// A server on a port of its own, with a user that has a password.
    private func withServer(
        tls: Bool, _ body: (_ address: String, _ certificates: Certificates) async throws -> Void
    ) async throws {
        let certificates = try Certificates()
        defer { certificates.remove() }
        var options = PostgreSQLCluster.Options()
        let port = Int.random(in: 20_000...60_000)
        options.port = port
        options.accessRules = """
            local all all trust
            host\(tls ? "ssl" : "") all all 127.0.0.1/32 scram-sha-256

            """
        if tls {
            options.files = [
                "server.crt": try certificates.text("server.crt"),
                "server.key": try certificates.text("server.key"),
            ]
            options.settings = ["ssl": "on", "ssl_min_protocol_version": "TLSv1.3"]
        }
        let cluster = try await PostgreSQLCluster(options)
        defer { cluster.stop() }
        let engine = PostgreSQLEngine(connectionString: cluster.connectionString)
        try await engine.withSession {
            try await $0.execute(
                "SET password_encryption = 'scram-sha-256'; CREATE ROLE node LOGIN PASSWORD '\(Self.secret)'")
        }
        await engine.close()
        try await body("hostaddr=127.0.0.1 port=\(port) dbname=postgres user=node", certificates)
    }

    private func failure(_ address: String) async throws -> EngineError {
        let engine = PostgreSQLEngine(connectionString: address)
        let error = try #require(
            await #expect(throws: EngineError.self) {
                try await engine.withSession { _ = try await $0.query("SELECT 1 AS a") }
            })
        #expect(error.code == .connection)
        let said = "\(error) \(String(reflecting: error)) \(error.operatorDetail ?? "")"
        #expect(!said.contains(Self.secret) && !said.contains("9434765919"))
        return error
    }

    @Test func aServerIsBelievedOnlyByItsNameAndAuthority() async throws {
        try await withServer(tls: true) { address, certificates in
            let own = "password=\(Self.secret) sslrootcert=\(certificates.path("authority.crt"))"
            // verify-full is what is done unless the string says otherwise.
            for mode in ["", "sslmode=verify-full"] {
                let engine = PostgreSQLEngine(
                    connectionString: "\(address) host=warehouse.example \(own) \(mode)")
                let row = try await engine.withSession {
                    try await $0.query(
                        """
                        SELECT ssl, version, current_user::text AS name FROM pg_stat_ssl
                        WHERE pid = pg_backend_pid()
                        """)
                }.row(0)
                #expect(row == [.boolean(true), .text("TLSv1.3"), .text("node")])
                await engine.close()
            }
            let strange = "password=\(Self.secret) sslrootcert=\(certificates.path("stranger.crt"))"
            for wrong in [
                "\(address) host=other.example \(own)", "\(address) host=warehouse.example \(strange)",
                "\(address) host=warehouse.example password=\(Self.secret) sslrootcert=/nonexistent",
            ] {
                let error = try await failure(wrong)
                #expect(error.summary.contains("does not prove its name by TLS"))
            }
        }
    }

    @Test func aServerWithoutTLSIsRefusedUnlessThatIsSaid() async throws {
        try await withServer(tls: false) { address, certificates in
            let own = "password=\(Self.secret) sslrootcert=\(certificates.path("authority.crt"))"
            let error = try await failure("\(address) host=warehouse.example \(own)")
            #expect(error.summary.contains("does not prove its name by TLS"))
            let engine = PostgreSQLEngine(
                connectionString: "\(address) password=\(Self.secret) sslmode=disable")
            try await engine.withSession { try await expectUsable($0) }
            await engine.close()
        }
    }

    @Test func passwordsGoBySCRAMAndNeverIntoErrors() async throws {
        try await withServer(tls: false) { address, _ in
            let plain = address + " sslmode=disable"
            let wrong = try await failure(plain + " password=wrong-\(Self.secret)")
            #expect(wrong.sqlstate.rawValue == "28P01")
            #expect(wrong.summary.contains("refuses the user or the password"))
            let none = try await failure(plain + " passfile=/nonexistent")
            #expect(none.summary.contains("asks for a password"))
            // What libpq says of a string that it cannot read repeats it.
            let broken = try await failure("postgresql://node:\(Self.secret)@host:port:5432/x?y")
            #expect(broken.operatorDetail == nil)
            #expect(broken.summary.contains("cannot be read"))
        }
    }
}
