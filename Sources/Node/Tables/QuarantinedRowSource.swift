internal import Core
internal import Foundation
internal import Warehouse

/// Rows of tables that wait in the quarantine: of one file, with the same columns, one after the other.
final class QuarantinedRows {
    let mapping: String
    let file: String
    let path: String
    let columns: [String]
    private let part: Part
    /// Entries, by the row's place.
    private(set) var ids: [UInt64] = []

    /// The row of each entry that has one, gathered in files of the quarantine's folder until `close`.
    ///
    /// What may not be tried is left out: lines that were no row, and rows that came for another partition.
    static func all(_ quarantine: QuarantineJournal) throws -> (rows: [QuarantinedRows], left: Int) {
        var (all, left): ([QuarantinedRows], Int) = ([], 0)
        try quarantine.forEach { entry in
            guard let name = entry.mapping else { return }
            guard !entry.isUnreadableLine, !entry.reasons.contains("outside-partition"),
                let id = UInt64(entry.id, radix: 16), let bytes = entry.bytes,
                let row = try? JSONSerialization.jsonObject(with: bytes) as? [String: Any]
            else {
                left += 1
                return
            }
            let mapping = entry.mappingPath ?? name
            let columns = row.keys.sorted()
            if all.last?.isOf(mapping, entry, columns) != true {
                all.append(
                    try QuarantinedRows(mapping, entry, columns, try quarantine.part()))
            }
            try all.last?.part.append(RetryInput.oneLine(Array(bytes)))
            all.last?.ids.append(id)
        }
        for rows in all { try rows.part.flush() }
        return (all, left)
    }

    private init(
        _ mapping: String, _ entry: QuarantineJournal.Entry, _ columns: [String], _ part: Part
    ) throws {
        (self.mapping, self.columns, self.part) = (mapping, columns, part)
        (file, path) = (entry.file, entry.path)
    }

    private func isOf(_ mapping: String, _ entry: QuarantineJournal.Entry, _ columns: [String]) -> Bool {
        (mapping, entry.file, entry.path) == (self.mapping, file, path) && columns == self.columns
    }

    func source(_ settings: DuckDBSettings) async throws -> QuarantinedRowSource {
        try await QuarantinedRowSource(
            name: file, path: path, size: part.count, columns: columns, file: part.workingPath, settings)
    }

    func close() { part.discard() }
}

/// Reads them: a JSON object a line, its members as text.
final class QuarantinedRowSource: TableSource {
    let name: String
    let path: String
    let size: Int
    let hasHeader = false
    private let names: [String]
    private let file: String
    private let reader: TableReader

    fileprivate init(
        name: String, path: String, size: Int, columns: [String], file: String, _ settings: DuckDBSettings
    ) async throws {
        (self.name, self.path, self.size, names, self.file) = (name, path, size, columns, file)
        reader = try await TableReader(of: [file], settings)
    }

    func columns() async throws -> [String] { names }

    func stream(
        _ statement: @Sendable (String) -> String, _ body: @escaping @Sendable (Table) throws -> Void
    ) async throws {
        let pointers = names.map {
            SQLQuoting.literal("/" + $0.replacing("~", with: "~0").replacing("/", with: "~1"))
        }
        let list = names.indices.map { "m[\($0 + 1)] AS r\($0)" }.joined(separator: ", ")
        let relation = """
            (SELECT \(list) FROM (SELECT json_extract_string(json, [\(pointers.joined(separator: ", "))]) AS m
              FROM read_ndjson_objects([\(SQLQuoting.literal(file))])) j) q
            """
        try await reader.session.stream(statement(relation), parameters: [], body)
    }

    func unreadable(_ body: (UnreadableLine) throws -> Void) async throws {}

    func close() async { await reader.close() }
}

/// An instance of DuckDB in memory that reads foreign rows.
///
/// INVARIANT: it may read these files and nothing else, and its configuration is locked.
struct TableReader: Sendable {
    private let engine: DuckDBEngine
    let session: any EngineSession

    /// - Throws: `NodeError` for a name that DuckDB would take as a pattern.
    init(of paths: [String], _ settings: DuckDBSettings) async throws {
        for path in paths where path.contains(where: { "*?[]{}".contains($0) }) {
            throw NodeError(.input, "rename '\(path)': a name with * ? [ ] { } is taken as a pattern")
        }
        var own = settings
        own.allowedDirectories = []
        own.allowedPaths = paths
        engine = try await DuckDBEngine(path: nil, settings: own)
        try await engine.lockDown()
        session = try await engine.session()
    }

    func close() async {
        await session.end()
        await engine.close()
    }
}
