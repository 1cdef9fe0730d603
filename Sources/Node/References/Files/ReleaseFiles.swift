internal import Catalog
internal import Foundation

/// A file of a release: on disk, plain or `.gz`, or in a ZIP archive.
struct ReleaseFile: Sendable {
    private enum Place: Sendable {
        case plain(String)
        case gzip(String)
        case packed(archive: String, ZipArchive.Entry)
    }

    /// Without folders, and without `.gz`.
    let name: String
    private let place: Place

    init(path: String) {
        let last = String(path.split(separator: "/").last ?? "")
        let isPacked = last.lowercased().hasSuffix(".gz")
        name = isPacked ? String(last.dropLast(3)) : last
        place = isPacked ? .gzip(path) : .plain(path)
    }

    fileprivate init(_ entry: ZipArchive.Entry, in archive: String) {
        name = String(entry.name.split(separator: "/").last ?? "")
        place = .packed(archive: archive, entry)
    }

    /// Hands on the content in pieces: memory stays flat.
    /// - Throws: `NodeError` naming a file that cannot be read or is damaged; what `body` throws.
    func read(_ body: (ArraySlice<UInt8>) throws -> Void) throws {
        switch place {
        case .packed(let archive, let entry): try ZipArchive(path: archive).read(entry, body)
        case .plain(let path):
            var pieces = try FilePieces(path: path)
            while let piece = try pieces.next() { try body([UInt8](piece)[...]) }
        case .gzip(let path):
            var pieces = try FilePieces(path: path)
            let inflater = try Inflater(.gzip)
            while let piece = try pieces.next() { try inflater.inflate([UInt8](piece), body) }
            guard inflater.isAtEnd else {
                throw NodeError(.input, "'\(path)' is cut short: fetch it again")
            }
        }
    }

    /// Hands on the lines without their ends.
    func lines(_ body: (UnsafeBufferPointer<UInt8>) throws -> Void) throws {
        var rest: [UInt8] = []
        try read { piece in
            try piece.withUnsafeBufferPointer { bytes in
                var start = 0
                while let end = bytes[start...].firstIndex(of: 0x0A) {
                    if rest.isEmpty {
                        try Self.line(UnsafeBufferPointer(rebasing: bytes[start..<end]), body)
                    } else {
                        rest.append(contentsOf: bytes[start..<end])
                        try rest.withUnsafeBufferPointer { try Self.line($0, body) }
                        rest.removeAll(keepingCapacity: true)
                    }
                    start = end + 1
                }
                rest.append(contentsOf: bytes[start...])
                guard rest.count < 1 << 20 else {
                    throw NodeError(.input, "'\(name)' has a line of over 1 MB: it is no file of this kind")
                }
            }
        }
        if !rest.isEmpty { try rest.withUnsafeBufferPointer { try Self.line($0, body) } }
    }

    private static func line(
        _ bytes: UnsafeBufferPointer<UInt8>, _ body: (UnsafeBufferPointer<UInt8>) throws -> Void
    ) rethrows {
        try body(bytes.last == 0x0D ? UnsafeBufferPointer(rebasing: bytes.dropLast()) : bytes)
    }

    /// Hands on the records of a CSV file with the line each begins on.
    /// - Throws: `CatalogFault` with file and line.
    func records(_ body: (Int, [String]) throws -> Void) throws {
        var stream = CSVReader.Stream()
        do {
            try read { piece in
                for byte in piece {
                    if let record = try stream.take(byte) { try body(record.line, record.fields) }
                }
            }
            if let record = try stream.end() { try body(record.line, record.fields) }
        } catch let fault as CatalogFault {
            throw fault.file == nil
                ? CatalogFault(file: name, path: fault.path, message: fault.message) : fault
        }
    }
}

/// The files of a release, from files, folders and ZIP archives.
struct ReleaseFiles: Sendable {
    let files: [ReleaseFile]

    /// - Throws: `NodeError` naming a path that is not there.
    init(_ paths: [String]) throws {
        var files: [ReleaseFile] = []
        for path in paths {
            var isFolder: ObjCBool = false
            guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
                throw NodeError(
                    .input, "there is no '\(path)': name the files, the folder or the .zip of the release")
            }
            if isFolder.boolValue {
                let names = FileManager.default.enumerator(atPath: path)?.compactMap { $0 as? String } ?? []
                files += names.sorted().map { ReleaseFile(path: path + "/" + $0) }
            } else if path.lowercased().hasSuffix(".zip") {
                files += try ZipArchive(path: path).entries.filter { !$0.name.hasSuffix("/") }.map {
                    ReleaseFile($0, in: path)
                }
            } else {
                files.append(ReleaseFile(path: path))
            }
        }
        self.files = files.filter { !$0.name.isEmpty && !$0.name.hasPrefix(".") }
    }

    /// In order of name.
    func named(_ matches: (String) -> Bool) -> [ReleaseFile] {
        files.filter { matches($0.name) }.sorted { $0.name < $1.name }
    }
}
