import Foundation
import Testing

/// Who may come in over HTTP, as what, and for how long.
@Suite(
    "people and scripts come in over HTTP, and are kept out", .serialized,
    .federation(.synthetic(patients: 300, disclosure: "concordat")))
struct WebPeopleTests {
    private func door() throws -> WebDoor { try WebDoor(try Federation.required()) }

    private func acts() async throws -> [String] {
        let auditor = try await door().signIn("audrey", WebDoor.theirPassword)
        let page = try await door().send("GET", "/audit/entries?limit=200", nil, auditor)
        return try page.json["items"].elements.flatMap { entry in
            entry["details"].elements.filter { $0["name"].text == "act" }.compactMap { $0["value"].text }
        }
    }

    @Test("a session: its cookie, its headers, its end")
    func session() async throws {
        let door = try door()
        #expect(try await door.send("GET", "/me").status == 401)
        let answer = try await door.send(
            "POST", "/session", WebDoor.credentials("analyst", door.password))
        #expect(answer.status == 200)
        let cookie = try #require(answer.headers["set-cookie"])
        #expect(cookie.hasPrefix("__Host-concordat="))
        for part in ["Path=/", "Secure", "HttpOnly", "SameSite=Strict", "Max-Age=43200"] {
            #expect(cookie.contains("; \(part)"), "\(cookie)")
        }
        #expect(!cookie.contains("Domain"))
        let expected = [
            "content-security-policy":
                "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
            "strict-transport-security": "max-age=63072000; includeSubDomains",
            "x-content-type-options": "nosniff", "cache-control": "no-store",
            "referrer-policy": "no-referrer", "x-frame-options": "DENY",
        ]
        for (name, value) in expected { #expect(answer.headers[name] == value, "\(name)") }

        let mine = try await door.signIn()
        let me = try await door.send("GET", "/me", nil, mine)
        #expect(try me.json["user"].text == "analyst")
        #expect(try me.json["organisation"].text == "QWE")
        // Signing in again ends the session that the client had.
        let again = try await door.send(
            "POST", "/session", WebDoor.credentials("analyst", door.password), mine)
        #expect(again.status == 200)
        #expect(try await door.send("GET", "/me", nil, mine).status == 401)

        let last = try await door.signIn()
        #expect(try await door.send("DELETE", "/session", nil, last).status == 204)
        #expect(try await door.send("GET", "/me", nil, last).status == 401)
    }

    @Test("a change bears the session's token and comes from no foreign page")
    func foreignPages() async throws {
        let door = try door()
        let mine = try await door.signIn()
        let other = try await door.signIn()
        let explain = #"{"sql":"SELECT count(*) FROM patient"}"#
        func status(_ more: [String: String]) async throws -> Int {
            try await door.send("POST", "/explain", explain, more).status
        }
        let cookie = ["Cookie": mine["Cookie"] ?? ""]
        #expect(try await status(cookie) == 403)
        #expect(try await status(cookie.merging(["X-CSRF-Token": "x"]) { $1 }) == 403)
        #expect(
            try await status(cookie.merging(["X-CSRF-Token": other["X-CSRF-Token"] ?? ""]) { $1 }) == 403)
        #expect(try await status(mine) == 200)
        #expect(try await status(mine.merging(["Origin": door.origin]) { $1 }) == 200)
        #expect(try await status(mine.merging(["Origin": "https://example.org"]) { $1 }) == 403)
        #expect(try await status(mine.merging(["Sec-Fetch-Site": "cross-site"]) { $1 }) == 403)
        let foreign = try await door.send(
            "POST", "/session", WebDoor.credentials("analyst", door.password),
            ["Origin": "https://example.org"])
        #expect(foreign.status == 403)
        #expect(foreign.headers["content-type"] == "application/problem+json")
    }

