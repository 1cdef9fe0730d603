import Foundation
import Synchronization
import Testing

/// A provider of OpenID Connect in a process of its own, which ends with this one.
private final class OpenIDProviderProcess: Sendable {
    let port: Int
    private let process: Mutex<Process>
    private let lifeline: FileHandle

    /// - Parameter proof: the client's secret, or `@` and the file with its public keys.
    init(_ people: [String], proof: String, log: String) async throws {
        port = try await Program.freePort()
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments =
            [
                "PYTHONPATH=\(ProjectFiles.root)/.lib/web", "PYTHONDONTWRITEBYTECODE=1", "python3",
                ProjectFiles.clients + "/openid_provider.py", String(port), "concordat", proof,
            ] + people
        let input = Pipe()
        process.standardInput = input
        process.standardOutput = FileHandle.nullDevice
        guard FileManager.default.createFile(atPath: log, contents: nil) else {
            throw Program.Failure(description: "cannot write \(log)")
        }
        process.standardError = try FileHandle(forWritingTo: URL(filePath: log))
        try process.run()
        lifeline = input.fileHandleForWriting
        self.process = Mutex(process)
        let description = "http://127.0.0.1:\(port)/.well-known/openid-configuration"
        for _ in 0..<300 {
            let outcome = try await Program.run(other: "curl", ["-sf", "-o", "/dev/null", description])
            if outcome.status == 0 { return }
            try await Task.sleep(for: .milliseconds(100))
        }
        await stop()
        throw Program.Failure(
            description: "no provider: run Infra/setup.sh test\n\(try ProjectFiles.text(log).suffix(2_000))")
    }

    func stop() async {
        try? lifeline.close()
        _ = try? await Program.onThread { [self] in process.withLock { $0.waitUntilExit() } }
    }
}

/// People sign in at a provider, and are here what it says of them.
@Suite(
    "sign-in by OpenID Connect", .serialized,
    .federation(.synthetic(patients: 300, disclosure: "concordat")))
struct OpenIDTests {
    /// As Entra ID says it: roles of the application; as NHS CIS2: roles in objects, and how strong it was.
    private static let people = [
        #"{"sub":"1","preferred_username":"ada@icb.example","roles":["Concordat.Analyst"],"amr":["pwd","mfa"],"acr":"AAL3"}"#,
        #"{"sub":"2","preferred_username":"bob","nhsid_nrbac_roles":[{"role_code":"R8000"},{"role_code":"R1"}],"amr":["mfa"],"acr":"AAL3"}"#,
        #"{"sub":"3","preferred_username":"carl","roles":["Nothing"],"amr":["mfa"],"acr":"AAL3"}"#,
        #"{"sub":"4","preferred_username":"dora","roles":["Concordat.Analyst"],"amr":["pwd"],"acr":"AAL1"}"#,
        #"{"sub":"5","preferred_username":"analyst","roles":["Concordat.Analyst"],"amr":["mfa"],"acr":"AAL3"}"#,
    ]

    private static let bySecret = "  clientSecretFile: \"openid.secret\""
    private static let byKey = "  clientAuthentication: \"private_key_jwt\""

    /// QWE's node with a provider in its configuration.
    /// - Parameters:
    ///   - name: of the first person: who comes from another provider's address is somebody else, and gets no name twice.
    ///   - keys: a file with the node's public keys, where it shows who it is by one of them.
    private func withProvider(
        _ name: String = "ada", rolesClaim: String = "roles", keys: String? = nil,
        _ body: (WebDoor) async throws -> Void
    ) async throws {
        let federation = try Federation.required()
        let provider = try await OpenIDProviderProcess(
            Self.people.map { $0.replacing("ada@", with: name + "@") },
            proof: keys.map { "@" + $0 } ?? "a secret/of two", log: federation.root + "/provider.log")
        let file = federation.home("QWE") + "/concordat.yaml"
        let before = try ProjectFiles.text(file)
        let block = """

            openid:
              issuer: "http://127.0.0.1:\(provider.port)"
              clientID: "concordat"
            \(keys == nil ? Self.bySecret : Self.byKey)
              rolesClaim: "\(rolesClaim)"
              roles: "analyst=Concordat.Analyst, auditor=R8000"
              acr: "AAL2, AAL3"
              amr: "mfa"
            """
        try Data("a secret/of two\n".utf8).write(to: URL(filePath: federation.home("QWE") + "/openid.secret"))
        try? await federation.end("QWE")
        try Data((before + block + "\n").utf8).write(to: URL(filePath: file))
        // The next test finds it as it was, whatever becomes of this one.
        defer { try? Data(before.utf8).write(to: URL(filePath: file)) }
        let node = try await KeptNode(home: federation.home("QWE"))
        do {
            try await body(try await WebDoor.opened(federation))
        } catch {
            await node.stop()
            await provider.stop()
            throw error
        }
        await node.stop()
        await provider.stop()
    }

