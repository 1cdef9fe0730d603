internal import Node

/// Prints one person's record: a table a dataset, or JSON.
enum RecordPrinter {
    static func print(_ record: CareRecord, format: OutputFormat) throws {
        guard format != .json else { return Terminal.print(try ScriptJSON.encode(record)) }
        for section in record.sections {
            let listing = Listing(columns: section.columns, rows: section.rows)
            if format == .csv {
                Terminal.print("# \(section.dataset)")
            } else {
                Terminal.print("\(section.dataset): \(section.rows.count)")
            }
            if !section.rows.isEmpty { Terminal.print(try listing.text(format), terminator: "") }
            Terminal.print("")
        }
        if record.sections.isEmpty { Terminal.print("nothing is held here of a person with this number") }
        for note in record.notes { Terminal.error("Note: \(note)") }
        Terminal.error(
            "Shown under agreement '\(record.agreement)' by \(record.policies.joined(separator: ", ")); log entry \(record.logEntry)"
        )
    }
}
