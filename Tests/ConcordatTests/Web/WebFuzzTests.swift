import Foundation
import Testing

/// What is published of the API holds, whatever is sent: by schemathesis, for about a minute.
@Suite(
    "the HTTP API is as it is published", .serialized,
    .federation(.synthetic(patients: 300, disclosure: "concordat")))
struct WebFuzzTests {
    /// What must not be done by chance: it ends the node's part in the agreement, or takes long.
    private static let left = ["revokeAgreement", "suspendAgreement", "followQuery"]

    @Test("nothing for strangers, whatever they come with")
    func strangers() async throws {
        let door = try WebDoor(try Federation.required())
        let paths = try await door.send("GET", "/openapi.json").json["paths"]
        var tried = 0
        for path in paths.keys {
            for method in paths[path].keys {
                guard !paths[path][method]["security"].elements.isEmpty else { continue }
                let place = path.replacing(/\{[a-z]+\}/, with: "1")
                for credentials in [
                    [:], ["Authorization": "Bearer concordat_nothing"], ["Authorization": "Basic YTpi"],
                    ["Cookie": "__Host-concordat=nothing"],
                ] {
                    let answer = try await door.send(method.uppercased(), place, nil, credentials)
                    #expect(answer.status == 401, "\(method) \(path)")
                }
                tried += 1
            }
        }
        #expect(tried > 40)
    }

    @Test("no fault of the node, no answer of another shape")
    func fuzz() async throws {
        let federation = try Federation.required()
        let door = try WebDoor(federation)
        try await door.add("all", "analyst", "governance", "operator", "auditor")
        let scopes = [
            "questions", "catalog", "saved", "saved:write", "agreements", "agreements:write", "releases",
            "releases:write", "quarantine", "quarantine:write", "operations", "audit",
        ]
        let made = try await federation.run(
            ["token", "create"], at: "QWE",
            ["--user", "all", "--format", "json"] + scopes.flatMap { ["--scope", $0] } + ["fuzz"])
        let token = try #require(try made.json().elements.first?["token"].text)
        // More requests than people make.
        try await federation.end("QWE")
        let file = federation.home("QWE") + "/concordat.yaml"
        let settings = try ProjectFiles.text(file).replacing(
            "  requestsPerMinute: 600", with: "  requestsPerMinute: 100000")
        try Data(settings.utf8).write(to: URL(filePath: file))
        let node = try await KeptNode(home: federation.home("QWE"))
        let outcome = try await Program.run(
            // Where it may leave what it remembers.
            other: "--chdir=\(federation.root)",
            [
                "PYTHONPATH=\(ProjectFiles.root)/.lib/web", "PYTHONDONTWRITEBYTECODE=1", "python3", "-m",
                "schemathesis.cli", "run",
                ProjectFiles.schemas + "/http/openapi.json", "--url", door.origin + "/api/v1", "--tls-verify",
                door.certificate, "-H", "Authorization: Bearer \(token)", "--checks",
                "not_a_server_error,status_code_conformance,content_type_conformance,"
                    + "response_headers_conformance,response_schema_conformance,negative_data_rejection,"
                    + "unsupported_method",
                "--phases", "examples,coverage,fuzzing", "--max-examples", "15", "--seed", "1", "--no-color",
                "--request-timeout", "30", "--max-failures", "5",
            ] + Self.left.flatMap { ["--exclude-operation-id", $0] })
        await node.stop()
        #expect(outcome.status == 0, "\(outcome.output.suffix(6_000))\(outcome.errors.suffix(1_000))")
        #expect(try await federation.run(["audit", "verify"], at: "QWE").status == 0)
    }
}
