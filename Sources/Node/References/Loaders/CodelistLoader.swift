internal import Catalog
internal import Foundation

/// Makes `codelist.NAME(code, term[, code_system])` of an OpenCodelists CSV, and of what else people keep lists in.
///
/// The code stands in a column `code`, or one of the names that OpenCodelists' older lists have (`snomedcode`, `dmd_id`,
/// `icd10` …); the term in `term`, `name`, `description` and the like. A list that gives no header is refused.
enum CodelistLoader {
    static func read(_ file: ReleaseFile, name: String) throws -> (table: LoadedTable, codes: Int) {
        var columns: (code: Int, term: Int?, system: Int?)?
        var rows: [(code: String, term: String, system: String)] = []
        var seen: Set<[String]> = []
        var repeated: [String] = []
        try file.records { line, fields in
            guard let columns else {
                columns = try Self.columns(OutsideHeader(file, fields))
                return
            }
            let record = OutsideRecord(file: file.name, line: line, fields: fields)
            let code = record.text(columns.code)
            guard !code.isEmpty else { throw record.fault("has no code: take the line out, or fill it") }
            guard !isRounded(code) else {
                throw record.fault("'\(code)' was rounded by a spreadsheet: export the list as text again")
            }
            let system = columns.system.map(record.text) ?? ""
            guard seen.insert([code, system]).inserted else {
                repeated.append(code)
                return
            }
            rows.append((code, columns.term.map(record.text) ?? "", system))
        }
        guard !rows.isEmpty else { throw NodeError(.input, "\(file.name) has no code") }
        let hasSystems = columns?.system != nil
        var table = LoadedTable(
            kind: .codelist, name: name, header: ["code", "term"] + (hasSystems ? ["code_system"] : []))
        for row in rows { table.append([row.code, row.term] + (hasSystems ? [row.system] : [])) }
        table.origin = ReferenceOrigin(source: file.name)
        if !repeated.isEmpty {
            let some = repeated.prefix(5).joined(separator: ", ") + (repeated.count > 5 ? " …" : "")
            table.notes.append("\(repeated.count) repeated codes taken once: \(some)")
        }
        if columns?.term == nil { table.notes.append("no column has terms") }
        return (table, rows.count)
    }

    private static func columns(_ header: OutsideHeader) throws -> (code: Int, term: Int?, system: Int?) {
        let code = header.called(
            "code", "snomedcode", "snomed code", "snomedct code", "snomedctconceptid", "snomed id",
            "conceptid",
            "concept id", "dmd id", "dmd code", "icd10", "icd10 code", "icd 10 code", "icd", "opcs4 code",
            "ctv3id",
            "ctv3 code", "read code", "bnf code", "id")
        return (
            try header.require(code, "codes: call it 'code'"),
            header.called(
                "term", "name", "description", "fully specified name", "preferred term", "snomed term",
                "dmd name",
                "nm", "display", "label"),
            header.called("code system", "system")
        )
    }

    /// `1.22E+14`: what a spreadsheet makes of a long code.
    private static func isRounded(_ code: String) -> Bool {
        guard let mark = code.firstIndex(where: { $0 == "E" || $0 == "e" }), code.contains(".") else {
            return false
        }
        let exponent = code[code.index(after: mark)...]
        return exponent.first == "+" && exponent.dropFirst().allSatisfy(\.isNumber)
    }
}
