/// Memory for texts computed while a line is evaluated; all of it is given back at once.
///
/// INVARIANT: a text is valid until `reset`; used by one thread.
final class ByteArena {
    private var chunks: [UnsafeMutableBufferPointer<UInt8>] = []
    private var current = 0
    private var used = 0

    deinit { for chunk in chunks { chunk.deallocate() } }

    func reset() { (current, used) = (0, 0) }

    /// Room for a text that is then written by the caller.
    func take(_ count: Int) -> UnsafeMutableBufferPointer<UInt8> {
        while current < chunks.count, chunks[current].count - used < count {
            current += 1
            used = 0
        }
        if current == chunks.count { chunks.append(.allocate(capacity: max(count, 1 << 14))) }
        let chunk = chunks[current]
        defer { used += count }
        return UnsafeMutableBufferPointer(rebasing: chunk[used..<used + count])
    }

    func copy(_ bytes: some Collection<UInt8>) -> Tape.Text {
        let room = take(bytes.count)
        _ = room.update(fromContentsOf: bytes)
        return Tape.Text(room)
    }
}
