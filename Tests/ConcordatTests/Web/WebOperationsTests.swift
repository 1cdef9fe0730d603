import Foundation
import Testing

/// A trust's own people over HTTP: what was set aside, how good the data are, what left.
@Suite(
    "a controller's node over HTTP", .serialized,
    .federation(.synthetic(patients: 300, disclosure: "concordat")))
struct WebOperationsTests {
    @Test("quarantine, quality, releases: each for its own people")
    func operations() async throws {
        let federation = try Federation.required()
        // Something that cannot be taken in.
        let file = federation.root + "/bad.ndjson"
        try Data("{\"resourceType\":\"Patient\",\"id\":\"p1\",\n".utf8).write(to: URL(filePath: file))
        _ = try await federation.run(["ingest"], at: "RJ1", [file])
        #expect(
            try await federation.ask("SELECT sex, count(*) FROM patient GROUP BY sex").status == 0)
        try await federation.end("RJ1")
        // Somebody whom RJ1 cannot reach.
        try await federation.end("RAX")
        let settings = federation.home("RJ1") + "/concordat.yaml"
        let web = "\nweb:\n  port: \(try await Program.freePort())\n"
        try Data((try ProjectFiles.text(settings) + web).utf8).write(to: URL(filePath: settings))
        let node = try await KeptNode(home: federation.home("RJ1"))
        do {
            try await check(try await WebDoor.opened(federation, at: "RJ1"))
        } catch {
            await node.stop()
            throw error
        }
        await node.stop()
        #expect(try await federation.run(["audit", "verify"], at: "RJ1").status == 0)
    }

    private func check(_ door: WebDoor) async throws {
        let operating = try await door.person("olga", "operator", at: "RJ1")
        let lead = try await door.person("greta", "governance", at: "RJ1")
        let analyst = try await door.person("ann", "analyst", at: "RJ1")
        let counts = try await door.send("GET", "/quarantine", nil, operating).json["items"].elements
        #expect(counts.map { $0["records"].text } == ["1"])
        let records = try await door.send("GET", "/quarantine/records", nil, operating).json["items"].elements
        let id = try #require(records.first?["id"].text)
        let record = try await door.send("GET", "/quarantine/records/\(id)", nil, operating)
        #expect(try record.json["text"].text?.contains("\"Patient\"") == true, "\(record.body)")
        #expect(try await door.send("GET", "/quarantine/records/ffffffffffff", nil, operating).status == 404)
        let retried = try await door.send("POST", "/quarantine/retry", nil, operating)
        #expect(retried.status == 200, "\(retried.body)")
        #expect(try await door.send("POST", "/quarantine/retry", nil, lead).status == 403)
        #expect(try await door.send("GET", "/quarantine/records/\(id)", nil, analyst).status == 403)

        let quality = try await door.send("GET", "/quality?dataset=patient", nil, lead)
        #expect(quality.status == 200, "\(quality.body)")
        #expect(try quality.json["datasets"].elements.map { $0["name"].text } == ["patient"])
        let status = try await door.send("GET", "/status", nil, operating)
        #expect(try status.json["organisation"].text == "RJ1")
        let peers = try await door.send("GET", "/peers?limit=2", nil, analyst).json
        #expect(peers["items"].elements.count == 2)
        let next = try #require(peers["next"].text)
        let rest = try await door.send("GET", "/peers?cursor=\(next)", nil, analyst).json
        #expect(rest["items"].elements.count == 3 && rest["next"] == .null)
        #expect(try await door.send("GET", "/peers?cursor=x", nil, analyst).status == 400)

        try await checkPeers(door, analyst)

        let releases = try await door.send("GET", "/releases", nil, lead).json["items"].elements
        #expect(!releases.isEmpty && releases.allSatisfy { $0["kind"].text == "release" })
        let details = releases[0]["details"].elements.map { $0["name"].text }
        #expect(details.contains("requester") && details.contains("cells"))
        #expect(try await door.send("GET", "/releases", nil, operating).status == 403)
        #expect(try await door.send("GET", "/reviews", nil, lead).json["items"].elements.isEmpty)
        #expect(try await door.send("GET", "/reviews/1", nil, lead).status == 404)
        #expect(try await door.send("POST", "/reviews/1/approve", nil, lead).status == 404)
        // A controller's node asks nothing.
        let asked = #"{"sql":"SELECT count(*) FROM patient","agreement":"demo-planning"}"#
        let begun = try await door.send("POST", "/queries", asked, analyst)
        let failed = try #require(try begun.json["id"].text)
        _ = try await door.send("GET", "/queries/\(failed)/events", nil, analyst)
        #expect(try await door.send("GET", "/queries/\(failed)/result", nil, analyst).status == 403)
    }

    /// Who answers and who does not is known a moment after somebody wanted to know.
    private func checkPeers(_ door: WebDoor, _ analyst: [String: String]) async throws {
        var others: [JSONDocument] = []
        for _ in 0..<600 {
            others = try await door.send("GET", "/peers", nil, analyst).json["items"].elements.filter {
                $0["organisation"].text != "RJ1"
            }
            if others.allSatisfy({ $0["checked_at"].text != nil }) { break }
            try await Task.sleep(for: .milliseconds(100))
        }
        try #require(others.count == 4)
        for peer in others {
            let name = try #require(peer["organisation"].text)
            #expect(peer["reached"] == .boolean(name != "RAX"), "\(peer)")
            #expect((peer["latency"].text != nil) == (name != "RAX"), "\(peer)")
            #expect(peer["certificate_until"].text?.hasPrefix("20") == true)
        }
        let missed = others.first { $0["organisation"].text == "RAX" }
        #expect(missed?["fault"].text == "connection")
        #expect(missed?["unseen_since"].text == missed?["checked_at"].text && missed?["seen_at"].text == nil)
    }
}
