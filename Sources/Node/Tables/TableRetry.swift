internal import Warehouse

/// Tries the rows of tables that wait in the quarantine again, each by its mapping as it is now.
struct TableRetry {
    let warehouse: SiteWarehouse
    let library: MappingLibrary
    let quarantine: QuarantineJournal
    let settings: DuckDBSettings
    let progress: ProgressSink

    func run() async throws -> IngestReport {
        let (waiting, left) = try QuarantinedRows.all(quarantine)
        defer { for rows in waiting { rows.close() } }
        var report = IngestReport()
        for rows in waiting {
            do {
                report.add(try await retry(rows))
            } catch let error as MappingFault {
                report.notes.append("\(rows.ids.count) rows of \(rows.file) wait on: \(error)")
            } catch let error as NodeError where error.code == .input {
                report.notes.append("\(rows.ids.count) rows of \(rows.file) wait on: \(error)")
            }
        }
        if left > 0 {
            report.notes.append(
                "\(left) records of tables cannot be tried again: lines that are no row, rows of another partition; "
                    + "correct the file and take it in again")
        }
        return report
    }

    private func retry(_ rows: QuarantinedRows) async throws -> IngestReport {
        let (mapping, file) = try library.mapping(rows.mapping)
        guard try await !ViewRegister(warehouse: warehouse).names().contains(mapping.name) else {
            throw NodeError(
                .input, "'\(mapping.name)' is shown as a view: it shows them once they are right there")
        }
        let ingest = TableIngest(
            warehouse: warehouse, mapping: mapping, file: file, quarantine: quarantine, progress: progress,
            replacing: nil, isRetry: true)
        let source = try await rows.source(settings)
        do {
            let report = try await ingest.run([source], keeper: TableRetryKeeper(quarantine, rows.ids))
            await source.close()
            return report
        } catch {
            await source.close()
            throw error
        }
    }
}

/// Notes what becomes of rows that are tried again.
struct TableRetryKeeper: RecordKeeper {
    /// The warehouse has another row of that key, and nothing says which of them is newer.
    static let undecided = "perhaps-superseded"

    private let journal: QuarantineJournal
    /// Entries, by the row's place.
    private let ids: [UInt64]
    private var refused: [UInt64: [String]] = [:]

    let watched: Set<Int64> = []

    init(_ journal: QuarantineJournal, _ ids: [UInt64]) {
        (self.journal, self.ids) = (journal, ids)
    }

    mutating func saw(_ fingerprint: Int64) {}

    mutating func setAside(_ record: SetAsideRecord, of source: IngestSource) {
        guard ids.indices.contains(record.byteOffset) else { return }
        refused[ids[record.byteOffset]] = record.reasons
    }

    /// What was not refused is in.
    mutating func finish(files: Set<String>, isWhole: Bool) throws {
        guard isWhole else { return }
        let tried = Set(ids)
        try journal.rewrite { entry in
            guard let id = UInt64(entry.id, radix: 16), tried.contains(id) else { return entry }
            guard let reasons = refused[id] else { return nil }
            var entry = entry
            entry.reasons = reasons
            return entry
        }
    }
}
