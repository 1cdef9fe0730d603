import Foundation
import Testing

/// The requester's door for PostgreSQL's clients, as they are told of it.
struct SQLDoor: Sendable {
    let federation: Federation
    let port: String
    let password: String

    init(_ federation: Federation) throws {
        self.federation = federation
        let lines = try ProjectFiles.text(federation.home("QWE") + "/concordat.yaml").split(separator: "\n")
        let block = lines.drop { $0 != "sql:" }
        let line = try #require(block.first { $0.hasPrefix("  port:") }, "no door for SQL at QWE")
        port = line.dropFirst("  port:".count).trimmingCharacters(in: .whitespaces)
        password = try ProjectFiles.text(federation.root + "/analyst.password")
            .trimmingCharacters(in: .whitespacesAndNewlines)
    }

    var certificate: String { federation.home("QWE") + "/sql.crt" }

    /// libpq's variables.
    func environment(_ more: [String: String] = [:]) -> [String: String] {
        [
            "PGHOST": "localhost", "PGPORT": port, "PGUSER": "analyst", "PGPASSWORD": password,
            "PGDATABASE": "demo-planning", "PGSSLMODE": "verify-full", "PGSSLROOTCERT": certificate,
            "PYTHONPATH": ProjectFiles.root + "/.lib/python", "PYTHONDONTWRITEBYTECODE": "1",
        ].merging(more) { $1 }
    }

    /// Runs a client to its end.
    func run(_ program: [String], _ more: [String: String] = [:]) async throws -> Program.Outcome {
        let variables = environment(more).map { "\($0.key)=\($0.value)" }.sorted()
        guard let first = variables.first else { throw Program.Failure(description: "no environment") }
        return try await Program.run(other: first, Array(variables.dropFirst()) + program)
    }

    func psql(_ sql: String, _ more: [String: String] = [:]) async throws -> Program.Outcome {
        try await run(["psql", "-X", "-A", "-t", "-v", "VERBOSITY=verbose", "-c", sql], more)
    }
}

extension ProjectFiles {
    static let root = URL(filePath: schemas).deletingLastPathComponent().path
    static let clients = tests + "/Clients"
}
