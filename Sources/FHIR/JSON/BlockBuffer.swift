internal import Synchronization

/// The memory of blocks. Buffers of the usual size are used again: to give one back to the system and to take another
/// costs as much as to read a block.
enum BlockBuffer {
    /// Bytes of the usual block.
    static let usual = 4 << 20
    /// Buffers that are kept at most.
    private static let limit = 8

    /// INVARIANT: a buffer in the list belongs to nobody.
    private struct Idle: @unchecked Sendable {
        var buffers: [UnsafeMutableRawPointer] = []
    }

    private static let idle = Mutex(Idle())

    /// Room for `capacity` bytes, with blanks behind it for the parser to read.
    static func take(_ capacity: Int) -> UnsafeMutableRawPointer {
        if capacity == usual, let known = idle.withLock({ $0.buffers.popLast() }) { return known }
        let made = UnsafeMutableRawPointer.allocate(
            byteCount: capacity + LineBlock.padding, alignment: 64)
        (made + capacity).initializeMemory(as: UInt8.self, repeating: 0x20, count: LineBlock.padding)
        return made
    }

    /// - Parameter capacity: what it was taken for.
    static func giveBack(_ buffer: UnsafeMutableRawPointer, _ capacity: Int) {
        let isKept = idle.withLock { idle in
            guard capacity == usual, idle.buffers.count < limit else { return false }
            idle.buffers.append(buffer)
            return true
        }
        if !isKept { buffer.deallocate() }
    }
}
