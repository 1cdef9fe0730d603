internal import CSimdJSON

/// Why a file could not be read to its end. Names no content.
package struct ReadFault: Error, Hashable, Sendable, CustomStringConvertible {
    package enum Code: String, Sendable {
        case cannotOpen = "cannot open: it is no file, or not one that this user may read"
        /// Damaged or cut off (gzip), or an error of the disk.
        case damaged = "damaged or cut off"
        /// FHIR has an XML form too, which is not read.
        case isXML = "FHIR XML is not read: convert it to JSON or NDJSON"
        /// A page of a portal, or an error of a server, saved under the name of a download.
        case isPage = "a web page, no FHIR: fetch the file again"
        /// Bytes that are no text of ours (UTF-16, a zip or Parquet file, an image).
        case notText = "not JSON in UTF-8"
        /// JSON that is neither a resource nor a Bundle nor NDJSON of them.
        case notResources = "JSON, but no FHIR resource, Bundle or NDJSON"
    }

    package let code: Code
    package let path: String
    /// Decompressed bytes read before it.
    package let byteOffset: Int

    package var description: String {
        switch code {
        case .damaged: "\(path): \(code.rawValue) after \(byteOffset) bytes"
        default: "\(path): \(code.rawValue)"
        }
    }
}

/// Reads an NDJSON file, plain or gzip (told by its first bytes, not its name), in blocks of whole lines.
///
///     var reader = try NDJSONReader(path: "Observation.ndjson.gz")
///     while let block = try reader.next() { … hand it to a thread … }
///
/// Memory is flat: one block being read, and those the caller still holds. Calls block on the disk: use a
/// thread
/// of your own.
package struct NDJSONReader: ~Copyable {
    /// Lines longer than this are set aside.
    package static let lineLimit = 16 << 20

    private let file: UnsafeMutableRawPointer
    private let path: String
    private let blockSize: Int
    private var rest: [UInt8] = []
    private var scan = LineScan()
    private var isAtEnd = false
    /// What ended the reading, told when the lines before it are out.
    private var fault: ReadFault?
    private var bytesRead = 0

    /// - Throws: `ReadFault` if the file cannot be opened.
    package init(path: String, blockSize: Int = BlockBuffer.usual) throws(ReadFault) {
        guard let file = cgzip_open(path) else {
            throw ReadFault(code: .cannotOpen, path: path, byteOffset: 0)
        }
        self.file = file
        self.path = path
        self.blockSize = max(blockSize, 1)
    }

    deinit { cgzip_close(file) }

    /// Bytes of the file as stored that are used up: for progress against the file's size.
    package var storedBytesRead: Int { max(0, cgzip_offset(file)) }

    /// The next lines, or nil at the end.
    /// - Throws: `ReadFault` where the file is damaged; lines before that have been returned.
    package mutating func next() throws(ReadFault) -> LineBlock? {
        var faults: [LineFault] = []
        while !isAtEnd {
            let capacity = max(blockSize, rest.count * 2)
            let buffer = BlockBuffer.take(capacity)
            buffer.copyMemory(from: rest, byteCount: rest.count)
            let count = fill(buffer, from: rest.count, to: capacity)
            // The line that the damage is in is no line.
            let used = scan.take(buffer, count: count, isLast: isAtEnd && fault == nil)
            rest = Array(UnsafeRawBufferPointer(start: buffer + used, count: count - used))
            if rest.count > Self.lineLimit { faults.append(skipLine()) }
            let kept = scan.lines.filter { $0.length <= Self.lineLimit }
            for line in scan.lines where line.length > Self.lineLimit {
                faults.append(LineFault(line: line.number, byteOffset: line.byteOffset, reason: .tooLong))
            }
            if kept.isEmpty, faults.isEmpty {
                BlockBuffer.giveBack(buffer, capacity)
                continue
            }
            return LineBlock(owning: buffer, capacity, lines: kept, faults: faults)
        }
        if let fault { throw fault }
        return nil
    }

    /// Reads until the buffer is full, or the file ends or is damaged.
    private mutating func fill(
        _ buffer: UnsafeMutableRawPointer, from: Int, to capacity: Int
    ) -> Int {
        var count = from
        while count < capacity {
            let read = cgzip_read(file, buffer + count, UInt32(min(capacity - count, 1 << 30)))
            if read < 0 { fault = ReadFault(code: .damaged, path: path, byteOffset: bytesRead) }
            if read <= 0 {
                isAtEnd = true
                break
            }
            count += read
            bytesRead += read
        }
        // What was allocated but not filled still ends in readable blanks.
        if count < capacity {
            let blanks = min(LineBlock.padding, capacity - count)
            (buffer + count).initializeMemory(as: UInt8.self, repeating: 0x20, count: blanks)
        }
        return count
    }

    /// Passes over the rest of a line that is too long, without holding it.
    private mutating func skipLine() -> LineFault {
        let fault = LineFault(line: scan.number, byteOffset: scan.byteOffset, reason: .tooLong)
        var length = rest.count
        rest = []
        let buffer = UnsafeMutableRawPointer.allocate(byteCount: 1 << 16, alignment: 8)
        defer { buffer.deallocate() }
        while !isAtEnd {
            let count = fill(buffer, from: 0, to: 1 << 16)
            let bytes = UnsafeRawBufferPointer(start: buffer, count: count)
            if let end = bytes.firstIndex(of: 0x0A) {
                rest = Array(bytes[(end + 1)...])
                scan.skip(lines: 1, bytes: length + end + 1)
                return fault
            }
            length += count
        }
        scan.skip(lines: 1, bytes: length)
        return fault
    }
}
