package import Catalog
internal import Core

/// Rows of a view over files, block after block, as text: what `concordat view run` prints.
///
///     let rows = try ViewRows(view: json, format: .csv)
///     write(rows.header)
///     for path in paths {
///         let faults = try rows.run(path) { write($0) }
///     }
///
/// Dates and times are as written. Memory is flat but for `table`, which has to see every row to know its
/// widths.
package struct ViewRows: Sendable {
    package enum Format: String, Sendable, CaseIterable { case csv, ndjson, table }

    /// What a file gave.
    package struct Summary: Hashable, Sendable {
        package let resources: Int
        package let rows: Int
        /// Resources that were set aside, with their place.
        package let faults: [LineFault]
    }

    package let view: ViewDefinition
    package let format: Format
    private let runner: ViewRunner

    /// - Throws: `CatalogFault` with the path of what is wrong with the view.
    package init(view json: some Sequence<UInt8>, format: Format) throws(CatalogFault) {
        let view = try ViewSource.decode(Array(json))
        try self.init(view: view, format: format)
    }

    package init(view: ViewDefinition, format: Format) throws(CatalogFault) {
        self.view = view
        self.format = format
        runner = try ViewRunner(view: view, times: .written)
    }

    private var names: [String] { view.columns.map(\.name) }

    /// What comes before the rows: the names, for csv.
    package var header: [UInt8] { format == .csv ? RowText.csv(names) : [] }

    /// Hands over the rows of a file, a piece at a time; a table in one piece.
    /// - Throws: `ReadFault` where the file cannot be read to its end; rows before that were handed over.
    package func run(_ path: String, _ take: ([UInt8]) -> Void) throws(ReadFault) -> Summary {
        var reader = try ResourceReader(path: path)
        var (resources, rows) = (0, 0)
        var faults: [LineFault] = []
        var held: [[String]] = []
        while let block = try reader.next() {
            let result = runner.run(block).rows
            resources += result.resources
            rows += result.table.rowCount
            faults += result.faults
            switch format {
            case .table: held += result.table.rows.map { $0.map(\.text) }
            case .csv:
                take(result.table.rows.flatMap { RowText.csv($0.map { $0.isNull ? "" : RowText.text($0) }) })
            case .ndjson: take(result.table.rows.flatMap { json(result.table, $0) })
            }
        }
        if format == .table { take(RowText.table(names, held)) }
        return Summary(resources: resources, rows: rows, faults: faults)
    }

    /// A row as a JSON object; collections and data types as the JSON they are.
    private func json(_ table: Table, _ row: [Value]) -> [UInt8] {
        var bytes = [UInt8(ascii: "{")]
        for (place, column) in view.columns.enumerated() {
            if place > 0 { bytes.append(UInt8(ascii: ",")) }
            bytes.append(jsonString: column.name.utf8)
            bytes.append(UInt8(ascii: ":"))
            let isJSON = column.collection || ColumnType(fhir: column.type) == nil
            switch row[place] {
            case .null: bytes += Array("null".utf8)
            case .text(let text) where !isJSON: bytes.append(jsonString: text.utf8)
            case let value: bytes += Array(RowText.text(value).utf8)
            }
        }
        return bytes + Array("}\n".utf8)
    }
}

/// Rows as lines of text.
enum RowText {
    /// A value on its own; numbers as JSON writes them.
    static func text(_ value: Value) -> String {
        if case .double(let number) = value, let exact = ExactDecimal(number) { return exact.text }
        return value.text
    }

    /// Source: RFC 4180; a line ends in LF.
    static func csv(_ cells: [String]) -> [UInt8] {
        var bytes: [UInt8] = []
        for (place, cell) in cells.enumerated() {
            if place > 0 { bytes.append(UInt8(ascii: ",")) }
            guard cell.utf8.contains(where: { $0 == 0x22 || $0 == 0x2C || $0 == 0x0A || $0 == 0x0D }) else {
                bytes += Array(cell.utf8)
                continue
            }
            bytes.append(0x22)
            for byte in cell.utf8 { bytes += byte == 0x22 ? [0x22, 0x22] : [byte] }
            bytes.append(0x22)
        }
        return bytes + [0x0A]
    }

    /// Columns side by side, as wide as their widest cell up to 60 characters.
    static func table(_ names: [String], _ rows: [[String]]) -> [UInt8] {
        let widths = names.indices.map { column in
            min(60, rows.reduce(names[column].count) { max($0, $1[column].count) })
        }
        func line(_ cells: [String]) -> String {
            zip(cells, widths).map { cell, width in
                let clean = cell.map { $0.isNewline ? " " : $0 }
                return String(clean.prefix(width))
                    + String(repeating: " ", count: max(0, width - clean.count))
            }.joined(separator: " | ") + "\n"
        }
        let rule = widths.map { String(repeating: "-", count: $0) }.joined(separator: "-+-") + "\n"
        return Array((line(names) + rule + rows.map(line).joined()).utf8)
    }
}
