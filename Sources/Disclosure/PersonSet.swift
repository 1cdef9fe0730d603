/// A set of people by their number within a site (`person_id`), small enough to keep one a release.
///
/// In the spirit of Roaring bitmaps (Chambi, Lemire, Kaser, Godin, "Better bitmap performance with Roaring
/// bitmaps", 2016; runs as in Lemire, Ssi-Yan-Kai, Kaser, 2016): numbers that share their upper 16 bits form a
/// chunk, which is written as a list, as bits or as runs, whichever is shortest. Equal sets have equal bytes.
package struct PersonSet: Hashable, Sendable {
    /// The lower 16 bits of a chunk's people.
    enum Chunk: Hashable, Sendable {
        /// Ascending.
        case sparse([UInt16])
        /// 1,024 words, the lowest number in the lowest bit of the first.
        case dense([UInt64])
        /// Ascending, apart by at least one number: first and last of each.
        case runs([ClosedRange<UInt16>])
    }

    static let words = 1024
    /// The upper 16 bits of each chunk's people, ascending.
    let keys: [UInt16]
    let chunks: [Chunk]

    init(keys: [UInt16], chunks: [Chunk]) {
        self.keys = keys
        self.chunks = chunks
    }

    /// - Parameter people: in any order, repeated or not.
    package init(_ people: some Sequence<UInt32>) {
        var keys: [UInt16] = []
        var chunks: [Chunk] = []
        var lower: [UInt16] = []
        for person in people.sorted() {
            let (key, low) = (UInt16(person >> 16), UInt16(truncatingIfNeeded: person))
            if keys.last != key {
                if !lower.isEmpty { chunks.append(Chunk(lower)) }
                keys.append(key)
                lower.removeAll(keepingCapacity: true)
            }
            if lower.last != low { lower.append(low) }
        }
        if !lower.isEmpty { chunks.append(Chunk(lower)) }
        self.init(keys: keys, chunks: chunks)
    }

    package var count: Int { chunks.reduce(0) { $0 + $1.count } }

    package var isEmpty: Bool { keys.isEmpty }

    package func contains(_ person: UInt32) -> Bool {
        let key = UInt16(person >> 16)
        var (low, high) = (0, keys.count)
        while low < high {
            let middle = (low + high) / 2
            if keys[middle] < key { low = middle + 1 } else { high = middle }
        }
        guard low < keys.count, keys[low] == key else { return false }
        return chunks[low].contains(UInt16(truncatingIfNeeded: person))
    }

    /// Everybody, ascending.
    package var people: [UInt32] {
        zip(keys, chunks).flatMap { key, chunk in chunk.members.map { UInt32(key) << 16 | UInt32($0) } }
    }
}

extension PersonSet.Chunk {
    /// - Parameter members: ascending, none twice, at least one.
    init(_ members: [UInt16]) {
        var runs: [ClosedRange<UInt16>] = []
        var first = members[0]
        for place in members.indices.dropFirst() where members[place] != members[place - 1] &+ 1 {
            runs.append(first...members[place - 1])
            first = members[place]
        }
        runs.append(first...members[members.count - 1])
        let (sparse, dense) = (members.count * 2, PersonSet.words * 8)
        if runs.count * 4 < min(sparse, dense) {
            self = .runs(runs)
        } else if sparse <= dense {
            self = .sparse(members)
        } else {
            var bits = [UInt64](repeating: 0, count: PersonSet.words)
            for member in members { bits[Int(member >> 6)] |= 1 << UInt64(member & 63) }
            self = .dense(bits)
        }
    }

    var count: Int {
        switch self {
        case .sparse(let members): members.count
        case .dense(let bits): bits.reduce(0) { $0 + $1.nonzeroBitCount }
        case .runs(let runs): runs.reduce(0) { $0 + $1.count }
        }
    }

    func contains(_ member: UInt16) -> Bool {
        switch self {
        case .dense(let bits): return bits[Int(member >> 6)] & 1 << UInt64(member & 63) != 0
        case .sparse(let members):
            let place = members.partition { $0 >= member }
            return place < members.count && members[place] == member
        case .runs(let runs):
            let place = runs.partition { $0.upperBound >= member }
            return place < runs.count && runs[place].contains(member)
        }
    }

    var members: [UInt16] {
        switch self {
        case .sparse(let members): return members
        case .runs(let runs): return runs.flatMap { Array($0) }
        case .dense(let bits):
            var members: [UInt16] = []
            for (place, word) in bits.enumerated() {
                var rest = word
                while rest != 0 {
                    members.append(UInt16(place * 64 + rest.trailingZeroBitCount))
                    rest &= rest - 1
                }
            }
            return members
        }
    }
}

extension Array {
    /// The first place from which `isLate` holds, by bisection: it holds for a tail of the elements.
    fileprivate func partition(_ isLate: (Element) -> Bool) -> Int {
        var (low, high) = (0, count)
        while low < high {
            let middle = (low + high) / 2
            if isLate(self[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
