internal import Core

/// Which records a run has taken in of a dataset that was empty before: while it knows them all, only what it has seen
/// already needs to be asked of the engine.
///
/// Holds 32 bits of a hash at a place that other bits of it choose, not the identities: what it takes for seen may be
/// new (a few of 100 million), never the other way. Tables that are full stay as they are, a larger one follows:
/// nothing is ever held twice.
///
/// INVARIANT: used by one merger, which looks up and adds in turns.
final class TakenIdentities: @unchecked Sendable {
    /// Places of each table: 211 MB in all, for 39 million records. Beyond them it gives up, and the engine is asked
    /// for every record.
    private static let sizes = [1 << 15, 1 << 18, 1 << 21, 1 << 24, 1 << 25]

    private var tables: [[UInt32]] = [Array(repeating: 0, count: sizes[0])]
    /// Places taken in the last table.
    private var count = 0
    private(set) var knowsAll = true

    /// Whether a record of this identity may have been taken.
    func mayHave(_ identity: UnsafeBufferPointer<UInt8>) -> Bool {
        let hash = TextIndex.hash(identity)
        return tables.indices.contains { tables[$0][place(of: hash, in: $0)] != 0 }
    }

    func insert(_ identity: UnsafeBufferPointer<UInt8>) {
        guard knowsAll else { return }
        let last = tables.count - 1
        let hash = TextIndex.hash(identity)
        let place = place(of: hash, in: last)
        guard tables[last][place] == 0 else { return }
        tables[last][place] = Self.mark(hash)
        count += 1
        if count * 4 > tables[last].count * 3 { grow() }
    }

    private func grow() {
        guard tables.count < Self.sizes.count else {
            (tables, knowsAll) = ([[0]], false)
            return
        }
        tables.append(Array(repeating: 0, count: Self.sizes[tables.count]))
        count = 0
    }

    /// Where a hash is in a table, or would be.
    private func place(of hash: UInt64, in table: Int) -> Int {
        let mask = tables[table].count - 1
        let mark = Self.mark(hash)
        var place = Int(truncatingIfNeeded: hash) & mask
        while tables[table][place] != 0, tables[table][place] != mark { place = (place + 1) & mask }
        return place
    }

    /// Never 0, which marks a free place.
    private static func mark(_ hash: UInt64) -> UInt32 { UInt32(truncatingIfNeeded: hash >> 32) | 1 }
}
