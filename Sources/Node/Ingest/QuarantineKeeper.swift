internal import Foundation

/// Writes what is set aside into the quarantine, and takes out what has come again and is in now.
struct QuarantineKeeper: RecordKeeper {
    private let journal: QuarantineJournal
    private let before: QuarantineJournal.Index
    private let part: Part
    private let now = Clock.text(Clock.now)
    /// What this run set aside.
    private var kept: Set<UInt64> = []
    private var seen: Set<Int64> = []
    /// Of `before`, what is set aside again: records, and entries with their reasons of now.
    private var again: Set<Int64> = []
    private var reasons: [UInt64: [String]] = [:]
    private let replaced: ReplacedPartition?
    private var outdated = 0

    /// What a run puts in the place of everything that there was: also of what was set aside of it.
    struct ReplacedPartition {
        let mapping: String
        let partition: String
    }

    init(_ journal: QuarantineJournal, replacing replaced: ReplacedPartition? = nil) throws {
        self.journal = journal
        self.replaced = replaced
        before = try journal.index()
        part = try journal.part()
    }

    var watched: Set<Int64> { before.fingerprints }

    mutating func saw(_ fingerprint: Int64) { seen.insert(fingerprint) }

    mutating func setAside(_ record: SetAsideRecord, of source: IngestSource) throws {
        let identity = QuarantineJournal.identity(
            file: source.name, offset: record.byteOffset, bytes: record.bytes ?? [])
        if before.fingerprints.contains(record.fingerprint) { again.insert(record.fingerprint) }
        guard kept.insert(identity).inserted else { return }
        guard !before.ids.contains(identity) else {
            reasons[identity] = record.reasons
            return
        }
        try part.append(
            try QuarantineJournal.encode(
                QuarantineJournal.Entry(
                    id: QuarantineJournal.hexadecimal(identity),
                    fingerprint: QuarantineJournal.hexadecimal(UInt64(bitPattern: record.fingerprint)),
                    file: source.name, path: source.path, line: record.line, byteOffset: record.byteOffset,
                    entry: record.entry, dataset: record.dataset, reasons: record.reasons,
                    column: record.column, setAsideAt: now, bytes: record.bytes.map { Data($0) },
                    mapping: record.mapping, mappingPath: record.mappingPath,
                    partition: record.partition)))
    }

    mutating func finish(files: Set<String>, isWhole: Bool) throws {
        if part.count > 0 { try part.finish(as: journal.newFile()) } else { part.discard() }
        guard isWhole, !seen.isEmpty || !again.isEmpty || replaced != nil else { return }
        var outdated = 0
        try journal.rewrite { entry in
            if isOutdated(entry) {
                outdated += 1
                return nil
            }
            return updated(entry, files)
        }
        self.outdated = outdated
    }

    var notes: [String] {
        guard outdated > 0 else { return [] }
        return ["\(outdated) records that the partition had in the quarantine before are no more in it"]
    }

    private func isOutdated(_ entry: QuarantineJournal.Entry) -> Bool {
        guard let replaced, entry.mapping == replaced.mapping, entry.partition == replaced.partition,
            let id = UInt64(entry.id, radix: 16)
        else { return false }
        return !kept.contains(id)
    }

    /// An entry of an earlier run goes if its record is in now, or stands at another place of the same file.
    private func updated(_ entry: QuarantineJournal.Entry, _ files: Set<String>) -> QuarantineJournal.Entry? {
        guard let id = UInt64(entry.id, radix: 16), before.ids.contains(id),
            let number = UInt64(entry.fingerprint, radix: 16)
        else { return entry }
        if let reasons = reasons[id] {
            var entry = entry
            entry.reasons = reasons
            return entry
        }
        let fingerprint = Int64(bitPattern: number)
        let isAgain = again.contains(fingerprint)
        let isIn = seen.contains(fingerprint) && !isAgain
        let isMoved = isAgain && fingerprint != 0 && files.contains(entry.file)
        return isIn || isMoved ? nil : entry
    }
}

/// Notes what becomes of records of the quarantine that are tried again.
struct RetryKeeper: RecordKeeper {
    /// Of one source: where each record begins, ascending, and the entry that it is of.
    struct Places {
        var offsets: [Int] = []
        var ids: [UInt64] = []

        func id(at offset: Int) -> UInt64? {
            offsets.place(of: offset, by: \.self).map { ids[$0] }
        }
    }

    private let journal: QuarantineJournal
    /// By the source's path.
    private let places: [String: Places]
    /// Fingerprints of what is tried.
    let watched: Set<Int64>
    private let tried: Set<UInt64>
    private var taken: Set<Int64> = []
    private var refused: [UInt64: (reasons: [String], column: String?)] = [:]

    init(_ journal: QuarantineJournal, _ input: RetryInput) {
        self.journal = journal
        places = input.places
        watched = input.records
        tried = Set(places.values.flatMap(\.ids))
    }

    mutating func saw(_ fingerprint: Int64) { taken.insert(fingerprint) }

    mutating func setAside(_ record: SetAsideRecord, of source: IngestSource) {
        guard let id = places[source.path]?.id(at: record.byteOffset) else { return }
        refused[id] = (record.reasons, record.column)
    }

    /// What came through and was not refused is in.
    mutating func finish(files: Set<String>, isWhole: Bool) throws {
        guard isWhole else { return }
        try journal.rewrite { entry in
            guard let id = UInt64(entry.id, radix: 16), tried.contains(id) else { return entry }
            guard let refusal = refused[id] else {
                let fingerprint = UInt64(entry.fingerprint, radix: 16).map { Int64(bitPattern: $0) }
                return fingerprint.map(taken.contains) == true ? nil : entry
            }
            var entry = entry
            (entry.reasons, entry.column) = refusal
            return entry
        }
    }
}
