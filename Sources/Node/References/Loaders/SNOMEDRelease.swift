internal import Catalog
internal import Core

/// Reads a release of SNOMED CT in RF2 (SNOMED International, "Release File Specifications"): its snapshot's
/// active concepts, what each is a kind of, and their fully specified names.
///
/// A release may have several modules, each with files of its own (the UK edition: International, clinical and drug
/// extension); of a component that is in several the row with the latest effective time counts, active or not.
///
/// Memory: some 30 bytes a row of concepts, is-a ties and fully specified names, and the names themselves.
struct SNOMEDRelease {
    private static let isA: UInt64 = 116_680_003
    private static let fullName: UInt64 = 900_000_000_000_003_001
    /// A characteristic type: what authors stated is not what the classifier inferred.
    private static let stated: UInt64 = 900_000_000_000_010_007

    /// A row of any of the files.
    private struct Row {
        let id: UInt64
        let time: UInt32
        let isActive: Bool
        /// Of a tie: child and parent; of a name: concept, and the place of the text.
        var first: UInt64 = 0
        var second: UInt64 = 0
    }

    private let concepts: [ReleaseFile]
    private let relationships: [ReleaseFile]
    private let descriptions: [ReleaseFile]

    /// - Throws: `NodeError` if the snapshot's files are not there.
    init(_ release: ReleaseFiles) throws {
        func files(_ kind: String) -> [ReleaseFile] {
            release.named {
                $0.contains("sct2_\(kind)_") && $0.contains("Snapshot") && $0.lowercased().hasSuffix(".txt")
            }
        }
        concepts = files("Concept")
        relationships = files("Relationship")
        descriptions = files("Description")
        guard !concepts.isEmpty, !relationships.isEmpty, !descriptions.isEmpty else {
            throw NodeError(
                .input,
                "no RF2 snapshot: sct2_Concept_, sct2_Relationship_ and sct2_Description_ files of a folder Snapshot "
                    + "are needed; name the release's folder or its .zip, and each archive it comes in")
        }
    }

    /// - Parameter progress: with what is being read.
    func read(_ progress: ProgressSink) throws -> LoadedTerminology {
        let total = concepts.count + relationships.count + descriptions.count
        var done = 0
        func rows(_ files: [ReleaseFile], _ take: (borrowing Fields) -> Row?) throws -> [Row] {
            var rows: [Row] = []
            for file in files {
                progress("reading \(file.name)", done, total, "files")
                try Self.read(file, take, into: &rows)
                done += 1
            }
            return Self.latest(rows)
        }
        let active = try rows(concepts) { Self.row($0) }.filter(\.isActive).map(\.id)
        guard !active.isEmpty else { throw NodeError(.input, "the release has no active concept") }
        let ties = try rows(relationships) { fields in
            guard fields.number(7) == Self.isA, fields.number(8) != Self.stated,
                var row = Self.row(fields), let child = fields.number(4), let parent = fields.number(5)
            else { return nil }
            (row.first, row.second) = (child, parent)
            return row
        }
        var texts = PackedTexts.Builder()
        let names = try rows(descriptions) { fields in
            guard fields.number(6) == Self.fullName, var row = Self.row(fields),
                let concept = fields.number(4)
            else { return nil }
            (row.first, row.second) = (concept, UInt64(texts.count))
            texts.append(fields[7])
            return row
        }
        return assembled(active, ties, names, texts.finish())
    }

