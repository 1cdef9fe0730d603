internal import Catalog
package import Core
internal import Foundation
internal import Store
internal import Warehouse

/// An answer's rows as files that other programs read.
package enum ResultFile {
    /// RFC 4180, the header first; NULL is an empty field without quotes.
    package static func csv(_ table: Table) -> String {
        let header = table.columns.map { CSVQuoting.field($0.name) }.joined(separator: ",")
        let rows = table.rows.map { row in
            row.map { $0 == .null ? "" : CSVQuoting.field($0.text) }.joined(separator: ",")
        }
        return ([header] + rows).map { $0 + "\r\n" }.joined()
    }

    /// Apache Parquet, by DuckDB's writer in an instance of its own that reaches one new folder and nothing else.
    /// - Throws: `EngineError`.
    package static func parquet(_ table: Table, in context: NodeContext) async throws -> [UInt8] {
        let folder = "\(context.home.layout.temporaryDirectory)/result-\(UUID().uuidString.lowercased())"
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let configured = context.configuration.duckdbLibrary
        let engine = try await DuckDBEngine(
            path: nil,
            settings: DuckDBSettings(
                memoryLimitMegabytes: 256, threads: 1, allowedDirectories: [folder + "/"],
                library: configured.isEmpty ? nil : configured))
        let path = folder + "/result.parquet"
        do {
            try await engine.lockDown()
            try await write(table, to: path, engine)
        } catch {
            await engine.close()
            throw error
        }
        await engine.close()
        return Array(try Data(contentsOf: URL(filePath: path)))
    }

    private static func write(_ table: Table, to path: String, _ engine: DuckDBEngine) async throws {
        let schema = SiteSchema(catalog: .empty, dialect: .duckdb)
        let columns = table.columns.enumerated().map { place, column in
            // Two columns may have one name in an answer, and not in a file.
            (unique(column.name, place, table), column.type)
        }
        try await engine.withSession { session in
            try await session.execute(schema.define(nil, "result", columns))
            if table.rowCount > 0 {
                let batch = Table(
                    columns: zip(columns, table.columns).map { .init(name: $0.0, vector: $1.vector) },
                    rowCount: table.rowCount)
                try await session.load(QualifiedName("result"), columns: columns, batch: batch)
            }
            try await session.execute(
                "COPY result TO \(SQLQuoting.literal(path)) (FORMAT parquet, COMPRESSION zstd)")
        }
    }

    private static func unique(_ name: String, _ place: Int, _ table: Table) -> String {
        let earlier = table.columns[..<place].count { $0.name.lowercased() == name.lowercased() }
        return earlier == 0 ? name : "\(name)_\(place + 1)"
    }
}
