internal import Foundation

/// The records of the quarantine as files to read again: a record a line, a file for each that they came
/// from.
///
/// The files lie in the quarantine's folder until `close`.
struct RetryInput {
    private(set) var sources: [IngestSource] = []
    /// By a source's path.
    private(set) var places: [String: RetryKeeper.Places] = [:]
    /// Fingerprints of all of them.
    private(set) var records: Set<Int64> = []
    private var parts: [Part] = []

    func close() { for part in parts { part.discard() } }

    init(_ quarantine: QuarantineJournal) throws {
        var byFile: [String: Int] = [:]
        try quarantine.forEach { entry in
            guard let bytes = entry.bytes, let id = UInt64(entry.id, radix: 16), entry.mapping == nil,
                !entry.reasons.contains(SetAsideRecord.conditionalDelete)
            else { return }
            let place: Int
            if let known = byFile[entry.file] {
                place = known
            } else {
                place = sources.count
                byFile[entry.file] = place
                let part = try quarantine.part()
                parts.append(part)
                sources.append(
                    IngestSource(path: part.workingPath, name: entry.file, size: 0, isLinesOnly: true))
            }
            try add(Array(bytes), id, UInt64(entry.fingerprint, radix: 16) ?? 0, to: place)
        }
        for (place, part) in parts.enumerated() {
            try part.flush()
            let old = sources[place]
            sources[place] = IngestSource(
                path: old.path, name: old.name, size: part.count, isLinesOnly: true,
                fingerprints: old.fingerprints)
        }
    }

    private mutating func add(
        _ bytes: [UInt8], _ id: UInt64, _ fingerprint: UInt64, to place: Int
    ) throws {
        let part = parts[place]
        records.insert(Int64(bitPattern: fingerprint))
        let line = Self.oneLine(bytes)
        let path = sources[place].path
        places[path, default: .init()].offsets.append(part.count)
        places[path, default: .init()].ids.append(id)
        if line != bytes { sources[place].fingerprints[part.count] = Int64(bitPattern: fingerprint) }
        try part.append(line)
    }

    /// JSON may break its lines between values only, where a blank says the same.
    static func oneLine(_ bytes: [UInt8]) -> [UInt8] {
        bytes.contains(0x0A) ? bytes.map { $0 == 0x0A ? 0x20 : $0 } : bytes
    }
}
