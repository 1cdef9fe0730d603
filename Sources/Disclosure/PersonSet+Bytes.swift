extension PersonSet {
    /// Bytes that are no set of people.
    package struct Malformed: Error, Hashable, Sendable {
        package init() {}
    }

    private static let version: UInt8 = 1

    /// The set as bytes, little-endian: a version, and of each chunk its key (2), its kind (1), how many numbers,
    /// words or runs less one (2), and these.
    package var bytes: [UInt8] {
        var bytes = [Self.version]
        func append(_ value: UInt16) { bytes += [UInt8(truncatingIfNeeded: value), UInt8(value >> 8)] }
        for (key, chunk) in zip(keys, chunks) {
            append(key)
            switch chunk {
            case .sparse(let members):
                bytes.append(0)
                append(UInt16(members.count - 1))
                members.forEach(append)
            case .dense(let bits):
                bytes.append(1)
                append(UInt16(bits.count - 1))
                for word in bits {
                    for shift in stride(from: 0, to: 64, by: 16) {
                        append(UInt16(truncatingIfNeeded: word >> UInt64(shift)))
                    }
                }
            case .runs(let runs):
                bytes.append(2)
                append(UInt16(runs.count - 1))
                for run in runs {
                    append(run.lowerBound)
                    append(run.upperBound)
                }
            }
        }
        return bytes
    }

    /// Reads what `bytes` wrote.
    /// - Throws: `Malformed` for bytes that are no set.
    package init(bytes: some Collection<UInt8>) throws(Malformed) {
        var reader = Reader(rest: Array(bytes)[...])
        guard try reader.byte() == Self.version else { throw Malformed() }
        var keys: [UInt16] = []
        var chunks: [Chunk] = []
        while !reader.rest.isEmpty {
            let key = try reader.number()
            if let last = keys.last, last >= key { throw Malformed() }
            keys.append(key)
            chunks.append(try reader.chunk())
        }
        self.init(keys: keys, chunks: chunks)
    }

    private struct Reader {
        var rest: ArraySlice<UInt8>

        mutating func byte() throws(Malformed) -> UInt8 {
            guard let first = rest.popFirst() else { throw Malformed() }
            return first
        }

        mutating func number() throws(Malformed) -> UInt16 {
            UInt16(try byte()) | UInt16(try byte()) << 8
        }

        mutating func numbers(_ count: Int) throws(Malformed) -> [UInt16] {
            guard rest.count >= 2 * count else { throw Malformed() }
            let bytes = rest.prefix(2 * count)
            rest = rest.dropFirst(2 * count)
            return stride(from: bytes.startIndex, to: bytes.endIndex, by: 2).map {
                UInt16(bytes[$0]) | UInt16(bytes[$0 + 1]) << 8
            }
        }

        mutating func chunk() throws(Malformed) -> Chunk {
            let kind = try byte()
            let count = Int(try number()) + 1
            switch kind {
            case 0:
                let members = try numbers(count)
                guard zip(members, members.dropFirst()).allSatisfy(<) else { throw Malformed() }
                return .sparse(members)
            case 1:
                guard count == PersonSet.words else { throw Malformed() }
                let parts = try numbers(4 * count)
                var bits = [UInt64](repeating: 0, count: count)
                for (place, part) in parts.enumerated() {
                    bits[place / 4] |= UInt64(part) << UInt64(16 * (place % 4))
                }
                guard bits.contains(where: { $0 != 0 }) else { throw Malformed() }
                return .dense(bits)
            case 2:
                let ends = try numbers(2 * count)
                var runs: [ClosedRange<UInt16>] = []
                for place in stride(from: 0, to: ends.count, by: 2) {
                    let (first, last) = (ends[place], ends[place + 1])
                    guard first <= last, runs.last.map({ Int($0.upperBound) + 1 < Int(first) }) ?? true
                    else { throw Malformed() }
                    runs.append(first...last)
                }
                return .runs(runs)
            default: throw Malformed()
            }
        }
    }
}
