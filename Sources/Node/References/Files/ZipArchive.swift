internal import Foundation

/// The files in a ZIP archive, read one after the other without unpacking it to disk (PKWARE APPNOTE 6.3, with
/// ZIP64; stored or deflated, not encrypted).
struct ZipArchive {
    struct Entry: Sendable {
        let name: String
        fileprivate let method: UInt16
        fileprivate let checksum: UInt32
        fileprivate let packedSize: UInt64
        fileprivate let headerAt: UInt64
        fileprivate let isEncrypted: Bool
    }

    let path: String
    let entries: [Entry]

    private var fault: NodeError { Self.fault(path) }

    private static func fault(_ path: String) -> NodeError {
        NodeError(.input, "'\(path)' is damaged or no ZIP file: fetch it again")
    }

    /// Reads the directory at the archive's end.
    /// - Throws: `NodeError` if there is none.
    init(path: String) throws {
        self.init(path: path, entries: try Self.directory(path))
    }

    private static func directory(_ path: String) throws -> [Entry] {
        guard let file = FileHandle(forReadingAtPath: path) else {
            throw NodeError(.input, "cannot read '\(path)'")
        }
        defer { try? file.close() }
        let size = try file.seekToEnd()
        let tailAt = size > 70_000 ? size - 70_000 : 0
        let tail = try Self.bytes(file, at: tailAt, count: Int(size - tailAt))
        guard tail.count >= 22,
            let end = (0...(tail.count - 22)).reversed().first(where: { Self.word($0, tail) == 0x0605_4b50 })
        else { throw fault(path) }
        var (count, length, start) = (
            UInt64(Self.half(end + 10, tail)), UInt64(Self.word(end + 12, tail)),
            UInt64(Self.word(end + 16, tail))
        )
        if end >= 20, Self.word(end - 20, tail) == 0x0706_4b50 {
            let record = try Self.bytes(file, at: Self.long(end - 12, tail), count: 56)
            guard record.count == 56, Self.word(0, record) == 0x0606_4b50 else { throw fault(path) }
            (count, length, start) = (
                Self.long(32, record), Self.long(40, record), Self.long(48, record)
            )
        }
        guard start <= size, length <= size - start, count < 1 << 20 else { throw fault(path) }
        let directory = try Self.bytes(file, at: start, count: Int(length))
        guard let found = Self.entries(directory, count: Int(count)) else { throw fault(path) }
        return found
    }

    private init(path: String, entries: [Entry]) {
        self.path = path
        self.entries = entries
    }

    /// Hands on the content of one file, in pieces.
    /// - Throws: `NodeError` if it is damaged, cut short, encrypted, or packed in another way.
    func read(_ entry: Entry, _ body: (ArraySlice<UInt8>) throws -> Void) throws {
        guard !entry.isEncrypted, entry.method == 0 || entry.method == 8 else {
            throw NodeError(
                .input,
                "'\(entry.name)' in '\(path)' is encrypted or packed in a rare way: unpack the archive "
                    + "and name the folder")
        }
        guard let file = FileHandle(forReadingAtPath: path) else {
            throw NodeError(.input, "cannot read '\(path)'")
        }
        defer { try? file.close() }
        let head = try Self.bytes(file, at: entry.headerAt, count: 30)
        guard head.count == 30, Self.word(0, head) == 0x0403_4b50 else { throw fault }
        let skipped = UInt64(Self.half(26, head)) + UInt64(Self.half(28, head))
        try file.seek(toOffset: entry.headerAt + 30 + skipped)
        let inflater = entry.method == 8 ? try Inflater(.raw) : nil
        var sum: UInt32 = 0
        func take(_ piece: ArraySlice<UInt8>) throws {
            sum = Inflater.checksum(sum, piece)
            try body(piece)
        }
        var left = entry.packedSize
        while left > 0, let piece = try file.read(upToCount: Int(min(left, 256 << 10))), !piece.isEmpty {
            left -= UInt64(piece.count)
            let bytes = [UInt8](piece)
            if let inflater { try inflater.inflate(bytes, take) } else { try take(bytes[...]) }
        }
        guard left == 0, inflater?.isAtEnd ?? true, sum == entry.checksum else { throw fault }
    }

    private static func entries(_ directory: [UInt8], count: Int) -> [Entry]? {
        var entries: [Entry] = []
        var at = 0
        for _ in 0..<count {
            guard at + 46 <= directory.count, word(at, directory) == 0x0201_4b50 else { return nil }
            let nameEnd = at + 46 + Int(half(at + 28, directory))
            let extraEnd = nameEnd + Int(half(at + 30, directory))
            let next = extraEnd + Int(half(at + 32, directory))
            guard next <= directory.count else { return nil }
            var sizes = [
                UInt64(word(at + 24, directory)), UInt64(word(at + 20, directory)),
                UInt64(word(at + 42, directory)),
            ]
            widen(&sizes, directory, nameEnd, extraEnd)
            entries.append(
                Entry(
                    name: String(decoding: directory[(at + 46)..<nameEnd], as: UTF8.self),
                    method: half(at + 10, directory), checksum: word(at + 16, directory),
                    packedSize: sizes[1], headerAt: sizes[2],
                    isEncrypted: half(at + 8, directory) & 1 != 0))
            at = next
        }
        return entries
    }

    /// ZIP64: size, packed size and place stand in the extra field where 32 bits do not hold them.
    private static func widen(_ sizes: inout [UInt64], _ bytes: [UInt8], _ start: Int, _ end: Int) {
        var at = start
        while at + 4 <= end {
            let (tag, length) = (half(at, bytes), Int(half(at + 2, bytes)))
            var place = at + 4
            at = place + length
            guard tag == 1, at <= end else { continue }
            for index in sizes.indices where sizes[index] == 0xFFFF_FFFF && place + 8 <= at {
                sizes[index] = long(place, bytes)
                place += 8
            }
        }
    }

    private static func bytes(_ file: FileHandle, at offset: UInt64, count: Int) throws -> [UInt8] {
        try file.seek(toOffset: offset)
        return [UInt8](try file.read(upToCount: count) ?? Data())
    }

    private static func half(_ at: Int, _ bytes: [UInt8]) -> UInt16 {
        UInt16(bytes[at]) | UInt16(bytes[at + 1]) << 8
    }

    private static func word(_ at: Int, _ bytes: [UInt8]) -> UInt32 {
        UInt32(half(at, bytes)) | UInt32(half(at + 2, bytes)) << 16
    }

    private static func long(_ at: Int, _ bytes: [UInt8]) -> UInt64 {
        UInt64(word(at, bytes)) | UInt64(word(at + 4, bytes)) << 32
    }
}
