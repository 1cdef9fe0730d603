internal import Audit
internal import Core
internal import Foundation
internal import Store

/// What a person at a controller does with the records that were set aside.
struct QuarantineAdministration: Sendable {
    let context: NodeContext
    private let holding: Holding

    /// - Parameter controller: whose records; nil for the node's own organisation.
    init(context: NodeContext, controller: OrganisationCode? = nil) throws {
        self.context = context
        holding = try context.holding(of: controller)
    }

    private var quarantine: QuarantineJournal { holding.quarantine }

    /// How many records were set aside for which reasons, file by file; or each of them. Says nothing of what
    /// they hold.
    func list(entries: Bool) async throws -> NodeReply {
        if entries {
            var rows: [[String]] = []
            try quarantine.forEach { entry in
                rows.append([
                    entry.id, entry.file, entry.position, entry.dataset ?? "-",
                    entry.reasons.joined(separator: " "), entry.column ?? "-",
                    entry.bytes.map { String($0.count) } ?? "-", entry.setAsideAt,
                ])
            }
            return .listing(
                columns: ["id", "file", "position", "dataset", "reasons", "column", "bytes", "set_aside_at"],
                rows: rows)
        }
        var counts: [[String]: Int] = [:]
        try quarantine.forEach {
            counts[[$0.file, $0.dataset ?? "-", $0.reasons.joined(separator: " ")], default: 0] += 1
        }
        return .listing(
            columns: ["file", "dataset", "reasons", "records"],
            rows: counts.sorted { $0.key.lexicographicallyPrecedes($1.key) }.map {
                $0.key + [String($0.value)]
            } + (try await views()))
    }

    /// What views set aside lies where it lay: only counts of it are here.
    private func views() async throws -> [[String]] {
        guard holding.isOwn, let warehouse = context.warehouse else { return [] }
        return try await ViewRegister(warehouse: warehouse).setAside()
    }

    /// One record with what it holds: a person's data, for the person who asked for it. The log bears that it
    /// was shown.
    ///
    /// - Parameter id: of the entry, or its beginning.
    func show(_ id: String, json: Bool) async throws -> String {
        let found = id.isEmpty ? [] : try quarantine.entries(id: id)
        guard let entry = found.first else {
            throw NodeError(
                .input,
                "the quarantine holds no record '\(id)': 'concordat quarantine list --entries' has them")
        }
        guard found.count == 1 else {
            throw NodeError(.input, "\(found.count) records begin with '\(id)': write more of its digits")
        }
        try await note(["act": "quarantine-show", "record": entry.id])
        if json { return String(decoding: try JSON.encode(Shown(entry)), as: UTF8.self) }
        let text = entry.bytes.map { String(decoding: $0, as: UTF8.self) } ?? "(its bytes were not kept)"
        let facts: [(String, String)] = [
            ("id", entry.id), ("file", entry.path), ("position", entry.position),
            ("byte offset", String(entry.byteOffset)), ("dataset", entry.dataset ?? "-"),
            ("reasons", entry.reasons.joined(separator: " ")), ("column", entry.column ?? "-"),
            ("set aside at", entry.setAsideAt),
        ]
        return facts.map { "\($0): \($1)" }.joined(separator: "\n") + "\n\n" + text
    }

    private struct Shown: Encodable {
        let id, file, path, position, setAsideAt: String
        let byteOffset: Int
        let dataset, column: String?
        let reasons: [String]
        /// What cannot be read as UTF-8 has its replacement mark; `base64` is exact.
        let text: String?
        let base64: Data?

        init(_ entry: QuarantineJournal.Entry) {
            (id, file, path, position) = (entry.id, entry.file, entry.path, entry.position)
            (setAsideAt, byteOffset, dataset) = (entry.setAsideAt, entry.byteOffset, entry.dataset)
            (column, reasons, base64) = (entry.column, entry.reasons, entry.bytes)
            text = entry.bytes.map { String(decoding: $0, as: UTF8.self) }
        }
    }

    func retry(progress: @escaping ProgressSink) async throws -> IngestReport {
        let ingest = Ingest(
            warehouse: holding.warehouse, catalog: context.catalog, quarantine: quarantine, progress: progress
        )
        let tables = TableAdministration(context: context)
        let rows = TableRetry(
            warehouse: holding.warehouse, library: tables.library, quarantine: quarantine,
            settings: tables.reader, progress: progress)
        let report = try await context.loading.pass {
            var report = try await ingest.retry()
            report.add(try await rows.run())
            return report
        }
        try await note(
            [
                "act": "quarantine-retry", "records": report.total(\.records),
                "new": report.total(\.new),
                "replaced": report.total(\.replaced), "set-aside": report.total(\.setAside),
            ], kind: .ingest)
        return report
    }

    /// Writes the records as they came, one a line, to a new file of mode 0600.
    func export(to path: String) async throws -> String {
        guard !PrivateFile.exists(path) else { throw NodeError(.input, "'\(path)' is there already") }
        guard let slash = path.lastIndex(of: "/") else { throw NodeError(.input, "name a whole path") }
        let part = Part(directory: slash == path.startIndex ? "/" : String(path[..<slash]))
        var (count, missing) = (0, 0)
        try part.open()
        do {
            try quarantine.forEach { entry in
                guard let bytes = entry.bytes else {
                    missing += 1
                    return
                }
                try part.append(RetryInput.oneLine(Array(bytes)))
                count += 1
            }
        } catch {
            part.discard()
            throw error
        }
        try part.finish(as: path)
        try await note(["act": "quarantine-export", "records": String(count)])
        let rest = missing > 0 ? "; \(missing) were too long to be kept and are not in it" : ""
        return "wrote \(count) records to \(path)\(rest)"
    }

    private func note(_ details: [String: String], kind: AuditRecord.Kind = .administration) async throws {
        _ = try await context.audit.append(AuditRecord(kind: kind, at: Clock.now, details: details))
    }
}
