internal import Foundation
internal import Node

/// Prints what became of every record.
enum IngestPrinter {
    /// - Throws: the exit code of a failure where a file could not be read to its end: the rest is in.
    static func printWhole(_ report: IngestReport, format: OutputFormat) throws {
        try print(report, format: format)
        guard !report.faults.isEmpty else { return }
        for fault in report.faults { Terminal.error("concordat: \(fault)") }
        Terminal.error(
            "concordat: everything else was taken in; nothing is published of itself after such a run")
        throw ExitStatus.failure
    }

    private static func print(_ report: IngestReport, format: OutputFormat) throws {
        if format == .json { return Terminal.print(try ScriptJSON.encode(report)) }
        // Only tables have mappings whose filters leave rows out.
        let isFiltered = report.files.contains { $0.passedOver > 0 }
        let columns =
            ["file", "dataset", "records", "new", "replaced", "unchanged", "superseded", "deleted"]
            + (isFiltered ? ["passed_over"] : []) + ["set_aside", "reasons"]
        let rows = report.files.map { file in
            [
                file.name, file.dataset ?? "-", String(file.records), String(file.new), String(file.replaced),
                String(file.unchanged), String(file.superseded), String(file.deleted),
            ] + (isFiltered ? [String(file.passedOver)] : []) + [
                String(file.setAside),
                file.reasons.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(
                    separator: ", "),
            ]
        }
        Terminal.print(try Listing(columns: columns, rows: rows).text(format), terminator: "")
        guard format == .table else { return }
        let rate = String(
            format: "%.1f MB in %.1f s (%.0f MB/s)", Double(report.bytes) / 1e6, report.seconds,
            report.megabytesPerSecond)
        Terminal.print("\(rate), \(report.people) people")
        for (type, count) in report.passedOver.sorted(by: { $0.key < $1.key }) {
            Terminal.print("\(type): \(count) records passed over, no dataset takes them")
        }
        let degraded = report.files.reduce(0) { $0 + $1.degraded }
        if degraded > 0 {
            Terminal.print(
                "\(degraded) records could not be held whole; they are in, marked: 'concordat quarantine degraded'"
            )
        }
        for note in report.notes { Terminal.print(note) }
        if let note = report.published {
            Terminal.print("published as snapshot \(note.id)")
        } else {
            Terminal.print("not published yet: 'concordat publish' makes a new snapshot of it")
        }
    }
}

/// Prints a node's status.
enum StatusPrinter {
    static func print(_ status: NodeStatus, format: OutputFormat) throws {
        if format == .json { return Terminal.print(try ScriptJSON.encode(status)) }
        var rows: [[String]] = [
            ["organisation", "\(status.organisation) \(status.name)"],
            ["roles", status.roles.joined(separator: ", ")],
            ["serving", status.serving ? "yes, at \(status.listen)" : "no"], ["warehouse", status.warehouse],
            ["data", status.synthetic ? "SYNTHETIC" : "real"], ["directory", status.directory],
            ["agreements in force", String(status.agreements)],
            ["policies", policies(status.policy)],
            [
                "publication",
                status.snapshot.map {
                    "\($0.id) of \($0.publishedAt)" + ($0.stale.isEmpty ? "" : ", STALE")
                } ?? "none yet",
            ],
        ]
        if let next = status.nextPublication { rows.append(["next publication", next]) }
        rows += status.optOutLists.map {
            ["opt-out list", "\($0.scheme) of \($0.listedAt), \($0.ageDays) days old"]
        }
        rows += status.rows.sorted { $0.key < $1.key }.map { ["rows of \($0.key)", String($0.value)] }
        rows.append(["log entries", String(status.logEntries)])
        rows += status.warnings.map { ["WARNING", $0] }
        Terminal.print(try Listing(columns: ["what", "value"], rows: rows).text(format), terminator: "")
    }

    private static func policies(_ note: PolicyNote?) -> String {
        guard let version = note?.version, let since = note?.since else { return "NONE" }
        return "\(version) since \(since)"
    }
}
