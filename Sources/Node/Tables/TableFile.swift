internal import FHIR
internal import Foundation
internal import Store

/// What is looked at of a file before its rows are read: what it is, whether it is whole, in which characters.
struct TableFile: Sendable {
    enum Format: Sendable, Equatable {
        case csv(compression: String)
        case parquet
    }

    let format: Format
    /// What is to be read: the file, or a copy of it in UTF-8 that is removed by `discard`.
    let path: String
    let isCopy: Bool

    /// - Parameter scratch: a private folder for the copy.
    /// - Throws: `NodeError` for what is no table that can be read, with the remedy.
    init(_ path: String, encoding: String, scratch: String) async throws {
        guard let file = FileHandle(forReadingAtPath: path) else {
            throw NodeError(.input, "there is no file '\(path)', or it may not be read")
        }
        let head = Array((try? file.read(upToCount: 8)) ?? Data())
        try? file.close()
        let name = String(path.split(separator: "/").last ?? "")
        try Self.checkKind(head, name, encoding)
        switch head.prefix(4) {
        case [0x50, 0x41, 0x52, 0x31]: format = .parquet
        case let start where start.starts(with: [0x1F, 0x8B]): format = .csv(compression: "gzip")
        case [0x28, 0xB5, 0x2F, 0xFD]: format = .csv(compression: "zstd")
        default: format = .csv(compression: "none")
        }
        guard format != .csv(compression: "zstd") || encoding != Self.windows else {
            throw NodeError(
                .input, "\(name) is \(encoding) in zstd, which is not read: unpack it, or use gzip")
        }
        guard format != .parquet, encoding == Self.windows else {
            (self.path, isCopy) = (path, false)
            // DuckDB takes a gzip file that is cut off for a short one.
            if format == .csv(compression: "gzip") { try await Self.read(path, name) { _ in } }
            return
        }
        let copy = "\(scratch)/\(Part.prefix)\(UUID().uuidString)"
        guard
            FileManager.default.createFile(
                atPath: copy, contents: nil, attributes: [.posixPermissions: 0o600]),
            let output = FileHandle(forWritingAtPath: copy)
        else { throw NodeError(.input, "cannot write to '\(scratch)': check the space and rights of it") }
        do {
            try await Self.read(path, name) { try output.write(contentsOf: Data(Self.utf8($0))) }
            try output.close()
        } catch {
            try? FileManager.default.removeItem(atPath: copy)
            throw error
        }
        (self.path, isCopy) = (copy, true)
    }

    /// How what is read is compressed and encoded, for DuckDB.
    func options(_ encoding: String) -> String {
        guard case .csv(let compression) = format, !isCopy else {
            return "compression = 'none', encoding = 'utf-8'"
        }
        return "compression = '\(compression)', encoding = '\(encoding)'"
    }

    func discard() { if isCopy { try? FileManager.default.removeItem(atPath: path) } }

    private static func checkKind(_ head: [UInt8], _ name: String, _ encoding: String) throws {
        if head.starts(with: [0x50, 0x4B, 0x03, 0x04]) || head.starts(with: [0xD0, 0xCF, 0x11, 0xE0]) {
            throw NodeError(
                .input, "\(name) is a workbook or a ZIP archive: unpack it, or save its sheet as CSV UTF-8")
        }
        let isWide = head.starts(with: [0xFF, 0xFE]) || head.starts(with: [0xFE, 0xFF])
        if isWide && encoding != "utf-16" {
            throw NodeError(
                .input,
                "\(name) is UTF-16: convert it ('iconv -f UTF-16 -t UTF-8'), or save it as CSV UTF-8")
        }
    }

    // MARK: - Reading

    /// Every byte of a file, on a thread of its own.
    private static func read(
        _ path: String, _ name: String, _ body: @escaping @Sendable (UnsafeRawBufferPointer) throws -> Void
    ) async throws {
        do {
            try await withCheckedThrowingContinuation { (ended: CheckedContinuation<Void, any Error>) in
                Thread.detachNewThread {
                    ended.resume(
                        with: Result {
                            let bytes = try StoredBytes(path: path)
                            while try bytes.next(body) {}
                        })
                }
            }
        } catch let fault as ReadFault where fault.code == .damaged {
            throw NodeError(
                .input, "\(name) is cut off or damaged: fetch it again; nothing of it was taken in")
        }
    }

    // MARK: - Windows-1252

    static let windows = "windows-1252"

    /// 0x80 to 0x9F. Source: WHATWG Encoding Standard, index windows-1252; what Windows leaves open is U+FFFD.
    private static let upper = Array(
        "€\u{FFFD}‚ƒ„…†‡ˆ‰Š‹Œ\u{FFFD}Ž\u{FFFD}\u{FFFD}‘’“”•–—˜™š›œ\u{FFFD}žŸ".unicodeScalars)

    private static let table: [[UInt8]] = (0...255).map { (byte: UInt32) in
        let scalar = (0x80...0x9F).contains(byte) ? upper[Int(byte) - 0x80] : Unicode.Scalar(UInt8(byte))
        return Array(String(Character(scalar)).utf8)
    }

    static func utf8(_ bytes: UnsafeRawBufferPointer) -> [UInt8] {
        var text: [UInt8] = []
        text.reserveCapacity(bytes.count + bytes.count / 8)
        for byte in bytes {
            if byte < 0x80 { text.append(byte) } else { text += table[Int(byte)] }
        }
        return text
    }
}
