internal import FHIR
internal import Foundation

/// A record that is not taken in, and why.
struct SetAsideRecord {
    let line: Int
    let byteOffset: Int
    let entry: Int?
    let dataset: String?
    let reasons: [String]
    var column: String?
    /// Nil for what was too long to be held.
    let bytes: [UInt8]?
    let fingerprint: Int64
    /// Of a row of a table: by which mapping it was read, where that lies, and which partition it came for.
    var mapping: String?
    var mappingPath: String?
    var partition: String?

    /// A row of a table.
    /// - Parameter place: tells it from all others of its file.
    init(
        row: Int, place: Int, of dataset: String, mapping: String, reasons: [String], bytes: [UInt8],
        fingerprint: Int64
    ) {
        (line, byteOffset, entry) = (row, place, nil)
        (self.dataset, self.mapping, self.reasons) = (dataset, mapping, reasons)
        (self.bytes, self.fingerprint) = (bytes, fingerprint)
    }

    /// What a reader or a view found.
    init(_ fault: LineFault, dataset: String?, in block: LineBlock) {
        let held = block.line(at: fault.byteOffset)
        line = fault.line
        byteOffset = fault.byteOffset
        entry = fault.entry
        self.dataset = dataset
        reasons = [fault.reason.rawValue]
        column = fault.column
        bytes = held.map(block.copy)
        fingerprint = held.map(block.fingerprint) ?? 0
    }

    /// What a merge refused.
    init(_ line: LineBlock.Line, of block: LineBlock, dataset: String, reasons: [String]) {
        self.line = line.number
        byteOffset = line.byteOffset
        entry = line.entry
        self.dataset = dataset
        self.reasons = reasons
        bytes = block.copy(line)
        fingerprint = block.fingerprint(line)
    }

    /// An entry that deletes whatever meets a condition: it names no resource.
    init(conditional deletion: LineBlock.Deletion, dataset: String?) {
        line = 0
        // Within a file of its own kind of place: no resource begins there.
        byteOffset = -1 - deletion.entry
        entry = deletion.entry
        self.dataset = dataset
        reasons = [Self.conditionalDelete]
        let request = ["request": ["method": "DELETE", "url": deletion.reference]]
        bytes = try? JSON.encode(request)
        let block = LineBlock(ndjson: bytes ?? [])
        fingerprint = block.lines.first.map(block.fingerprint) ?? 0
    }

    static let conditionalDelete = "conditional-delete"
}

extension LineBlock {
    /// The resource that begins there.
    func line(at byteOffset: Int) -> Line? {
        lines.place(of: byteOffset, by: \.byteOffset).map { lines[$0] }
    }
}

extension Array {
    /// Where the element with that key stands, if there is one, by bisection: elements stand in order of their keys.
    func place<Key: Comparable>(of wanted: Key, by key: (Element) -> Key) -> Int? {
        var (low, high) = (0, count)
        while low < high {
            let middle = (low + high) / 2
            if key(self[middle]) < wanted { low = middle + 1 } else { high = middle }
        }
        return low < count && key(self[low]) == wanted ? low : nil
    }
}

/// Keeps what a run sets aside.
protocol RecordKeeper {
    /// Fingerprints of records that it wants to hear of when they come.
    var watched: Set<Int64> { get }
    /// A watched record came and could be read.
    mutating func saw(_ fingerprint: Int64)
    mutating func setAside(_ record: SetAsideRecord, of source: IngestSource) throws
    /// The run is over.
    /// - Parameter isWhole: whether it came to its end: what was not set aside is in the warehouse.
    mutating func finish(files: Set<String>, isWhole: Bool) throws
    /// After `finish`: what a report should say of it, in sentences.
    var notes: [String] { get }
}

extension RecordKeeper {
    var notes: [String] { [] }
}
