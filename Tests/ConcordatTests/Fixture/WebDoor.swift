import Foundation
import Testing

/// The requester's door for people and scripts over HTTP, by curl.
struct WebDoor: Sendable {
    let federation: Federation
    let origin: String
    let certificate: String
    /// Of the demonstration's analyst.
    let password: String

    /// - Parameter member: whose configuration has a block `web`.
    init(_ federation: Federation, at member: String = "QWE") throws {
        self.federation = federation
        let lines = try ProjectFiles.text(federation.home(member) + "/concordat.yaml").split(separator: "\n")
        let block = lines.drop { $0 != "web:" }
        let line = try #require(block.first { $0.hasPrefix("  port:") }, "no door for HTTP at \(member)")
        origin = "https://localhost:" + line.dropFirst("  port:".count).trimmingCharacters(in: .whitespaces)
        certificate = federation.home(member) + "/web.crt"
        password = try ProjectFiles.text(federation.root + "/analyst.password")
            .trimmingCharacters(in: .whitespacesAndNewlines)
    }

    /// Of a node that has just been started: its socket may be there before this door is.
    static func opened(_ federation: Federation, at member: String = "QWE") async throws -> WebDoor {
        let door = try WebDoor(federation, at: member)
        for _ in 0..<600 {
            if (try? await door.send("GET", "/healthz", below: ""))?.status == 200 { return door }
            try await Task.sleep(for: .milliseconds(100))
        }
        throw Program.Failure(description: "\(member)'s node does not open its door for HTTP")
    }

    struct Answer: Sendable {
        let status: Int
        /// By name, in small letters; of several of one name the last.
        let headers: [String: String]
        let body: String

        var json: JSONDocument {
            get throws {
                do {
                    return try JSONDecoder().decode(JSONDocument.self, from: Data(body.utf8))
                } catch {
                    throw Program.Failure(description: "no JSON (\(status)): \(body)")
                }
            }
        }
    }

    /// - Parameters:
    ///   - path: below `root`.
    ///   - body: or `@` and the file that it is in.
    ///   - file: where the body goes, instead of into the answer.
    func send(
        _ method: String, _ path: String, _ body: String? = nil, _ headers: [String: String] = [:],
        to file: String? = nil, below root: String = "/api/v1"
    ) async throws -> Answer {
        var arguments = [
            "-sS", "-N", "--max-time", "100", "--cacert", certificate, "-X", method, "-D", "/dev/stderr",
        ]
        if let body {
            arguments += ["--data-binary", body]
            if headers["Content-Type"] == nil { arguments += ["-H", "Content-Type: application/json"] }
        }
        for (name, value) in headers { arguments += ["-H", "\(name): \(value)"] }
        if let file { arguments += ["-o", file] }
        let outcome = try await Program.run(other: "curl", arguments + [origin + root + path])
        guard outcome.status == 0 else {
            throw Program.Failure(description: "curl ended with \(outcome.status): \(outcome.errors)")
        }
        let lines = outcome.errors.split(whereSeparator: \.isNewline).map(String.init)
        let first = try #require(lines.first { $0.hasPrefix("HTTP/1.1 ") }, "\(outcome.errors)")
        let pairs = lines.compactMap { line -> (String, String)? in
            guard let colon = line.firstIndex(of: ":") else { return nil }
            return (
                line[..<colon].lowercased(),
                line[line.index(after: colon)...].trimmingCharacters(in: .whitespaces)
            )
        }
        return Answer(
            status: try #require(Int(first.split(separator: " ")[1])),
            headers: Dictionary(pairs) { $1 }, body: outcome.output)
    }

    /// Signs in and gives what further requests bear: the session's cookie and its token for changes.
    func signIn(_ user: String = "analyst", _ password: String? = nil) async throws -> [String: String] {
        let answer = try await send("POST", "/session", Self.credentials(user, password ?? self.password))
        guard answer.status == 200 else {
            throw Program.Failure(description: "\(user) could not sign in: \(answer.body)")
        }
        let cookie = try #require(answer.headers["set-cookie"]?.split(separator: ";").first)
        return [
            "Cookie": String(cookie),
            "X-CSRF-Token": try #require(try answer.json["change_token"].text),
        ]
    }

    static func credentials(_ user: String, _ password: String) -> String {
        #"{"user":"\#(user)","password":"\#(password)"}"#
    }

    static let theirPassword = "four words of mine"

    /// Somebody new, with `theirPassword`.
    func add(_ name: String, _ roles: String..., at member: String = "QWE") async throws {
        let file = federation.root + "/\(name).password"
        try Data((Self.theirPassword + "\n").utf8).write(to: URL(filePath: file))
        let outcome = try await federation.run(
            ["user", "add"], at: member,
            roles.flatMap { ["--role", $0] } + ["--password-file", file, name])
        #expect(outcome.status == 0, "\(outcome.errors)")
    }

    /// Somebody new who has signed in.
    func person(_ name: String, _ role: String, at member: String = "QWE") async throws -> [String: String] {
        try await add(name, role, at: member)
        return try await signIn(name, Self.theirPassword)
    }
}
