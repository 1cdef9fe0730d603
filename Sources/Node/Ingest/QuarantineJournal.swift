internal import Exchange
internal import Foundation
internal import Store

/// The records that were set aside, with their bytes, in `quarantine/` of a home.
///
/// Files of NDJSON, an `Entry` a line, mode 0600; each run writes one of its own. A record that comes again
/// is there once.
///
/// INVARIANT: every line begins with the entry's id and fingerprint, at fixed places: `index` reads no more.
struct QuarantineJournal: Sendable {
    /// One record.
    struct Entry: Codable, Sendable, Hashable {
        /// 16 hexadecimal digits of the file's name, the place in it and the bytes.
        var id: String
        /// Of the bytes as they came, 16 hexadecimal digits: tells whether a record has come again.
        var fingerprint: String
        var file: String
        /// Where the file lay.
        var path: String
        var line: Int
        var byteOffset: Int
        /// Index in `Bundle.entry`, where the resource stands in one.
        var entry: Int?
        /// Nil where the record could not be told to be of one.
        var dataset: String?
        var reasons: [String]
        /// Of the dataset, where one column's value is at fault.
        var column: String?
        var setAsideAt: String
        /// As they came; nil for what was too long to be held. A row of a table is a JSON object of its columns.
        var bytes: Data?
        /// Of a row of a table: by which mapping it was read.
        var mapping: String?
        /// Where that mapping lies, if it is none of the node's.
        var mappingPath: String?
        /// Of a row that came to take the place of a partition: which; empty for all that the mapping has.
        var partition: String?

        /// Whether it is a line of a file that was no row.
        var isUnreadableLine: Bool { mapping != nil && byteOffset < 0 }

        /// Where it stands, for people.
        var position: String { entry.map { "entry[\($0)]" } ?? "\(mapping == nil ? "line" : "row") \(line)" }
    }

    let directory: String

    private static let idPrefix = Array(#"{"id":""#.utf8)
    private static let fingerprintPrefix = Array(#"","fingerprint":""#.utf8)
    private static let digits = 16

    /// What the entries of earlier runs are known by.
    struct Index: Sendable {
        var ids: Set<UInt64> = []
        var fingerprints: Set<Int64> = []
    }

    // MARK: - Reading

    func index() throws -> Index {
        var index = Index()
        for path in try files() {
            try LineFile.read(path) { line in
                guard let (id, fingerprint) = Self.key(of: line) else { return }
                index.ids.insert(id)
                index.fingerprints.insert(fingerprint)
            }
        }
        return index
    }

    /// Every entry, in the order in which they were set aside.
    func forEach(_ body: (Entry) throws -> Void) throws {
        for path in try files() {
            try LineFile.read(path) { line in
                if let entry = try Self.decode(line) { try body(entry) }
            }
        }
    }

    /// The entries whose id begins so.
    func entries(id prefix: String) throws -> [Entry] {
        var found: [Entry] = []
        let wanted = Array(prefix.lowercased().utf8)
        for path in try files() {
            try LineFile.read(path) { line in
                guard line.dropFirst(Self.idPrefix.count).starts(with: wanted) else { return }
                if let entry = try Self.decode(line) { found.append(entry) }
            }
        }
        return found
    }

    // MARK: - Writing

    /// Goes through all entries: what `body` gives takes the place of an entry, nil takes it out. A file is
    /// changed in one step or not at all.
    func rewrite(_ body: (Entry) throws -> Entry?) throws {
        for path in try files() {
            let part = Part(directory: directory)
            var (isChanged, left) = (false, 0)
            do {
                try part.open()
                try LineFile.read(path) { line in
                    guard let old = try Self.decode(line) else { return }
                    let new = try body(old)
                    isChanged = isChanged || new != old
                    guard let new else { return }
                    left += 1
                    try part.append(new == old ? Array(line) : try Self.encode(new))
                }
            } catch {
                part.discard()
                throw error
            }
            if !isChanged {
                part.discard()
            } else if left == 0 {
                part.discard()
                try PrivateFile.remove(path)
            } else {
                try part.finish(as: path)
            }
        }
    }

    /// A new file of entries, seen by nobody until it is finished.
    func part() throws -> Part {
        try Part.removeForgotten(in: directory)
        let part = Part(directory: directory)
        try part.open()
        return part
    }

    /// Where a run's entries go.
    func newFile() -> String {
        var (path, serial) = ("\(directory)/records-\(Clock.now).ndjson", 0)
        while PrivateFile.exists(path) {
            serial += 1
            path = "\(directory)/records-\(Clock.now)-\(serial).ndjson"
        }
        return path
    }

    private func files() throws -> [String] {
        try PrivateFile.names(in: directory)
            .filter { $0.hasPrefix("records-") && $0.hasSuffix(".ndjson") }.map { "\(directory)/\($0)" }
    }

    // MARK: - Lines

    static func identity(file: String, offset: Int, bytes: [UInt8]) -> UInt64 {
        Digest(of: Array("\(file)\u{0}\(offset)\u{0}".utf8) + bytes).bytes.prefix(8)
            .reduce(0) { $0 << 8 | UInt64($1) }
    }

    static func hexadecimal(_ number: UInt64) -> String {
        let text = String(number, radix: 16)
        return String(repeating: "0", count: digits - text.count) + text
    }

    static func encode(_ entry: Entry) throws -> [UInt8] {
        // Sorted keys would put the id behind the bytes.
        let rest = try JSON.encode(Rest(entry)).dropFirst()
        return idPrefix + Array(entry.id.utf8) + fingerprintPrefix + Array(entry.fingerprint.utf8)
            + Array("\",".utf8) + rest
    }

    private static func decode(_ line: ArraySlice<UInt8>) throws -> Entry? {
        guard key(of: line) != nil else { return nil }
        do {
            return try JSON.decode(Entry.self, from: Array(line))
        } catch {
            throw NodeError(
                .input,
                "a record of the quarantine is damaged: bring the file of 'quarantine' in the home back from a backup, or "
                    + "take the line with id \(String(decoding: line.dropFirst(idPrefix.count).prefix(digits), as: UTF8.self)) out"
            )
        }
    }

    private static func key(of line: ArraySlice<UInt8>) -> (id: UInt64, fingerprint: Int64)? {
        guard line.starts(with: idPrefix) else { return nil }
        let id = line.dropFirst(idPrefix.count)
        let fingerprint = id.dropFirst(digits + fingerprintPrefix.count)
        guard let first = number(id.prefix(digits)), let second = number(fingerprint.prefix(digits)) else {
            return nil
        }
        return (first, Int64(bitPattern: second))
    }

    private static func number(_ text: ArraySlice<UInt8>) -> UInt64? {
        guard text.count == digits else { return nil }
        return UInt64(String(decoding: text, as: UTF8.self), radix: 16)
    }

    /// What stands behind id and fingerprint.
    private struct Rest: Encodable {
        let file: String
        let path: String
        let line: Int
        let byteOffset: Int
        let entry: Int?
        let dataset: String?
        let reasons: [String]
        let column: String?
        let setAsideAt: String
        let bytes: Data?
        let mapping, mappingPath, partition: String?

        init(_ entry: Entry) {
            (file, path, line, byteOffset) = (entry.file, entry.path, entry.line, entry.byteOffset)
            (self.entry, dataset, reasons) = (entry.entry, entry.dataset, entry.reasons)
            (column, setAsideAt, bytes) = (entry.column, entry.setAsideAt, entry.bytes)
            (mapping, mappingPath, partition) = (entry.mapping, entry.mappingPath, entry.partition)
        }
    }
}
