import Crypto

/// A SHA-256 hash in the tree: 32 bytes, held without an allocation.
package struct TreeHash: Hashable, Sendable {
    package static let size = 32
    private var words: (UInt64, UInt64, UInt64, UInt64)

    private init(_ digest: SHA256.Digest) {
        words = digest.withUnsafeBytes { $0.loadUnaligned(as: (UInt64, UInt64, UInt64, UInt64).self) }
    }

    /// - Returns: nil unless there are 32 bytes.
    package init?(_ bytes: some Collection<UInt8>) {
        guard bytes.count == Self.size else { return nil }
        words = Array(bytes).withUnsafeBytes {
            $0.loadUnaligned(as: (UInt64, UInt64, UInt64, UInt64).self)
        }
    }

    package var bytes: [UInt8] { withBytes { Array($0) } }

    func withBytes<T>(_ body: (UnsafeRawBufferPointer) throws -> T) rethrows -> T {
        try withUnsafeBytes(of: words, body)
    }

    package static func == (left: Self, right: Self) -> Bool { left.words == right.words }

    package func hash(into hasher: inout Hasher) { hasher.combine(words.0) }

    /// The root of no leaves: SHA-256 of nothing (RFC 6962, 2.1).
    package static let empty = TreeHash(SHA256.hash(data: [UInt8]()))

    /// SHA-256(0x00 || data) (RFC 6962, 2.1).
    package static func leaf(_ data: some Sequence<UInt8>) -> TreeHash {
        var hasher = SHA256()
        hasher.update(data: [0x00] + Array(data))
        return TreeHash(hasher.finalize())
    }

    /// SHA-256(0x01 || left || right) (RFC 6962, 2.1).
    package static func node(_ left: TreeHash, _ right: TreeHash) -> TreeHash {
        withUnsafeTemporaryAllocation(byteCount: 65, alignment: 1) { buffer in
            buffer[0] = 0x01
            left.withBytes { UnsafeMutableRawBufferPointer(rebasing: buffer[1..<33]).copyMemory(from: $0) }
            right.withBytes { UnsafeMutableRawBufferPointer(rebasing: buffer[33..<65]).copyMemory(from: $0) }
            var hasher = SHA256()
            hasher.update(bufferPointer: UnsafeRawBufferPointer(buffer))
            return TreeHash(hasher.finalize())
        }
    }

    /// The root over a power of two of hashes.
    static func root(ofPerfect hashes: ArraySlice<TreeHash>) -> TreeHash {
        var level = Array(hashes)
        var count = level.count
        while count > 1 {
            count /= 2
            for index in 0..<count { level[index] = node(level[2 * index], level[2 * index + 1]) }
        }
        return level[0]
    }
}
