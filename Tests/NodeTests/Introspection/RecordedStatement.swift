import Core
import Foundation
import Query
import TestSupport

@testable import Node

/// A statement that a real client sent, as a real PostgreSQL 15 logged it.
struct RecordedStatement: Decodable, Sendable {
    let client: String
    /// `{oid:public.condition}` stands for the OID of a table.
    let sql: String
    let parameters: [String?]

    static func all() throws -> [RecordedStatement] {
        let file = URL(filePath: #filePath).deletingLastPathComponent().appending(
            path: "Recorded/statements.json")
        return try JSONDecoder().decode([RecordedStatement].self, from: try Data(contentsOf: file))
    }

    /// With the OIDs of one server.
    func resolved(_ oids: [String: String]) -> RecordedStatement {
        func replaced(_ text: String) -> String {
            oids.reduce(text) { $0.replacing("{oid:\($1.key)}", with: $1.value) }
        }
        return RecordedStatement(
            client: client, sql: replaced(sql), parameters: parameters.map { $0.map(replaced) })
    }

    private init(client: String, sql: String, parameters: [String?]) {
        (self.client, self.sql, self.parameters) = (client, sql, parameters)
    }
}

extension SystemSession {
    static let test = SystemSession(
        user: "analyst", database: "concordat", processID: 4_711,
        settings: ["server_version": "15.20", "search_path": "public, reference, codelist, released"],
        now: 1_772_368_200_000_000)
}

extension Introspection {
    /// OIDs of the tables that people see.
    func oids() async throws -> [String: String] {
        let answer = try await answer(
            """
            SELECT n.nspname || '.' || c.relname, c.oid FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
            WHERE c.oid >= 16384 UNION ALL SELECT nspname, oid FROM pg_namespace
            """, session: .test)
        return Dictionary((answer?.texts ?? []).compactMap { row in
            if let name = row[0], let oid = row[1] { (name, oid) } else { nil }
        }) { first, _ in first }
    }
}