    @Test("five wrong passwords lock, in words that tell nobody")
    func lockOut() async throws {
        let federation = try Federation.required()
        let door = try door()
        try await door.add("alice", "analyst")
        func told(_ user: String, _ password: String) async throws -> String {
            let answer = try await door.send("POST", "/session", WebDoor.credentials(user, password))
            return "\(answer.status) \(answer.body) \(answer.headers["set-cookie"] ?? "")"
        }
        var heard: Set<String> = []
        for _ in 0..<5 { heard.insert(try await told("alice", "not the password")) }
        heard.insert(try await told("alice", WebDoor.theirPassword))
        heard.insert(try await told("mallory", "not the password"))
        heard.insert(try await told("alice", "x"))
        #expect(heard.count == 1, "\(heard)")
        #expect(heard.first?.hasPrefix("401 ") == true)
        #expect(try await federation.run(["user", "unlock"], at: "QWE", ["alice"]).status == 0)
        #expect(try await told("alice", WebDoor.theirPassword).hasPrefix("200 "))
    }

    @Test("what an operator does to a user ends their sessions", arguments: ["lock", "remove", "roles"])
    func ended(_ act: String) async throws {
        let federation = try Federation.required()
        let door = try door()
        let name = "ended-\(act)"
        let mine = try await door.person(name, "analyst")
        let token = try await token(of: name, ["questions"])
        #expect(try await door.send("GET", "/me", nil, mine).status == 200)
        #expect(try await door.send("GET", "/me", nil, token).status == 200)
        let options = act == "roles" ? ["--role", "auditor", name] : [name]
        #expect(try await federation.run(["user", act], at: "QWE", options).status == 0)
        #expect(try await door.send("GET", "/me", nil, mine).status == 401)
        #expect(try await door.send("GET", "/me", nil, token).status == (act == "roles" ? 200 : 401))
        guard act == "remove" else { return }
        // Another of the same name has nothing of what the first one had.
        try await door.add(name, "analyst")
        #expect(try await door.send("GET", "/me", nil, mine).status == 401)
        #expect(try await door.send("GET", "/me", nil, token).status == 401)
    }

    private func token(of user: String, _ scopes: [String]) async throws -> [String: String] {
        let outcome = try await Federation.required().run(
            ["token", "create"], at: "QWE",
            ["--user", user, "--format", "json"] + scopes.flatMap { ["--scope", $0] } + ["a test"])
        let secret = try #require(try outcome.json().elements.first?["token"].text, "\(outcome.errors)")
        return ["Authorization": "Bearer \(secret)"]
    }

    @Test("a token does what its scopes and its user's roles both allow, until it is revoked")
    func tokens() async throws {
        let federation = try Federation.required()
        let door = try door()
        let mine = try await token(of: "analyst", ["catalog", "audit"])
        #expect(try await door.send("GET", "/me", nil, mine).json["scopes"].elements.count == 2)
        #expect(try await door.send("GET", "/catalog", nil, mine).status == 200)
        // Not its scope; not its user's role; not by token at all.
        #expect(try await door.send("GET", "/queries", nil, mine).status == 403)
        #expect(try await door.send("GET", "/audit/head", nil, mine).status == 403)
        #expect(try await door.send("GET", "/session", nil, mine).status == 403)
        #expect(
            try await door.send("GET", "/catalog", nil, ["Authorization": "Bearer concordat_x"]).status
                == 401)

