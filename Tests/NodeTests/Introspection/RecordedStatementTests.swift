import Catalog
import Core
import Foundation
import Query
import TestSupport
import Testing

@testable import Node

/// What real clients asked a real PostgreSQL 15, asked of the node and of a real PostgreSQL 15 with the same tables.
@Suite(.serialized, .postgreSQLCluster) struct RecordedStatementTests {
    private struct Pair {
        let statement: RecordedStatement
        let ours: Introspection.Answer
        let real: RealCatalog.Said
    }

    @Test func theNodeSaysWhatPostgreSQLSays() async throws {
        let cluster = try TestFailure.unwrap(PostgreSQLCluster.current, "the suite lacks .postgreSQLCluster")
        try await IntrospectionTests.with { introspection in
            let own = try await introspection.oids()
            let relations = await introspection.relations.values.sorted { $0.oid < $1.oid }
            let real = try await RealCatalog(
                cluster, relations, try NodeHome.catalog().tables)
            var statements: [(statement: RecordedStatement, ours: Introspection.Answer)] = []
            for statement in try RecordedStatement.all() {
                let resolved = statement.resolved(own)
                let answer = try await introspection.answer(
                    resolved.sql, parameters: resolved.parameters, session: .test)
                // Questions about people are the only ones that are left to sites.
                guard let answer else {
                    #expect(statement.sql.contains("\"condition\""), "\(statement.sql)")
                    continue
                }
                statements.append((statement, answer))
            }
            let asked = try statements.map { entry in
                let resolved = entry.statement.resolved(real.oids)
                return try StatementParameters(resolved.sql).bound(resolved.parameters)
            }
            let said = try real.say(asked)
            #expect(said.count == asked.count)
            let types = try await introspection.typeNames()
            let differences = zip(statements, said).compactMap { entry, said in
                Comparison(
                    statement: entry.statement, ours: entry.ours, real: said, types: types, ownOIDs: own,
                    realOIDs: real.oids
                ).difference
            }
            try expectGolden(
                differences.joined(separator: "\n"), beside: #filePath, "Recorded/differences.txt")
        }
    }

    /// Compares with a file beside the tests; `RECORD_GOLDENS=1` writes it.
    private func expectGolden(_ text: String, beside source: String, _ path: String) throws {
        let file = URL(filePath: source).deletingLastPathComponent().appending(path: path)
        if ProcessInfo.processInfo.environment["RECORD_GOLDENS"] == "1" {
            try Data(text.utf8).write(to: file)
        }
        #expect(text == String(decoding: try Data(contentsOf: file), as: UTF8.self))
    }
}

extension Introspection {
    /// Types as `\gdesc` calls them.
    func typeNames() async throws -> [UInt32: String] {
        let answer = try await answer("SELECT oid, format_type(oid, NULL) FROM pg_type", session: .test)
        return Dictionary(
            (answer?.rows ?? []).compactMap { row in
                row[0].flatMap { UInt32($0) }.flatMap { oid in row[1].map { (oid, $0) } }
            }
        ) { first, _ in first }
    }
}

/// One statement's answers side by side, with the numbers of tables taken out.
private struct Comparison {
    let statement: RecordedStatement
    let ours: Introspection.Answer
    let real: RealCatalog.Said
    let types: [UInt32: String]
    let ownOIDs: [String: String]
    let realOIDs: [String: String]

    /// In words; nil where there is none.
    var difference: String? {
        var lines: [String] = []
        let columns = ours.columns.map { [$0.name, types[$0.type.oid] ?? "?"] }
        let described = real.columns.map { [$0[0], $0.count > 1 ? Self.withoutModifier($0[1]) : ""] }
        if columns != described {
            for (mine, theirs) in zip(columns, described) where mine != theirs {
                lines.append(
                    "  column \(mine.joined(separator: " ")), PostgreSQL: \(theirs.joined(separator: " "))")
            }
            if columns.count != described.count {
                lines.append("  \(columns.count) columns, PostgreSQL: \(described.count)")
            }
        }
        let mine = Self.counted(ours.rows, ownOIDs)
        let theirs = Self.counted(real.rows, realOIDs)
        let missing = theirs.filter { mine[$0.key, default: 0] < $0.value }.keys.sorted()
        let extra = mine.filter { theirs[$0.key, default: 0] < $0.value }.keys.sorted()
        // Of its thousands of functions each minor version has some more or fewer.
        let alone = missing.count < 1_000 ? "\(missing.count)" : "thousands of"
        if !missing.isEmpty { lines.append("  \(alone) rows of PostgreSQL alone") }
        if !extra.isEmpty { lines.append("  \(extra.count) rows of the node alone") }
        guard !lines.isEmpty else { return nil }
        if ProcessInfo.processInfo.environment["RECORD_GOLDENS"] == "1" {
            // Rows have versions and numbers of one server: for who looks, not for the file.
            print(statement.sql, "\nPostgreSQL:", missing.first ?? "", "\nnode:", extra.first ?? "")
        }
        let head = statement.sql.split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) }
            .joined(separator: " ").prefix(160)
        return "\(statement.client): \(head)\n" + lines.joined(separator: "\n")
    }

    private static func withoutModifier(_ type: String) -> String {
        type.contains("(") ? String(type.prefix { $0 != "(" }) + type.drop { $0 != ")" }.dropFirst() : type
    }

    private static func counted(_ rows: [[String?]], _ oids: [String: String]) -> [String: Int] {
        let names = Dictionary(oids.map { ($1, $0) }) { first, _ in first }
        var found: [String: Int] = [:]
        for row in rows {
            let text = row.map { field in
                // An option that some minor versions note of every column.
                guard let field, !field.hasPrefix("{pg_attver=") else { return "NULL" }
                return names[field].map { "{oid:\($0)}" } ?? field
            }
            found[text.joined(separator: " | "), default: 0] += 1
        }
        return found
    }
}
