internal import FHIR
internal import Foundation

/// One file on its way in.
struct IngestSource: Sendable {
    let path: String
    /// As reports and the quarantine have it.
    let name: String
    /// As stored.
    let size: Int
    /// Lines as they are, whatever they hold: records of the quarantine that are tried again.
    var isLinesOnly = false
    /// Of records that were rewritten to one line: offset -> fingerprint of the bytes as they came.
    var fingerprints: [Int: Int64] = [:]

    func reader() throws(ReadFault) -> SourceReader {
        isLinesOnly ? try LinesReader(path: path) : try ResourcesReader(path: path)
    }
}

/// The blocks of a source, one after the other.
class SourceReader {
    var storedBytesRead: Int { 0 }
    func next() throws(ReadFault) -> LineBlock? { nil }
}

private final class ResourcesReader: SourceReader {
    private var reader: ResourceReader
    init(path: String) throws(ReadFault) { reader = try ResourceReader(path: path) }
    override var storedBytesRead: Int { reader.storedBytesRead }
    override func next() throws(ReadFault) -> LineBlock? { try reader.next() }
}

private final class LinesReader: SourceReader {
    private var reader: NDJSONReader
    init(path: String) throws(ReadFault) { reader = try NDJSONReader(path: path) }
    override var storedBytesRead: Int { reader.storedBytesRead }
    override func next() throws(ReadFault) -> LineBlock? { try reader.next() }
}

/// The files that the paths of a command name, in the order in which they are read.
struct InputFiles: Sendable {
    /// A folder with the log of the Bulk Data export that made it, and which of `files` it holds.
    struct Export: Sendable {
        let log: ExportFolder.Log
        let files: [Int]
    }

    let files: [IngestSource]
    let exports: [Export]
    /// What a person should know of what was not read.
    let notes: [String]
    /// Of the folders, the files that cannot be read: sentences.
    let faults: [String]

    private struct Found {
        let source: IngestSource
        let content: FileContent
        let folder: Int

        /// Patients, then Bundles (which may hold patients), then what refers to them.
        var place: Int {
            switch content.resourceType {
            case "Patient": 0
            case "Bundle": 1
            default: 2
            }
        }
    }

    /// Every file is opened and told before the first is taken.
    /// - Throws: `NodeError` naming a path that is not there or holds no resources; `ReadFault` naming a
    ///   file of the command that is damaged at its beginning or another kind of file.
    init(_ paths: [String]) throws {
        var found: [Found] = []
        var logs: [Int: ExportFolder.Log] = [:]
        var (notes, faults): ([String], [String]) = ([], [])
        for (place, path) in paths.enumerated() {
            var isFolder: ObjCBool = false
            guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
                throw NodeError(.input, "there is no '\(path)': name files or folders of FHIR R4 in JSON")
            }
            guard isFolder.boolValue else {
                found.append(try Self.file(path, folder: place))
                continue
            }
            let folder = try ExportFolder(path: path)
            guard !folder.files.isEmpty else {
                throw NodeError(.input, "no file in '\(path)' holds FHIR resources in JSON")
            }
            found += folder.files.map {
                Found(
                    source: IngestSource(path: $0.path, name: $0.name, size: $0.size), content: $0.content,
                    folder: place)
            }
            notes += folder.passedOver.map { "\($0.name) passed over: \($0.reason)" }
            faults += folder.unreadable.map { "\($0)" }
            logs[place] = folder.log
        }
        let sorted = found.sorted { ($0.place, $0.source.path) < ($1.place, $1.source.path) }
        files = sorted.map(\.source)
        exports = logs.sorted { $0.key < $1.key }.map { place, log in
            Export(log: log, files: sorted.indices.filter { sorted[$0].folder == place })
        }
        self.notes = notes
        self.faults = faults
    }

    private static func file(_ path: String, folder: Int) throws -> Found {
        let content = try FileContent(path: path)
        guard content.mayHoldResources || content.kind == .empty else {
            let kind = content.isExportLog ? "the log of an export" : ReadFault.Code.notResources.rawValue
            throw NodeError(.input, "\(path): \(kind)")
        }
        let size = try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int
        let name = String(path.split(separator: "/").last ?? "")
        return Found(
            source: IngestSource(path: path, name: name, size: size ?? 0), content: content, folder: folder)
    }
}

extension InputFiles.Export {
    /// What the log says that does not fit what was read.
    /// - Parameter resources: of the folder's files together.
    func notes(resources: Int) -> [String] {
        var notes: [String] = []
        if !log.isComplete {
            notes.append("export \(log.exportId): its log does not say that it was completed")
        }
        if log.errors > 0 { notes.append("export \(log.exportId): its log tells of \(log.errors) errors") }
        if let expected = log.resources, expected != resources {
            notes.append(
                "export \(log.exportId): its log counts \(expected) resources, \(resources) were read")
        }
        return notes
    }
}
