internal import Core

extension ReferenceTable {
    /// Reads a reference table or a codelist from CSV.
    ///
    /// The header names the columns. A reference table's header gives each a type, `name:type` with
    /// PostgreSQL's
    /// names (`lo:integer`); where none is given, the shared data model's for its own tables, else text. A
    /// codelist (OpenCodelists' layout) needs `code`, and
    /// takes
    /// `term` (or `name`, `description`) and `code_system`, a URI, empty for all; its other columns are left
    /// out, codes stay text. A codelist's name may have hyphens.
    /// A leading byte order mark is dropped; empty fields are NULL in every type but a codelist's.
    /// - Throws: `CatalogFault` with the line at fault.
    package init(
        kind: Kind, name: String, version: String, csv: some Sequence<UInt8>
    ) throws(CatalogFault) {
        guard (kind == .codelist ? name.replacing("-", with: "_") : name).isSQLName else {
            throw CatalogFault(path: "name \(name)", message: "is not a name of SQL")
        }
        var bytes = Array(csv)
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { bytes.removeFirst(3) }
        let records = try CSVReader.records(bytes)
        guard let header = records.first else { throw CatalogFault(path: "line 1", message: "has no header") }
        for record in records where record.fields.count != header.fields.count {
            throw CatalogFault(
                path: "line \(record.line)", message: "has more or fewer fields than the header")
        }
        let layout = try kind == .codelist ? Self.codelist(header.fields) : Self.typed(name, header.fields)
        var columns: [Table.Column] = []
        for (column, index) in layout {
            var values: [Value] = []
            for record in records.dropFirst() {
                let text = index.map { record.fields[$0] } ?? ""
                guard let value = Self.value(text, column.type, isCode: kind == .codelist) else {
                    throw CatalogFault(
                        path: "line \(record.line)", message: "\(column.name) is not \(column.type.rawValue)")
                }
                values.append(value)
            }
            columns.append(.init(name: column.name, vector: ColumnVector(type: column.type, values: values)))
        }
        let table = Table(columns: columns, rowCount: records.count - 1)
        self.init(
            kind: kind, name: name, columns: layout.map(\.0), version: version,
            digest: Self.digest(kind, name, version, records.map(\.fields)), rows: table)
    }

    /// Types of the columns of the shared data model's own reference tables, for files whose header has none.
    private static let known: [String: [String: ColumnType]] = [
        "imd": ["lsoa_year": .integer, "rank": .integer, "decile": .integer, "population": .integer],
        "esp2013": ["weight": .integer], "age_band": ["lo": .integer, "hi": .integer],
        "ods": ["start": .date, "end": .date], "practice_population": ["age": .integer, "people": .integer],
    ]

    /// Columns that pick one area, as its name would: a rank, a population.
    private static let areas: [String: Set<String>] = ["imd": ["lsoa", "rank", "population"]]

    private static func typed(
        _ table: String, _ header: [String]
    ) throws(CatalogFault) -> [(DatasetColumn, Int?)] {
        var result: [(DatasetColumn, Int?)] = []
        for (index, field) in header.enumerated() {
            let parts = field.split(separator: ":", maxSplits: 1).map(String.init)
            let type =
                parts.count == 2
                ? ColumnType(rawValue: parts[1]) : Self.known[table]?[parts.first ?? ""] ?? ColumnType.text
            guard let name = parts.first, name.isSQLName, let type, type != .unknown, type != .interval,
                !result.contains(where: { $0.0.name == name })
            else {
                throw CatalogFault(path: "line 1", message: "field \(index + 1) is no column with a type")
            }
            let isArea = areas[table]?.contains(name) ?? false
            result.append(
                (
                    DatasetColumn(
                        name: name, type: type, columnClass: isArea ? .quasiIdentifier : .open,
                        granularity: isArea ? .area : nil), index
                ))
        }
        return result
    }

    private static func codelist(_ header: [String]) throws(CatalogFault) -> [(DatasetColumn, Int?)] {
        let names = header.map { $0.lowercased() }
        let terms = ["term", "name", "description"].compactMap { names.firstIndex(of: $0) }
        guard let code = names.firstIndex(of: "code") else {
            throw CatalogFault(path: "line 1", message: "a codelist needs a column code")
        }
        let system = names.firstIndex(of: "code_system").map {
            (DatasetColumn(name: "code_system", type: .text, columnClass: .open, summary: "Its system"), $0)
        }
        return [
            (DatasetColumn(name: "code", type: .text, columnClass: .open, summary: "The code"), code),
            (DatasetColumn(name: "term", type: .text, columnClass: .open, summary: "Its term"), terms.first),
        ] + [system].compactMap(\.self)
    }

    /// nil if the text is not of the type.
    private static func value(_ text: String, _ type: ColumnType, isCode: Bool) -> Value? {
        if text.isEmpty { return isCode ? .text("") : .null }
        switch type {
        case .boolean: return ["true": true, "false": false][text].map(Value.boolean)
        case .integer: return Int32(text).map { .integer(Int64($0)) }
        case .bigint: return Int64(text).map(Value.integer)
        case .double, .numeric: return Double(text).flatMap { $0.isFinite ? .double($0) : nil }
        case .date: return Civil.parseDate(text).map { .date(Int32($0)) }
        case .text: return .text(text)
        case .timestamp, .interval, .unknown: return nil
        }
    }

    /// Over lengths and bytes, so that no two tables share a text.
    private static func digest(
        _ kind: Kind, _ name: String, _ version: String, _ records: [[String]]
    ) -> String {
        var hash = SHA256()
        for field in [kind.rawValue, name, version] + records.flatMap({ ["\($0.count)"] + $0 }) {
            hash.update("\(field.utf8.count):".utf8)
            hash.update(field.utf8)
        }
        return hash.hex()
    }
}
