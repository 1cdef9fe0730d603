import Core
import Foundation
import Warehouse

/// The three sites' records in one DuckDB, flattened from the same files by `Oracle/pooled.sql` alone.
struct PooledDatabase: Sendable {
    private let engine: DuckDBEngine

    /// Reads the NDJSON that a federation was filled from.
    init(data: String) async throws {
        engine = try await DuckDBEngine(
            path: nil,
            settings: DuckDBSettings(allowedDirectories: [data + "/", ProjectFiles.schemas + "/"]))
        var script = try ProjectFiles.text(ProjectFiles.tests + "/Oracle/pooled.sql")
        let areas = data + "/reference/imd.csv"
        if FileManager.default.fileExists(atPath: areas) {
            script += "CREATE TABLE imd AS SELECT * FROM read_csv('\(areas)');"
        }
        if FileManager.default.fileExists(atPath: data + "/RJ1/opt-out.dat") {
            script += Federation.trusts.enumerated().map { place, site in
                (place == 0 ? "CREATE TABLE allowed AS " : "INSERT INTO allowed ")
                    + "SELECT '\(site)' AS site, column0 AS person FROM read_csv("
                    + "'\(data)/\(site)/opt-out.dat', header = false, all_varchar = true);"
            }.joined()
        }
        script = script.replacing("$DATA", with: data).replacing("$SCHEMAS", with: ProjectFiles.schemas)
        try await engine.withSession { [script] in try await $0.execute(script) }
    }

    func close() async { await engine.close() }

    /// The rows of one statement.
    func rows(_ sql: String) async throws -> [[Cell]] {
        try await engine.withSession { session in
            try await session.query(sql).rows.map { $0.map(Cell.init) }
        }
    }
}

/// One value of a result, from either side.
enum Cell: Hashable, Sendable {
    case null
    case boolean(Bool)
    case integer(Int64)
    case number(Double)
    case text(String)

    init(_ value: Value) {
        self =
            switch value {
            case .null: .null
            case .boolean(let value): .boolean(value)
            case .integer(let value): .integer(value)
            case .double(let value): .number(value)
            default: .text(value.text)
            }
    }

    /// - Returns: nil for what no cell holds.
    init?(_ value: JSONDocument) {
        switch value {
        case .null: self = .null
        case .boolean(let value): self = .boolean(value)
        case .integer(let value): self = .integer(value)
        case .number(let value): self = .number(value)
        case .text(let value): self = .text(value)
        case .array, .object: return nil
        }
    }

    var number: Double? {
        switch self {
        case .integer(let value): Double(value)
        case .number(let value): value
        default: nil
        }
    }

    /// Whole numbers exactly, others to 1e-9 of the larger.
    func agrees(with other: Cell) -> Bool {
        if case .integer(let left) = self, case .integer(let right) = other { return left == right }
        guard let left = number, let right = other.number else { return self == other }
        return abs(left - right) <= 1e-9 * max(1, abs(left), abs(right))
    }

    /// A key to sort rows by that no rounding changes: floating point comes last and coarse.
    var sortKey: String {
        switch self {
        case .null: "0"
        case .boolean(let value): "1\(value)"
        case .text(let value): "2" + value
        case .integer, .number: "3" + String(format: "%025.4f", number ?? 0)
        }
    }
}
