/// Proofs over the tree: how they are made and how they are checked.
package enum TreeProof {
    /// The root of the perfect subtree of 2^level leaves that is the index-th of its level.
    typealias Subtree = (_ level: Int, _ index: Int) throws -> TreeHash

    /// PATH(m, D[n]) (RFC 6962, 2.1.1), lowest first.
    static func inclusion(index: Int, size: Int, subtree: Subtree) throws -> [TreeHash] {
        var (low, high) = (0, size)
        var proof: [TreeHash] = []
        while high - low > 1 {
            let split = low + largestPowerOfTwo(below: high - low)
            if index < split {
                proof.append(try root(split, high, subtree))
                high = split
            } else {
                proof.append(try root(low, split, subtree))
                low = split
            }
        }
        return proof.reversed()
    }

    /// PROOF(m, D[n]) (RFC 6962, 2.1.2).
    static func consistency(from old: Int, to new: Int, subtree: Subtree) throws -> [TreeHash] {
        guard old > 0, old < new else { return [] }
        var (low, high) = (0, new)
        var proof: [TreeHash] = []
        while old != high {
            let split = low + largestPowerOfTwo(below: high - low)
            if old <= split {
                proof.append(try root(split, high, subtree))
                high = split
            } else {
                proof.append(try root(low, split, subtree))
                low = split
            }
        }
        if low != 0 { proof.append(try root(low, high, subtree)) }
        return proof.reversed()
    }

    /// The root over leaves low ..< high; low is a multiple of every power of two in high - low.
    static func root(_ low: Int, _ high: Int, _ subtree: Subtree) throws -> TreeHash {
        let count = high - low
        if count == 0 { return .empty }
        let level = count.trailingZeroBitCount
        if count == 1 << level { return try subtree(level, low >> level) }
        let split = low + largestPowerOfTwo(below: count)
        return TreeHash.node(try root(low, split, subtree), try root(split, high, subtree))
    }

    /// The largest power of two smaller than a count of at least 2.
    private static func largestPowerOfTwo(below count: Int) -> Int {
        1 << (Int.bitWidth - 1 - (count - 1).leadingZeroBitCount)
    }

    /// Whether the leaf stands at the index of the log with this size and root (RFC 9162, 2.1.3.2).
    package static func verifyInclusion(
        leaf: TreeHash, index: Int, size: Int, proof: [TreeHash], root: TreeHash
    ) -> Bool {
        guard index >= 0, index < size else { return false }
        var (place, last) = (index, size - 1)
        var hash = leaf
        for step in proof {
            if last == 0 { return false }
            if place & 1 == 1 || place == last {
                hash = TreeHash.node(step, hash)
                while place & 1 == 0, place != 0 { (place, last) = (place >> 1, last >> 1) }
            } else {
                hash = TreeHash.node(hash, step)
            }
            (place, last) = (place >> 1, last >> 1)
        }
        return last == 0 && hash == root
    }

    /// Whether the newer log begins with the older one (RFC 9162, 2.1.4.2).
    package static func verifyConsistency(
        oldSize: Int, oldRoot: TreeHash, newSize: Int, newRoot: TreeHash, proof: [TreeHash]
    ) -> Bool {
        guard oldSize >= 0, oldSize <= newSize else { return false }
        if oldSize == newSize { return proof.isEmpty && oldRoot == newRoot }
        if oldSize == 0 { return proof.isEmpty && oldRoot == .empty }
        var steps = proof[...]
        if oldSize & (oldSize - 1) == 0 { steps = [oldRoot] + steps }
        guard let first = steps.popFirst() else { return false }
        var (place, last) = (oldSize - 1, newSize - 1)
        while place & 1 == 1 { (place, last) = (place >> 1, last >> 1) }
        var (old, new) = (first, first)
        for step in steps {
            if last == 0 { return false }
            if place & 1 == 1 || place == last {
                old = TreeHash.node(step, old)
                new = TreeHash.node(step, new)
                while place & 1 == 0, place != 0 { (place, last) = (place >> 1, last >> 1) }
            } else {
                new = TreeHash.node(new, step)
            }
            (place, last) = (place >> 1, last >> 1)
        }
        return last == 0 && old == oldRoot && new == newRoot
    }
}
