import Foundation
import Testing

/// What happens as a federation comes apart: each step ends something that the ones before needed.
enum EndingChecks {
    private static let sql = "SELECT sex, count(*) AS n FROM patient GROUP BY sex"

    static func check(_ federation: Federation) async throws {
        try await explainAsksNoSite(federation)
        try await strangersCertificate(federation)
        try await staleOptOutList(federation)
        try await federation.end("RAX")
        try await siteLost(federation)
        let again = try await KeptNode(home: federation.home("RAX"))
        do {
            try await revoked(federation)
        } catch {
            await again.stop()
            throw error
        }
        await again.stop()
        try await changedLog(federation)
    }

    private static func explainAsksNoSite(_ federation: Federation) async throws {
        let before = try await federation.logEntries(at: "RYJ")
        #expect(try await federation.run(["explain"], [sql]).status == 0)
        #expect(try await federation.logEntries(at: "RYJ") == before)
        #expect(try await federation.ask(sql).status == 0)
        #expect(try await federation.logEntries(at: "RYJ") == before + 1)
    }

    /// Over the real port: a certificate that is in no directory is refused in the handshake, and recorded.
    private static func strangersCertificate(_ federation: Federation) async throws {
        let (key, certificate) = (federation.root + "/stranger.key", federation.root + "/stranger.crt")
        let made = try await Program.run(
            other: "openssl",
            [
                "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days",
                "2",
                "-subj", "/CN=QWE", "-keyout", key, "-out", certificate,
            ])
        try #require(made.status == 0, "openssl made no certificate: \(made.errors)")
        let before = try await federation.logEntries(at: "RYJ")
        let port = try federation.port("RYJ")
        _ = try await Program.run(
            other: "openssl",
            [
                "s_client", "-connect", "127.0.0.1:\(port)", "-tls1_3", "-cert", certificate, "-key", key,
            ])
        #expect(try await federation.logEntries(at: "RYJ") == before + 1)
        #expect(try await federation.ask(sql).status == 0)
    }

    /// Absent or stale: never an answer over nobody.
    private static func staleOptOutList(_ federation: Federation) async throws {
        let list = federation.data + "/RJ1/opt-out.dat"
        let imported = try await federation.run(
            ["opt-out", "import"], at: "RJ1", ["--listed-at", "2020-01-01", list])
        #expect(imported.status == 0)
        #expect(try await federation.run(["publish"], at: "RJ1").status == 0)
        let outcome = try await federation.ask(sql, ["--require", "any"])
        #expect(outcome.status == 4)
        let sites = try outcome.json()["receipt"]["sites"].elements
        let own = sites.first { $0["site"].text == "RJ1" } ?? .null
        #expect(own["outcome"].text == "refused")
        #expect(own["reason"].text == "opt-out list stale (national-data-opt-out)")
        #expect(own["rules"] == .array([.text("opt-out")]))
        let fresh = try await federation.run(["opt-out", "import"], at: "RJ1", [list])
        #expect(fresh.status == 0)
        #expect(try await federation.run(["publish"], at: "RJ1").status == 0)
        #expect(try await federation.ask(sql).status == 0)
    }

    private static func siteLost(_ federation: Federation) async throws {
        for (requirement, status) in [("any", 4), ("quorum=2", 4), ("all", 1), ("quorum=3", 1)]
            as [(String, Int32)]
        {
            let outcome = try await federation.ask(sql, ["--require", requirement])
            #expect(outcome.status == status, "--require \(requirement)")
            let document = try outcome.json()
            let sites = (status == 4 ? document["receipt"] : document["error"])["sites"].elements
            #expect(sites.map { $0["site"].text } == ["RAX", "RJ1", "RYJ"])
            #expect(sites.map { $0["outcome"].text } == ["unreachable", "answered", "answered"])
        }
        // With a site missing, people are counted at each site, and the receipt says so.
        let people = try await federation.ask(
            "SELECT count(DISTINCT person) AS n FROM patient", ["--require", "any"])
        #expect(people.status == 4)
        let receipt = try people.json()["receipt"]
        #expect(receipt["linker"] == .null)
        #expect(
            receipt["bounds"].elements.first?["words"].text?
                .hasPrefix("people are counted at each site: who is at two counts twice") == true)
        let all = try await federation.ask("SELECT count(DISTINCT person) AS n FROM patient")
        #expect(all.status == 1)
    }

    private static func revoked(_ federation: Federation) async throws {
        #expect(try await federation.ask(sql).status == 0)
        for (count, trust) in Federation.trusts.enumerated() {
            let revoked = try await federation.run(
                ["agreement", "revoke"], at: trust, ["--reason", "a test", "demo-planning"])
            #expect(revoked.status == 0)
            let outcome = try await federation.ask(sql, ["--require", "any"])
            #expect(outcome.status == (count < 2 ? 4 : 3))
        }
        let fault = try await federation.ask(sql).json()["error"]
        #expect(fault["sites"].elements.map { $0["outcome"].text } == Array(repeating: "refused", count: 3))
    }

    /// One byte of the log, changed while nobody serves it.
    private static func changedLog(_ federation: Federation) async throws {
        let home = federation.home("RAX")
        #expect(try await Program.run(["audit", "verify", "--home", home]).status == 0)
        let folder = home + "/tlog/tile/0/000.p"
        let sizes = try FileManager.default.contentsOfDirectory(atPath: folder).compactMap(Int.init)
        let tile = URL(filePath: "\(folder)/\(sizes.max() ?? 0)")
        var bytes = try Data(contentsOf: tile)
        bytes[bytes.startIndex] ^= 1
        try bytes.write(to: tile)
        let verified = try await Program.run(["audit", "verify", "--home", home])
        #expect(verified.status == 1)
        bytes[bytes.startIndex] ^= 1
        try bytes.write(to: tile)
        #expect(try await Program.run(["audit", "verify", "--home", home]).status == 0)
    }
}
