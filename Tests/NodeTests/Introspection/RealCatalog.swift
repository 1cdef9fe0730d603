import Catalog
import Core
import Foundation
import TestSupport
import Warehouse

@testable import Node

/// A real PostgreSQL 15 with the tables that a node shows, and what it says to statements.
struct RealCatalog: Sendable {
    struct Said: Sendable {
        /// Names and types of the columns, as `\gdesc` has them.
        var columns: [[String]] = []
        /// nil for NULL.
        var rows: [[String?]] = []
    }

    private let connection: String
    /// By `schema.table`, and by name of the schema.
    private(set) var oids: [String: String] = [:]

    /// - Parameter relations: made as empty tables with comments.
    ///   - tables: whose rows go in as well.
    init(
        _ cluster: PostgreSQLCluster, _ relations: [UserRelation], _ tables: [ReferenceTable]
    ) async throws {
        connection = try await cluster.makeDatabase("concordat")
        let engine = PostgreSQLEngine(connectionString: connection)
        try await engine.withSession { session in
            for schema in UserRelations.schemas where schema.name != "public" {
                try await session.execute("CREATE SCHEMA \(schema.name)")
            }
            for relation in relations { try await session.execute(Self.definition(relation)) }
            for table in tables {
                try await session.load(
                    QualifiedName(schema: table.kind.rawValue, table.name),
                    columns: table.columns.map { ($0.name, $0.type) }, batch: table.rows)
            }
            let path = UserRelations.searchPath.joined(separator: ", ")
            try await session.execute("ALTER DATABASE concordat SET search_path = \(path)")
        }
        await engine.close()
        let said = try say([
            """
            SELECT n.nspname || '.' || c.relname, c.oid::text FROM pg_class c
            JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.oid >= 16384 AND c.relkind = 'r'
            UNION ALL SELECT nspname, oid::text FROM pg_namespace
            """
        ])
        for row in said[0].rows { if let name = row[0], let oid = row[1] { oids[name] = oid } }
    }

    private static func definition(_ relation: UserRelation) -> String {
        let name = "\(relation.schema).\(SQLQuoting.identifier(relation.name))"
        let columns = relation.columns.map { "\(SQLQuoting.identifier($0.name)) \($0.type.rawValue)" }
        var statements = ["CREATE TABLE \(name) (\(columns.joined(separator: ", ")))"]
        if !relation.summary.isEmpty {
            statements.append("COMMENT ON TABLE \(name) IS \(SQLQuoting.literal(relation.summary))")
        }
        for column in relation.columns where !column.summary.isEmpty {
            statements.append(
                "COMMENT ON COLUMN \(name).\(SQLQuoting.identifier(column.name)) IS \(SQLQuoting.literal(column.summary))"
            )
        }
        return statements.joined(separator: ";\n")
    }

    /// What psql is told of each statement, in their order.
    func say(_ statements: [String]) throws -> [Said] {
        let folder = FileManager.default.temporaryDirectory
        let script = folder.appending(path: "concordat-say-\(UUID().uuidString).sql")
        let output = folder.appending(path: "concordat-say-\(UUID().uuidString).txt")
        defer { for file in [script, output] { try? FileManager.default.removeItem(at: file) } }
        var text = "\\pset format unaligned\n\\pset tuples_only on\n\\pset null '\u{1}'\n\\pset fieldsep '\u{1F}'\n"
        text += "\\pset recordsep '\u{1E}'\n"
        for statement in statements {
            var sql = statement.trimmingCharacters(in: .whitespacesAndNewlines)
            while sql.hasSuffix(";") { sql.removeLast() }
            text += "\\echo \u{1D}\n\(sql)\n\\gdesc\n\\echo \u{1C}\n\(sql)\n\\g\n"
        }
        try Data(text.utf8).write(to: script)
        try Data().write(to: output)
        let process = Process()
        process.executableURL = URL(filePath: "/usr/lib/postgresql/15/bin/psql")
        process.arguments = ["-X", "-q", "-f", script.path, connection]
        process.standardOutput = try FileHandle(forWritingTo: output)
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        return String(decoding: try Data(contentsOf: output), as: UTF8.self)
            .components(separatedBy: "\u{1D}").dropFirst().map(Self.said)
    }

    private static func said(_ text: String) -> Said {
        let parts = text.components(separatedBy: "\u{1C}")
        func records(_ part: String) -> [[String]] {
            part.trimmingCharacters(in: .newlines).components(separatedBy: "\u{1E}")
                .filter { !$0.isEmpty }.map { $0.components(separatedBy: "\u{1F}") }
        }
        guard parts.count == 2 else { return Said() }
        return Said(
            columns: records(parts[0]), rows: records(parts[1]).map { $0.map { $0 == "\u{1}" ? nil : $0 } })
    }
}