    private func assembled(
        _ active: [UInt64], _ ties: [Row], _ names: [Row], _ texts: PackedTexts
    ) -> LoadedTerminology {
        var places: [(child: Int32, parent: Int32)] = []
        places.reserveCapacity(ties.count)
        var dangling = 0
        for tie in ties where tie.isActive {
            guard let child = active.place(of: tie.first), let parent = active.place(of: tie.second) else {
                dangling += 1
                continue
            }
            places.append((Int32(child), Int32(parent)))
        }
        var nameOf = [Int](repeating: -1, count: active.count)
        // In order of identifier: the same release gives the same names, whatever order its files are in.
        for name in names where name.isActive {
            if let place = active.place(of: name.first) { nameOf[place] = Int(name.second) }
        }
        var terms = PackedTexts.Builder()
        for text in nameOf {
            if text < 0 { terms.appendEmpty() } else { terms.append(texts.bytes(text)) }
        }
        let version = self.version
        return LoadedTerminology(
            name: "snomed", version: version,
            origin: ReferenceOrigin(
                asAt: Self.day(version), licence: "SNOMED CT UK licence, by NHS England's TRUD",
                source: concepts.map(\.name).joined(separator: ", ")),
            concepts: active, terms: terms.finish(), ties: places,
            notes: dangling == 0
                ? [] : ["\(dangling) ties left out: they name concepts that are not active in the release"])
    }

    /// The latest date in the names of the files, `20260401`.
    private var version: String {
        concepts.compactMap { file in
            file.name.split { !$0.isNumber }.last { $0.count == 8 && $0.hasPrefix("2") }.map(String.init)
        }.max() ?? "unversioned"
    }

    private static func day(_ version: String) -> String? {
        guard version.count == 8 else { return nil }
        return "\(version.prefix(4))-\(version.dropFirst(4).prefix(2))-\(version.suffix(2))"
    }

    private static func row(_ fields: borrowing Fields) -> Row? {
        guard let id = fields.number(0), let time = fields.number(1), let active = fields.number(2) else {
            return nil
        }
        return Row(id: id, time: UInt32(truncatingIfNeeded: time), isActive: active == 1)
    }

    private static func read(
        _ file: ReleaseFile, _ take: (borrowing Fields) -> Row?, into rows: inout [Row]
    ) throws {
        var fields = Fields()
        var line = 0
        try file.lines { bytes in
            line += 1
            if line == 1 {
                guard bytes.starts(with: "id\teffectiveTime\tactive".utf8) else {
                    throw NodeError(.input, "\(file.name): line 1 is no header of RF2")
                }
                return
            }
            fields.split(bytes)
            guard fields.count >= 5 else {
                throw NodeError(
                    .input, "\(file.name): line \(line) has too few fields: the file is cut short")
            }
            if let row = take(fields) { rows.append(row) }
        }
    }

    /// Of each component the row with the latest effective time, in order of identifier.
    private static func latest(_ rows: consuming [Row]) -> [Row] {
        var rows = rows
        rows.sort { ($0.id, $0.time) < ($1.id, $1.time) }
        var kept = 0
        for index in rows.indices {
            if index + 1 < rows.count, rows[index + 1].id == rows[index].id { continue }
            rows[kept] = rows[index]
            kept += 1
        }
        rows.removeLast(rows.count - kept)
        return rows
    }
}

/// The fields of a line, by their places in it; valid as long as the line's bytes are.
private struct Fields: ~Copyable {
    private var bytes = UnsafeBufferPointer<UInt8>(start: nil, count: 0)
    private var ends: [Int] = []

    var count: Int { ends.count }

    mutating func split(_ line: UnsafeBufferPointer<UInt8>) {
        bytes = line
        ends.removeAll(keepingCapacity: true)
        for (place, byte) in line.enumerated() where byte == 0x09 { ends.append(place) }
        ends.append(line.count)
    }

    subscript(index: Int) -> UnsafeBufferPointer<UInt8> {
        guard index < ends.count else { return UnsafeBufferPointer(start: nil, count: 0) }
        let start = index == 0 ? 0 : ends[index - 1] + 1
        return UnsafeBufferPointer(rebasing: bytes[start..<ends[index]])
    }

    /// nil if the field is no whole number.
    func number(_ index: Int) -> UInt64? {
        let field = self[index]
        guard !field.isEmpty, field.count < 20 else { return nil }
        var number: UInt64 = 0
        for byte in field {
            guard (0x30...0x39).contains(byte) else { return nil }
            let (tens, isTooLarge) = number.multipliedReportingOverflow(by: 10)
            guard !isTooLarge else { return nil }
            number = tens &+ UInt64(byte - 0x30)
        }
        return number
    }
}