    private struct Away {
        let address: String
        let cookie: String
    }

    private func begin(_ door: WebDoor) async throws -> Away {
        let answer = try await door.send("GET", "/openid/begin")
        #expect(answer.status == 303, "\(answer.body)")
        let cookie = try #require(answer.headers["set-cookie"])
        #expect(cookie.hasPrefix("__Host-concordat-openid="))
        #expect(cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax") && cookie.contains("Secure"))
        return Away(
            address: try #require(answer.headers["location"]),
            cookie: String(try #require(cookie.split(separator: ";").first)))
    }

    /// Where the provider sends the person's browser.
    private func agree(_ away: Away, _ subject: String) async throws -> String {
        let outcome = try await Program.run(
            other: "curl",
            ["-sS", "-o", "/dev/null", "-w", "%{redirect_url}", "--data", "sub=\(subject)", away.address])
        let back = try #require(URLComponents(string: outcome.output), "\(outcome.errors)")
        return try #require(back.percentEncodedQuery, "\(outcome.output)")
    }

    private func finish(_ door: WebDoor, _ query: String, _ cookie: String) async throws -> WebDoor.Answer {
        try await door.send("GET", "/openid/callback?\(query)", nil, ["Cookie": cookie])
    }

    private func signIn(_ door: WebDoor, _ subject: String) async throws -> WebDoor.Answer {
        let away = try await begin(door)
        return try await finish(door, try await agree(away, subject), away.cookie)
    }

    /// The session of somebody who came back: curl gives the last cookie, which forgets, so ask for all.
    private func session(_ door: WebDoor, _ subject: String) async throws -> [String: String] {
        let away = try await begin(door)
        let query = try await agree(away, subject)
        let outcome = try await Program.run(
            other: "curl",
            [
                "-sS", "--cacert", door.certificate, "-D", "-", "-o", "/dev/null", "-H",
                "Cookie: \(away.cookie)", "\(door.origin)/api/v1/openid/callback?\(query)",
            ])
        let cookies = outcome.output.split(whereSeparator: \.isNewline).filter {
            $0.lowercased().hasPrefix("set-cookie: __host-concordat=")
        }
        let cookie = try #require(cookies.first, "\(outcome.output)")
        return ["Cookie": String(cookie.dropFirst("set-cookie: ".count).split(separator: ";")[0])]
    }

    @Test("by the provider's button in a browser, and out again there too", .timeLimit(.minutes(5)))
    func journey() async throws {
        try await withProvider("joan") { door in try await door.walk("openid.py", "analyst", door.password) }
        #expect(try await Federation.required().run(["audit", "verify"], at: "QWE").status == 0)
    }

    @Test(
        "by a key of the node's own: a new one signs when it is told to, and a provider takes what it knows")
    func keys() async throws {
        let federation = try Federation.required()
        func key(_ words: String...) async throws -> Program.Outcome {
            try await federation.run(
                ["openid", "key"] + words.prefix(1), at: "QWE", Array(words.dropFirst()))
        }
        let registered = federation.root + "/client.jwks"
        func register() async throws {
            try Data(try await key("show").output.utf8).write(to: URL(filePath: registered))
        }
        #expect(try await key("list").output.contains("RS512") == false)
        #expect(try await key("new").status == 0)
        try await register()
        try await withProvider("kay", keys: registered) { door in
            #expect(try await signIn(door, "1").status == 200)
            // Another key is made, and is not used before the provider knows it.
            #expect(try await key("new", "--algorithm", "ES256").status == 0)
            #expect(try await signIn(door, "1").status == 200)
            let list = try await key("list", "--format", "csv").output.split(whereSeparator: \.isNewline)
                .dropFirst()
            let ids = list.map { String($0.prefix { $0 != "," }) }
            try #require(ids.count == 2, "\(list)")
            #expect(list.map { $0.hasSuffix(",yes") } == [true, false])
            #expect(try await key("use", ids[1]).status == 0)
            let unknown = try await signIn(door, "1")
            #expect(unknown.status == 502, "\(unknown.body)")
            #expect(try ProjectFiles.text(federation.root + "/provider.log").contains("not signed by a key"))
            try await register()
            #expect(try await signIn(door, "1").status == 200)
            // The key in use stays; the other one goes.
            #expect(try await key("remove", ids[1]).status == 1)
            #expect(try await key("remove", ids[0]).status == 0)
            try await register()
            #expect(try await signIn(door, "1").status == 200)
            // An answer of the API ends the session here, and says nothing of the provider's.
            let ada = try await session(door, "1")
            let token = try #require(
                try await door.send("GET", "/session", nil, ada).json["change_token"].text)
            let left = try await door.send(
                "DELETE", "/session", nil, ada.merging(["X-CSRF-Token": token]) { $1 })
            #expect(left.status == 204)
            #expect(try await door.send("GET", "/me", nil, ada).status == 401)
        }
        // Nothing of a key or a token stands in the log of the node.
        let log = try ProjectFiles.text(federation.home("QWE") + ".again.log")
        #expect(!log.contains("eyJ") && !log.contains("PRIVATE KEY"))
        #expect(try await federation.run(["audit", "verify"], at: "QWE").status == 0)
    }

    @Test("without its provider nobody waits to sign out")
    func alone() async throws {
        let federation = try Federation.required()
        var ada: [String: String] = [:]
        try await withProvider("al") { door in
            ada = try await session(door, "1")
            let token = try #require(
                try await door.send("GET", "/session", nil, ada).json["change_token"].text)
            ada["token"] = token
        }
        // The same node once more, with a provider that is not there.
        let file = federation.home("QWE") + "/concordat.yaml"
        let before = try ProjectFiles.text(file)
        let block = """

            openid:
              issuer: "http://127.0.0.1:9"
              clientID: "concordat"
              roles: "analyst=Concordat.Analyst"

            """
        try Data((before + block).utf8).write(to: URL(filePath: file))
        defer { try? Data(before.utf8).write(to: URL(filePath: file)) }
        let node = try await KeptNode(home: federation.home("QWE"))
        let door = try await WebDoor.opened(federation)
        let left = try await door.page(
            "/sign-out", form: "change_token=\(ada["token"] ?? "")", ["Cookie": ada["Cookie"] ?? ""])
        await node.stop()
        #expect(left.status == 303)
        #expect(left.headers["location"] == "/sign-in")
        #expect(left.headers["set-cookie"]?.contains("__Host-concordat=;") == true)
    }

