internal import Catalog
internal import Core
internal import FHIR
internal import Policy

extension IngestRun {
    /// Adds to the rows of Consents what they say; those that are none are set aside with the reason.
    mutating func readConsents(
        _ rows: ViewRunner.Rows, _ block: LineBlock, _ place: Int
    ) throws -> (table: Table, rowSource: [Int]) {
        var (terms, bodies): ([String], [String]) = ([], [])
        var kept: [Int] = []
        for (row, source) in rows.rowSource.enumerated() {
            let line = block.lines[source]
            let bytes = block.copy(line)
            do {
                let consent = try FHIRConsent(resource: bytes)
                terms.append(try consent.terms)
                bodies.append(String(decoding: bytes, as: UTF8.self))
                kept.append(row)
            } catch let fault as ConsentFault {
                count(place, SiteSchema.consent.name) { $0.setAside(fault.rawValue) }
                try keeper.setAside(
                    SetAsideRecord(
                        line, of: block, dataset: SiteSchema.consent.name, reasons: [fault.rawValue]),
                    of: sources[place])
            }
        }
        let columns = rows.table.columns.map { column in
            Table.Column(
                name: column.name,
                vector: ColumnVector(type: column.vector.type, values: kept.map { column.vector[$0] }))
        }
        let added = [("terms", terms), ("body", bodies)].map { name, texts in
            Table.Column(name: name, vector: ColumnVector(type: .text, storage: .text(texts)))
        }
        return (Table(columns: columns + added, rowCount: kept.count), kept.map { rows.rowSource[$0] })
    }
}
