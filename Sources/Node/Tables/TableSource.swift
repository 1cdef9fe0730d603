internal import Core
internal import Foundation
internal import Warehouse

/// A line of a file that could not be read as a row.
struct UnreadableLine: Sendable {
    let line: Int
    let reason: String
    let text: String
}

/// A table from outside, read by an instance of DuckDB of its own.
protocol TableSource: Sendable {
    /// As reports and the quarantine have it.
    var name: String { get }
    /// Where it lies, for the quarantine.
    var path: String { get }
    /// Bytes as stored, 0 where that is not known.
    var size: Int { get }
    /// Whether a line of names stands before the rows.
    var hasHeader: Bool { get }

    func columns() async throws -> [String]

    /// Runs a statement over all rows, in their order; `body` is called on another thread.
    /// - Parameter statement: from a relation with columns `r0`, `r1`, … of text.
    func stream(
        _ statement: @Sendable (String) -> String, _ body: @escaping @Sendable (Table) throws -> Void
    ) async throws

    /// After `stream`: what was no row.
    func unreadable(_ body: (UnreadableLine) throws -> Void) async throws

    func close() async
}

/// A file of CSV (plain, .gz, .zst) or Parquet.
///
/// INVARIANT: the instance may read this one file and nothing else, and its configuration is locked.
final class FileTableSource: TableSource {
    let name: String
    let path: String
    let size: Int
    private let file: TableFile
    private let source: TableMapping.Source
    private let reader: TableReader
    private var session: any EngineSession { reader.session }

    var hasHeader: Bool {
        file.format != .parquet && source.columns == nil
    }

    /// - Parameter scratch: a private folder, for a copy of what is not in UTF-8.
    /// - Throws: `NodeError` for a file that is not there, not whole or no table.
    init(
        path: String, source: TableMapping.Source, settings: DuckDBSettings,
        scratch: String = NSTemporaryDirectory()
    ) async throws {
        self.path = path
        name = String(path.split(separator: "/").last ?? "")
        self.source = source
        let file = try await TableFile(path, encoding: source.encoding, scratch: scratch)
        self.file = file
        size = (try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int) ?? 0
        do {
            reader = try await TableReader(of: [file.path], settings)
        } catch {
            file.discard()
            throw error
        }
    }

    func close() async {
        await reader.close()
        file.discard()
    }

    func columns() async throws -> [String] {
        switch file.format {
        case .parquet:
            let found = try await told { try await $0.query("DESCRIBE SELECT * FROM \(self.parquet)") }
            return found.rows.map { $0[0].text }
        case .csv:
            if let given = source.columns { return given }
            // A separator that no line of text has: the line comes whole.
            let first = try await told {
                try await $0.query(
                    """
                    SELECT line FROM read_csv(\(SQLQuoting.literal(self.file.path)), columns = {'line': 'VARCHAR'},
                      auto_detect = false, header = false, delim = chr(1), quote = '', escape = '',
                      ignore_errors = true, \(self.file.options(self.source.encoding))) LIMIT 1
                    """)
            }
            guard first.rowCount == 1, case .text(let line) = first.row(0)[0] else {
                throw NodeError(.input, "\(name) is empty: not even a line of names")
            }
            let names = Self.names(line, delimiter: source.delimiter)
            guard names.count == 1 else { return names }
            for (other, words) in [
                (";", "semicolons"), ("\t", "tabs"), ("|", "upright strokes"), (",", "commas"),
            ]
            where Self.names(line, delimiter: other).count > 1 {
                throw NodeError(
                    .input,
                    "\(name) is separated by \(words), and the mapping says '\(source.delimiter)': write 'delimiter: "
                        + "\"\(other == "\t" ? "\\t" : other)\"' under its source")
            }
            return names
        }
    }

    func stream(
        _ statement: @Sendable (String) -> String, _ body: @escaping @Sendable (Table) throws -> Void
    ) async throws {
        let names = try await columns()
        let sql = statement(relation(names))
        try await told { try await $0.stream(sql, parameters: [], body) }
    }

    func unreadable(_ body: (UnreadableLine) throws -> Void) async throws {
        guard file.format != .parquet else { return }
        let found = try await session.query(
            """
            SELECT line, min(CAST(error_type AS VARCHAR)) AS kind, any_value(csv_line) AS text
            FROM unreadable GROUP BY line ORDER BY line
            """)
        for row in found.rows {
            let text = row[2].isNull ? "" : row[2].text
            try body(
                UnreadableLine(
                    line: Int(row[0].number ?? 0), reason: Self.reasons[row[1].text] ?? "unreadable-row",
                    text: text.trimmingCharacters(in: .newlines)))
        }
    }

    private static let reasons = [
        "MISSING COLUMNS": "missing-columns", "TOO MANY COLUMNS": "too-many-columns",
        "UNQUOTED VALUE": "bad-quotes", "LINE SIZE OVER MAXIMUM": "line-too-long",
        "INVALID ENCODING": "invalid-encoding", "INVALID STATE": "bad-quotes",
    ]

    // MARK: - Relations

    private var parquet: String { "read_parquet([\(SQLQuoting.literal(file.path))])" }

    private func relation(_ names: [String]) -> String {
        switch file.format {
        case .parquet:
            let list = names.enumerated().map { "CAST(\(SQLQuoting.identifier($1)) AS VARCHAR) AS r\($0)" }
            return "(SELECT \(list.joined(separator: ", ")) FROM \(parquet)) f"
        case .csv:
            let types = names.indices.map { "'r\($0)': 'VARCHAR'" }.joined(separator: ", ")
            return """
                read_csv(\(SQLQuoting.literal(file.path)), columns = {\(types)}, auto_detect = false,
                  header = \(hasHeader), delim = \(SQLQuoting.literal(source.delimiter)), quote = '"', escape = '"',
                  strict_mode = true, null_padding = false, ignore_errors = true, store_rejects = true,
                  rejects_table = 'unreadable', rejects_scan = 'unreadable_scan', rejects_limit = 0,
                  \(file.options(source.encoding)))
                """
        }
    }

    /// The names of the first line: quotes as RFC 4180 has them, no line break inside.
    static func names(_ line: String, delimiter: String) -> [String] {
        var names: [String] = []
        var name = ""
        var isQuoted = false
        var isAfterQuote = false
        for character in line.drop(while: { $0 == "\u{FEFF}" }) {
            if character == "\"" {
                if isAfterQuote { name.append("\"") }
                isAfterQuote = isQuoted
                isQuoted.toggle()
                continue
            }
            isAfterQuote = false
            if !isQuoted, String(character) == delimiter {
                names.append(name)
                name = ""
            } else if character != "\r" {
                name.append(character)
            }
        }
        return (names + [name]).map { $0.trimmingCharacters(in: .whitespaces) }
    }

    /// DuckDB's message holds values of the file: people see which file and what kind of error.
    private func told<Result: Sendable>(
        _ body: @Sendable (any EngineSession) async throws -> Result
    ) async throws -> Result {
        do {
            return try await body(session)
        } catch let error as EngineError where error.code == .statement {
            throw NodeError(
                .input,
                file.format == .parquet
                    ? "\(name) cannot be read as Parquet: it is cut off or damaged, or has a kind of column not known here"
                    : "\(name) cannot be read as CSV: check delimiter, encoding and that the file is whole")
        }
    }
}