    @Test("a code, PKCE, state and nonce; roles by the claims; who is weak, nobody or another stays out")
    func signIn() async throws {
        let federation = try Federation.required()
        try await withProvider { door in
            let ada = try await session(door, "1")
            let me = try await door.send("GET", "/me", nil, ada).json
            #expect(me["user"].text == "ada@icb.example")
            #expect(me["roles"].elements.map(\.text) == ["analyst"])
            for (subject, type) in [("3", "person"), ("4", "context"), ("5", "person")] {
                let answer = try await signIn(door, subject)
                #expect(answer.status == 403, "\(subject): \(answer.body)")
                #expect(try answer.json["type"].text == "urn:concordat:problem:openid-\(type)")
                #expect(answer.headers["set-cookie"] == nil)
            }
            let away = try await begin(door)
            #expect(away.address.contains("code_challenge_method=S256"))
            let query = try await agree(away, "1")
            let other = try await begin(door)
            // Of another browser, of none, with another state; and a code is good once.
            for (query, cookie) in [
                (query, other.cookie), (query, "a=b"),
                (query.replacing("state=", with: "state=x"), away.cookie),
            ] {
                let answer = try await finish(door, query, cookie)
                #expect(try answer.json["type"].text == "urn:concordat:problem:openid-state")
            }
            #expect(try await finish(door, query, away.cookie).status == 200)
            #expect(try await finish(door, query, away.cookie).status == 502)

            // No password is theirs, and none locks them.
            for _ in 0..<5 {
                let wrong = WebDoor.credentials("ada@icb.example", "not the password")
                #expect(try await door.send("POST", "/session", wrong).status == 401)
            }
            #expect(try await signIn(door, "1").status == 200)
            let locked = try await federation.run(["user", "lock"], at: "QWE", ["ada@icb.example"])
            #expect(locked.status == 0)
            #expect(try await door.send("GET", "/me", nil, ada).status == 401)
            #expect(try await signIn(door, "1").status == 403)
        }
        // Roles within objects.
        try await withProvider(rolesClaim: "nhsid_nrbac_roles.role_code") { door in
            let bob = try await session(door, "2")
            #expect(
                try await door.send("GET", "/me", nil, bob).json["roles"].elements.map(\.text) == ["auditor"])
            #expect(try await door.send("GET", "/audit/head", nil, bob).status == 200)
        }
        #expect(try await federation.run(["audit", "verify"], at: "QWE").status == 0)
    }
}
