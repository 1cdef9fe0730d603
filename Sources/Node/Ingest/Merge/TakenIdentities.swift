internal import Core

/// Which records a run has taken in of a dataset that was empty before: while it knows them all, only what it has seen
/// already needs to be asked of the engine.
///
/// Holds hashes of 64 bits, not the identities: what it takes for seen may be new, never the other way.
struct TakenIdentities: Sendable {
    /// Beyond this many (128 MiB) it gives up, and the engine is asked for every record.
    private static let limit = 8 << 20

    private var slots: [UInt64] = Array(repeating: 0, count: 1 << 16)
    private var count = 0
    private(set) var knowsAll = true

    /// Whether a record of this identity may have been taken.
    func mayHave(_ identity: UnsafeBufferPointer<UInt8>) -> Bool {
        slots[slot(Self.hash(identity))] != 0
    }

    mutating func insert(_ identity: UnsafeBufferPointer<UInt8>) {
        guard knowsAll else { return }
        let hash = Self.hash(identity)
        let slot = slot(hash)
        guard slots[slot] == 0 else { return }
        slots[slot] = hash
        count += 1
        if count * 2 > slots.count { grow() }
    }

    private mutating func grow() {
        guard count <= Self.limit else {
            (slots, knowsAll) = ([0], false)
            return
        }
        let old = slots
        slots = Array(repeating: 0, count: old.count * 2)
        for hash in old where hash != 0 { slots[slot(hash)] = hash }
    }

    private func slot(_ hash: UInt64) -> Int {
        let mask = slots.count - 1
        var slot = Int(truncatingIfNeeded: hash >> 1) & mask
        while slots[slot] != 0, slots[slot] != hash { slot = (slot + 1) & mask }
        return slot
    }

    /// Never 0, which marks a free slot.
    private static func hash(_ identity: UnsafeBufferPointer<UInt8>) -> UInt64 {
        TextIndex.hash(identity) | 1
    }
}
