internal import Foundation

/// Rows of one table of `pg_catalog` as PostgreSQL's text of them, nil for NULL.
struct SystemRows: Sendable {
    var columns: [String]
    var rows: [[String?]]

    init(_ columns: [String], _ rows: [[String?]] = []) {
        self.columns = columns
        self.rows = rows
    }

    /// Reads what `COPY … WITH (FORMAT text, HEADER true)` wrote (PostgreSQL 15, COPY, "Text Format").
    init(copied text: String) {
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        if lines.last?.isEmpty == true { lines.removeLast() }
        columns = lines.first.map { $0.split(separator: "\t").map(String.init) } ?? []
        rows = lines.dropFirst().map { line in
            line.split(separator: "\t", omittingEmptySubsequences: false).map { field in
                field == "\\N" ? nil : Self.unescaped(field)
            }
        }
    }

    /// The same columns, each under its name in a row.
    var records: [[String: String]] {
        rows.map { row in
            var record: [String: String] = [:]
            for (name, value) in zip(columns, row) { record[name] = value }
            return record
        }
    }

    private static func unescaped(_ field: Substring) -> String {
        guard field.contains("\\") else { return String(field) }
        var result = ""
        var escaped = false
        for character in field {
            guard escaped else {
                if character == "\\" { escaped = true } else { result.append(character) }
                continue
            }
            escaped = false
            switch character {
            case "t": result.append("\t")
            case "n": result.append("\n")
            case "r": result.append("\r")
            default: result.append(character)
            }
        }
        return result
    }
}

/// What a fresh PostgreSQL 15 says of itself, from `Schemas/postgresql` (`Infra/dump_postgres_catalog.sh`).
struct SystemFiles: Sendable {
    let tables: [String: SystemRows]

    /// - Throws: `NodeError` where the folder is not there.
    init(folder: String) throws {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        var tables: [String: SystemRows] = [:]
        for name in names where name.hasSuffix(".tsv") {
            let bytes = try Data(contentsOf: URL(filePath: folder + "/" + name))
            tables[String(name.dropLast(4))] = SystemRows(copied: String(decoding: bytes, as: UTF8.self))
        }
        guard tables["relations"] != nil, tables["attributes"] != nil, tables["pg_type"] != nil else {
            throw NodeError(.configuration, "cannot read Schemas/postgresql: install the whole of Schemas")
        }
        self.tables = tables
    }

    func records(_ name: String) -> [[String: String]] { tables[name]?.records ?? [] }
}
