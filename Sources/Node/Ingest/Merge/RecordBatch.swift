internal import Core

/// The records of a batch of one dataset, and what becomes of each.
struct RecordBatch {
    enum State: UInt8 {
        /// Not decided yet.
        case open
        /// Waits for its patient.
        case held
        case setAside
        case superseded
        case unchanged
        case new
        case replaced

        var isTaken: Bool { self == .new || self == .replaced }
    }

    struct Record {
        let block: Int
        /// Its rows in the block.
        let rows: Range<Int>
        let sequence: Int64
        let fingerprint: Int64
        let updated: Int64?
        var person: Int32?
        var state = State.open

        /// Whether its source says that it is newer than what has this time.
        func isNewer(than other: Int64?) -> Bool {
            guard let updated else { return false }
            return other.map { updated > $0 } ?? true
        }
    }

    let blocks: [StagedRows]
    private(set) var records: [Record] = []
    /// Of records that are set aside, why.
    private(set) var reasons: [Int: Set<String>] = [:]

    init(_ blocks: [StagedRows]) {
        self.blocks = blocks
        records.reserveCapacity(blocks.reduce(0) { $0 + $1.rowCount })
        for (place, block) in blocks.enumerated() {
            var start = 0
            while start < block.rowCount {
                var end = start + 1
                while end < block.rowCount, block.sequence[end] == block.sequence[start] { end += 1 }
                records.append(
                    Record(
                        block: place, rows: start..<end, sequence: block.sequence[start],
                        fingerprint: block.fingerprints[start], updated: block.updated[start]))
                start = end
            }
        }
    }

    func identity(_ record: Record) -> UnsafeBufferPointer<UInt8>? {
        blocks[record.block].identity(record.rows.lowerBound)
    }

    func subject(_ record: Record) -> UnsafeBufferPointer<UInt8>? {
        blocks[record.block].subject.bytes(record.rows.lowerBound)
    }

    /// The places of the records in this state.
    func places(_ state: State) -> [Int] { records.indices.filter { records[$0].state == state } }

    mutating func set(_ state: State, _ place: Int) { records[place].state = state }

    mutating func set(person: Int32?, _ place: Int) { records[place].person = person }

    mutating func setAside(_ place: Int, _ reason: String) {
        records[place].state = .setAside
        reasons[place, default: []].insert(reason)
    }

    /// Records without an id or with one that is none, and texts that no engine can hold.
    ///
    /// FHIR allows ids of 64 characters; what is longer by far is no id.
    mutating func findUnwritable() {
        for (place, record) in records.enumerated() {
            let block = blocks[record.block]
            for row in record.rows {
                guard let id = block.resource.bytes(row), !id.isEmpty else {
                    setAside(place, "no-id")
                    continue
                }
                if id.count > Self.idLimit || block.parent.bytes(row).map({ $0.count > Self.idLimit }) == true
                {
                    setAside(place, "id-too-long")
                }
            }
        }
        setAside("nul-character") { $0.rowsWithNUL() }
    }

    private static let idLimit = 256

    /// Sets records aside for what is wrong with rows of theirs; what waits for its patient is judged when it comes.
    /// - Parameter rows: places in a block, ascending.
    mutating func setAside(_ reason: String, where rows: (StagedRows) -> [Int]) {
        var first = 0
        for (number, block) in blocks.enumerated() {
            var place = first
            for row in rows(block) {
                while records[place].rows.upperBound <= row { place += 1 }
                if records[place].state != .held { setAside(place, reason) }
            }
            while first < records.count, records[first].block == number { first += 1 }
        }
    }

    /// Of several versions of one record the newest stays open: by time, then by place.
    mutating func dropRepeated() {
        var index = TextIndex(capacity: records.count)
        for place in records.indices where records[place].state == .open {
            guard let identity = identity(records[place]),
                let known = index.insert(identity, Int32(place))
            else { continue }
            let (before, now) = (records[Int(known)], records[place])
            // What comes later stands unless it is told to be older.
            if before.isNewer(than: now.updated) {
                records[place].state = .superseded
            } else {
                records[Int(known)].state = .superseded
                index.update(identity, Int32(place))
            }
        }
    }

    /// The rows of a block whose records are in one of these states.
    func rows(of block: Int, _ isWanted: (Record) -> Bool) -> [Int] {
        var rows: [Int] = []
        for record in records[places(of: block)] where isWanted(record) {
            rows.append(contentsOf: record.rows)
        }
        return rows
    }

    /// One a row of `rows(of:)`: the person of its record.
    func people(of block: Int, _ isWanted: (Record) -> Bool) -> [Int64] {
        var people: [Int64] = []
        for record in records[places(of: block)] where isWanted(record) {
            for _ in record.rows { people.append(Int64(record.person ?? 0)) }
        }
        return people
    }

    /// Records stand in the order of their blocks.
    private func places(of block: Int) -> Range<Int> {
        func first(_ wanted: Int) -> Int {
            var (low, high) = (0, records.count)
            while low < high {
                let middle = (low + high) / 2
                if records[middle].block < wanted { low = middle + 1 } else { high = middle }
            }
            return low
        }
        return first(block)..<first(block + 1)
    }
}
