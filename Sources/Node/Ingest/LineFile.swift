internal import Foundation
internal import Store

/// The lines of a file of our own, whatever their length.
enum LineFile {
    static func read(_ path: String, _ body: (ArraySlice<UInt8>) throws -> Void) throws {
        guard let file = FileHandle(forReadingAtPath: path) else {
            throw NodeError(.input, "cannot read '\(path)'")
        }
        defer { try? file.close() }
        var rest: [UInt8] = []
        while let piece = try file.read(upToCount: 1 << 20), !piece.isEmpty {
            // What is left of the line before has no end in it.
            var searched = rest.count
            rest += piece
            var start = 0
            while let end = rest[searched...].firstIndex(of: 0x0A) {
                try body(rest[start..<end])
                start = end + 1
                searched = start
            }
            rest.removeSubrange(..<start)
        }
        // A last line without an end was cut off: it was never finished.
    }
}

/// A file of lines that comes to be in one step: written beside its place, made durable, renamed.
final class Part {
    private let path: String
    private var file: FileHandle?
    private var buffer: [UInt8] = []
    /// Bytes appended.
    private(set) var count = 0

    static let prefix = "part-"

    init(directory: String) { path = "\(directory)/\(Self.prefix)\(UUID().uuidString)" }

    /// Removes what a process that was killed left, a day ago or longer.
    static func removeForgotten(in directory: String) throws {
        for name in try PrivateFile.names(in: directory) where name.hasPrefix(prefix) {
            let path = "\(directory)/\(name)"
            let attributes = try? FileManager.default.attributesOfItem(atPath: path)
            guard let written = attributes?[.modificationDate] as? Date,
                written.timeIntervalSinceNow < -86_400
            else { continue }
            try PrivateFile.remove(path)
        }
    }

    deinit { discard() }

    func open() throws {
        guard
            FileManager.default.createFile(
                atPath: path, contents: nil, attributes: [.posixPermissions: 0o600]),
            let made = FileHandle(forWritingAtPath: path)
        else {
            throw NodeError(.input, "cannot write '\(path)': check the space and rights of its folder")
        }
        file = made
    }

    /// Where it lies as long as it is not finished.
    var workingPath: String { path }

    func append(_ line: [UInt8]) throws {
        buffer += line
        buffer.append(0x0A)
        count += line.count + 1
        if buffer.count > 1 << 20 { try flush() }
    }

    func flush() throws {
        guard !buffer.isEmpty else { return }
        try file?.write(contentsOf: Data(buffer))
        buffer.removeAll(keepingCapacity: true)
    }

    /// Durable under its own name when this returns.
    func finish(as name: String) throws {
        try flush()
        try file?.synchronize()
        try file?.close()
        file = nil
        guard rename(path, name) == 0 else {
            throw NodeError(.input, "cannot write '\(name)': check the space and rights of its folder")
        }
        try PrivateFile.sync(String(name[..<(name.lastIndex(of: "/") ?? name.startIndex)]))
    }

    func discard() {
        guard let file else { return }
        try? file.close()
        self.file = nil
        try? FileManager.default.removeItem(atPath: path)
    }
}
