internal import CSimdJSON

/// Reads the resources of a file, whatever it is: NDJSON, a Bundle, a single resource over many lines; plain
/// or
/// gzip. What it is is told by its content, not by its name.
///
///     var reader = try ResourceReader(path: "bundle.json")
///     while let block = try reader.next() { … hand it to a thread … }
///
/// A resource of a Bundle has its position as `entry[3]`; Bundles that stand in NDJSON, a line each, are
/// taken
/// apart too. Memory is flat: a Bundle is never held whole, only one resource of it and the block that is
/// being
/// filled. Calls block on the disk: use a thread of your own.
package struct ResourceReader: ~Copyable {
    package let content: FileContent
    private let lines: Lines?
    private let documents: Documents?

    private final class Lines {
        var reader: NDJSONReader
        init(_ reader: consuming NDJSONReader) { self.reader = reader }
    }

    private final class Documents {
        var reader: DocumentReader
        init(_ reader: consuming DocumentReader) { self.reader = reader }
    }

    /// - Throws: `ReadFault` if the file cannot be opened or holds no FHIR JSON, with what it holds instead.
    package init(path: String, blockSize: Int = 4 << 20) throws(ReadFault) {
        let content = try FileContent(path: path)
        var (lines, documents): (Lines?, Documents?)
        switch content.kind {
        case .lines: lines = Lines(try NDJSONReader(path: path, blockSize: blockSize))
        case .documents: documents = Documents(try DocumentReader(path: path, blockSize: blockSize))
        case .empty: break
        }
        (self.content, self.lines, self.documents) = (content, lines, documents)
    }

    /// Bytes of the file as stored that are used up: for progress against the file's size.
    package var storedBytesRead: Int {
        lines?.reader.storedBytesRead ?? documents?.reader.storedBytesRead ?? 0
    }

    /// The next resources, or nil at the end.
    /// - Throws: `ReadFault` where the file is damaged; what stands before that has been returned.
    package mutating func next() throws(ReadFault) -> LineBlock? {
        if let lines { return try lines.reader.next() }
        return try documents?.reader.next()
    }
}

/// Reads JSON documents in pieces.
struct DocumentReader: ~Copyable {
    private static let pieceSize = 1 << 18
    /// Of findings in one block, so that small ones do not outgrow the block.
    private static let countLimit = 100_000

    private let file: UnsafeMutableRawPointer
    private let piece = UnsafeMutableRawPointer.allocate(byteCount: pieceSize, alignment: 64)
    private let path: String
    private let blockSize: Int
    private var scan = DocumentScan()
    private var bytesRead = 0
    private var isAtEnd = false

    init(path: String, blockSize: Int) throws(ReadFault) {
        guard let file = cgzip_open(path) else {
            throw ReadFault(code: .cannotOpen, path: path, byteOffset: 0)
        }
        self.file = file
        self.path = path
        self.blockSize = max(blockSize, 1)
    }

    deinit {
        cgzip_close(file)
        piece.deallocate()
    }

    var storedBytesRead: Int { max(0, cgzip_offset(file)) }

    mutating func next() throws(ReadFault) -> LineBlock? {
        while !isAtEnd, scan.lines.isEmpty || scan.bytes.count < blockSize, scan.count < Self.countLimit {
            let count = cgzip_read(file, piece, UInt32(min(Self.pieceSize, blockSize)))
            guard count >= 0 else {
                // What was found before the damage goes out first.
                if let block = block() { return block }
                throw ReadFault(code: .damaged, path: path, byteOffset: bytesRead)
            }
            bytesRead += count
            if count == 0 {
                isAtEnd = true
                scan.finish()
            } else {
                scan.feed(Tape.Text(start: piece.assumingMemoryBound(to: UInt8.self), count: count))
            }
        }
        return block()
    }

    /// What was found; nil if that is nothing.
    private mutating func block() -> LineBlock? {
        let (bytes, lines, faults, deletions) = scan.take()
        guard !lines.isEmpty || !faults.isEmpty || !deletions.isEmpty else { return nil }
        let buffer = BlockBuffer.take(bytes.count)
        buffer.copyMemory(from: bytes, byteCount: bytes.count)
        return LineBlock(owning: buffer, bytes.count, lines: lines, faults: faults, deletions: deletions)
    }
}
