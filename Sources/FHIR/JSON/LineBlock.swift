internal import CSimdJSON

/// Whole resources in one buffer, with their positions: the unit of work of an ingest thread. Each is called
/// a
/// line, as it is one in NDJSON; in other files it may run over several.
///
/// INVARIANT: the buffer is written before the block is handed out and never after, so threads may read it
/// at once.
package final class LineBlock: @unchecked Sendable {
    /// Where one line stands.
    package struct Line: Hashable, Sendable {
        /// In this block's buffer.
        package let start: Int
        package let length: Int
        /// Of its first byte: from 1, counted over the whole file, empty lines included.
        package let number: Int
        /// In the (decompressed) file.
        package let byteOffset: Int
        /// Index in `Bundle.entry`, where the resource stands in one.
        package var entry: Int?

        /// Where it stands, for people: `line 7`, `entry[3]`.
        package var position: String { entry.map { "entry[\($0)]" } ?? "line \(number)" }
    }

    /// What a history or transaction Bundle says is no more: a reference such as `Patient/1`.
    package struct Deletion: Hashable, Sendable {
        package let reference: String
        package let entry: Int
    }

    package let lines: [Line]
    /// Lines that could not be held (too long).
    package let faults: [LineFault]
    package let deletions: [Deletion]
    private let buffer: UnsafeMutableRawPointer
    private let capacity: Int

    /// Takes ownership of a buffer of `BlockBuffer`, which has `padding` bytes after the last line.
    init(
        owning buffer: UnsafeMutableRawPointer, _ capacity: Int, lines: [Line], faults: [LineFault],
        deletions: [Deletion] = []
    ) {
        self.buffer = buffer
        self.capacity = capacity
        self.deletions = deletions
        self.lines = lines
        self.faults = faults
    }

    /// The lines of a text in memory.
    package convenience init(ndjson: some Sequence<UInt8>) {
        let bytes = Array(ndjson)
        let buffer = BlockBuffer.take(bytes.count)
        buffer.copyMemory(from: bytes, byteCount: bytes.count)
        var scan = LineScan()
        scan.take(buffer, count: bytes.count, isLast: true)
        self.init(owning: buffer, bytes.count, lines: scan.lines, faults: [])
    }

    deinit { BlockBuffer.giveBack(buffer, capacity) }

    /// Bytes behind the last line that the parser may read.
    static var padding: Int { csimdjson_padding() }

    /// The bytes of a line; valid as long as the block is.
    func bytes(_ line: Line) -> Tape.Text {
        Tape.Text(start: (buffer + line.start).assumingMemoryBound(to: UInt8.self), count: line.length)
    }

    package var byteCount: Int { lines.reduce(0) { $0 + $1.length + 1 } }
}

/// Finds lines in a buffer and counts them over a whole file.
struct LineScan {
    private(set) var lines: [LineBlock.Line] = []
    /// Of the next line.
    private(set) var number = 1
    private(set) var byteOffset = 0

    /// Cuts what is whole; blank lines count but are not kept.
    /// - Returns: bytes used up.
    @discardableResult
    mutating func take(_ buffer: UnsafeMutableRawPointer, count: Int, isLast: Bool) -> Int {
        lines.removeAll(keepingCapacity: true)
        let bytes = UnsafeBufferPointer(start: buffer.assumingMemoryBound(to: UInt8.self), count: count)
        var start = 0
        while start < count {
            let found = (bytes.baseAddress! + start).newline(count - start)
            if found == nil, !isLast { break }
            let length = found ?? count - start
            add(bytes, start, length)
            skip(lines: 1, bytes: length + 1)
            start += length + 1
        }
        return min(start, count)
    }

    /// Counts a line, or a part of one, that is not kept.
    mutating func skip(lines: Int, bytes: Int) {
        number += lines
        byteOffset += bytes
    }

    private mutating func add(_ bytes: Tape.Text, _ start: Int, _ length: Int) {
        // A byte order mark may open the file; RFC 8259 section 8.1 lets a reader ignore it.
        let mark = byteOffset == 0 && length >= 3 && bytes[start] == 0xEF && bytes[start + 1] == 0xBB
        let from = mark ? start + 3 : start
        let line = Tape.Text(rebasing: bytes[from..<start + length])
        guard line.contains(where: { $0 != 0x20 && $0 != 0x09 && $0 != 0x0D }) else { return }
        lines.append(.init(start: from, length: line.count, number: number, byteOffset: byteOffset))
    }
}

extension UnsafePointer<UInt8> {
    /// Where the next LF is, within `count` bytes.
    fileprivate func newline(_ count: Int) -> Int? {
        guard let found = cmemory_find(self, 0x0A, count) else { return nil }
        return found - self
    }
}