        let own = try await door.signIn()
        let made = try await door.send(
            "POST", "/tokens", #"{"name":"mine","scopes":["questions"],"days":1}"#, own)
        #expect(made.status == 201)
        let secret = try #require(try made.json["token"].text)
        let number = try #require(try made.json["id"].text)
        let bearer = ["Authorization": "Bearer \(secret)"]
        #expect(try await door.send("GET", "/queries", nil, bearer).status == 200)
        #expect(try await door.send("GET", "/tokens", nil, own).body.contains(secret) == false)
        #expect(try await door.send("DELETE", "/tokens/\(number)", nil, own).status == 204)
        #expect(try await door.send("GET", "/queries", nil, bearer).status == 401)
        #expect(try await door.send("DELETE", "/tokens/\(number)", nil, own).status == 404)

        // In the store there is no secret.
        let listed = try await federation.run(["token", "list"], at: "QWE", ["--format", "json"])
        #expect(listed.status == 0 && listed.output.contains("revoked") && !listed.output.contains(secret))
        for file in ["control.sqlite", "control.sqlite-wal"] {
            let bytes = FileManager.default.contents(atPath: federation.home("QWE") + "/" + file) ?? Data()
            #expect(bytes.range(of: Data(secret.utf8)) == nil)
        }
    }

    @Test("every role has its own routes, and what matters is in the log")
    func roles() async throws {
        let door = try door()
        let auditor = try await door.person("audrey", "auditor")
        let lead = try await door.person("greta", "governance")
        let analyst = try await door.signIn()
        let head = try await door.send("GET", "/audit/head", nil, auditor)
        #expect(try head.json["origin"].text == "concordat/QWE")
        #expect(try head.json["checkpoint"].text?.hasPrefix("concordat/QWE\n") == true)
        let size = try #require(try head.json["size"].integer)
        let entry = try await door.send("GET", "/audit/entries/\(size - 1)", nil, auditor)
        #expect(try entry.json["is_proven"] == .boolean(true))
        #expect(try await door.send("GET", "/audit/entries/\(size + 100)", nil, auditor).status == 404)
        let found = try await door.send("POST", "/audit/verification", nil, auditor)
        #expect(try found.json["sound"] == .boolean(true))

        for (who, path) in [
            (analyst, "/audit/head"), (analyst, "/reviews"), (auditor, "/queries"), (auditor, "/quarantine"),
            (lead, "/quarantine/records"), (lead, "/saved-queries"), (auditor, "/reviews/1"),
        ] {
            #expect(try await door.send("GET", path, nil, who).status == 403, "\(path)")
        }
        let halt = "/agreements/demo-planning/suspend"
        let reason = #"{"reason":"a test"}"#
        #expect(try await door.send("POST", halt, reason, auditor).status == 403)
        #expect(try await door.send("POST", halt, "{}", lead).status == 400)
        #expect(try await door.send("POST", "/agreements/none/suspend", reason, lead).status == 404)
        #expect(try await door.send("POST", halt, reason, lead).status == 200)
        let listed = try await door.send("GET", "/agreements", nil, auditor)
        #expect(try listed.json["items"].elements.first?["state"].text == "suspended")
        #expect(
            try await door.send("POST", "/agreements/demo-planning/resume", reason, lead).status == 200)
        let page = try await door.send("GET", "/agreements/demo-planning?form=html", nil, auditor)
        #expect(page.headers["content-type"] == "text/html; charset=utf-8")
        #expect(page.body.contains("Planning for the demonstration"))

        let acts = try await acts()
        for act in [
            "signed in", "signed out", "refused", "locked", "token created", "token revoked", "asked for",
            "not allowed", "user roles changed",
        ] {
            #expect(acts.contains(act), "\(act)")
        }
    }

    @Test("whoever comes too often waits")
    func rates() async throws {
        let door = try door()
        let body = WebDoor.credentials("nobody", "not the password")
        let statuses = try await withThrowingTaskGroup(of: WebDoor.Answer.self) { group in
            for _ in 0..<40 { group.addTask { try await door.send("POST", "/session", body) } }
            var found: [Int: String] = [:]
            for try await answer in group { found[answer.status] = answer.headers["retry-after"] ?? "" }
            return found
        }
        #expect(Set(statuses.keys) == [401, 429] || Set(statuses.keys) == [401, 429, 503])
        #expect(statuses[429].flatMap { Int($0) } ?? 0 > 0)
    }
}
