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
        var hash = ContentHash(kind, name, version)
        var columns: [Building] = []
        var width = 0
        var rows = 0
        try CSVReader.forEach(csv) { (line, fields) throws(CatalogFault) in
            hash.add(fields)
            if width == 0 {
                width = fields.count
                let layout = kind == .codelist ? try Self.codelist(fields) : try Self.typed(name, fields)
                columns = layout.map { Building(column: $0.0, field: $0.1, isCode: kind == .codelist) }
                return
            }
            guard fields.count == width else {
                throw CatalogFault(
                    path: "line \(line)", message: "has more or fewer fields than the header")
            }
            rows += 1
            for index in columns.indices where !columns[index].take(fields) {
                let column = columns[index].column
                throw CatalogFault(
                    path: "line \(line)", message: "\(column.name) is not \(column.type.rawValue)")
            }
        }
        guard width > 0 else { throw CatalogFault(path: "line 1", message: "has no header") }
        self.init(
            kind: kind, name: name, columns: columns.map(\.column), version: version, digest: hash.hex(),
            rows: Table(columns: columns.map { $0.finished() }, rowCount: rows))
    }

    /// Types of the columns of the shared data model's own reference tables, for files whose header has none.
    private static let known: [String: [String: ColumnType]] = [
        "imd": ["lsoa_year": .integer, "rank": .integer, "decile": .integer, "population": .integer],
        "esp2013": ["weight": .integer], "age_band": ["lo": .integer, "hi": .integer],
        "ods": ["start": .date, "end": .date], "practice_population": ["age": .integer, "people": .integer],
    ]

    /// Columns that pick one area, as its name would: a rank, a population.
    private static let areas: [String: Set<String>] = [
        "imd": ["lsoa", "rank", "population"], "ods": ["code", "name"],
        "practice_population": ["practice", "people"],
    ]

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
}

/// A column of a table on its way in, held as densely as it will be.
private struct Building {
    let column: DatasetColumn
    /// Its place in a record; nil where the file does not have it.
    let field: Int?
    /// Of a codelist: an empty field is an empty text there.
    let isCode: Bool
    private var texts = PackedTexts.Builder()
    private var values: [Value] = []
    private var nulls: [Bool] = []

    init(column: DatasetColumn, field: Int?, isCode: Bool) {
        self.column = column
        self.field = field
        self.isCode = isCode
    }

    /// - Returns: whether the field is of the column's type.
    mutating func take(_ fields: [String]) -> Bool {
        var text = field.map { fields[$0] } ?? ""
        if column.type == .text {
            nulls.append(text.isEmpty && !isCode)
            text.withUTF8 { texts.append($0) }
            return true
        }
        guard let value = Self.value(text, column.type) else { return false }
        values.append(value)
        return true
    }

    func finished() -> Table.Column {
        guard column.type == .text else {
            return .init(name: column.name, vector: ColumnVector(type: column.type, values: values))
        }
        return .init(
            name: column.name,
            vector: ColumnVector(
                type: .text, storage: .packed(texts.finish()), nulls: nulls.contains(true) ? nulls : nil))
    }

    /// nil if the text is not of the type.
    private static func value(_ text: String, _ type: ColumnType) -> Value? {
        if text.isEmpty { return .null }
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
}

/// The digest of a table: over lengths and bytes, so that no two tables share a text.
private struct ContentHash {
    private var hash = SHA256()

    init(_ kind: ReferenceTable.Kind, _ name: String, _ version: String) {
        for text in [kind.rawValue, name, version] { add(text) }
    }

    mutating func add(_ record: [String]) {
        add("\(record.count)")
        for field in record { add(field) }
    }

    private mutating func add(_ text: String) {
        hash.update("\(text.utf8.count):".utf8)
        hash.update(text.utf8)
    }

    mutating func hex() -> String { hash.hex() }
}
