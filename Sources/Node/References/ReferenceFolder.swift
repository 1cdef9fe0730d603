internal import Catalog
internal import Core
internal import Crypto
internal import Exchange
internal import Foundation
internal import Store

/// The folders of a home in which its own reference tables, codelists and terminologies lie, each with a manifest
/// beside it.
struct ReferenceFolder: Sendable {
    let root: String

    func directory(_ kind: ReferenceTable.Kind) -> String {
        root + (kind == .reference ? "/references" : "/codelists")
    }

    var terminologies: String { root + "/terminologies" }

    /// Puts a table beside those that are there. The manifest comes first: a table without one would be read
    /// unchecked.
    func keep(_ table: ReferenceTable, csv: [UInt8], at now: Int64) throws {
        let folder = directory(table.kind)
        try PrivateFile.makeDirectories(folder)
        try keep(
            ReferenceManifest(
                name: table.name, version: table.version, origin: table.origin, rows: table.rows.rowCount,
                digest: table.digest, loadedAt: Clock.text(now)), as: "\(folder)/\(table.key)")
        try PrivateFile.write(csv, to: "\(folder)/\(table.key).csv")
    }

    /// Works a terminology's closure out, and keeps it.
    /// - Returns: nil where the same is there already.
    /// - Throws: `NodeError` where another of that name and version is there.
    func keep(
        _ loaded: consuming LoadedTerminology, version: String, origin: ReferenceOrigin, held: Terminology?,
        at now: Int64
    ) throws -> TerminologyWriter.Summary? {
        try PrivateFile.makeDirectories(terminologies)
        let name = loaded.name
        let path = "\(terminologies)/\(name)@\(version)"
        let part = path + ".part"
        defer { try? FileManager.default.removeItem(atPath: part) }
        let summary = try TerminologyWriter(concepts: loaded.concepts, terms: loaded.terms, ties: loaded.ties)
            .write(to: part)
        let digest = try Self.digest(part)
        if let held {
            guard held.digest == digest else { throw NodeError.otherContent(held.key) }
            return nil
        }
        try keep(
            ReferenceManifest(
                name: name, version: version, origin: origin, rows: summary.concepts, digest: digest,
                loadedAt: Clock.text(now)), as: path)
        try FileManager.default.moveItem(atPath: part, toPath: path + ".ctx")
        try PrivateFile.sync(terminologies)
        return summary
    }

    private func keep(_ manifest: ReferenceManifest, as path: String) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        try PrivateFile.write(try encoder.encode(manifest) + [0x0A], to: path + ".json")
    }

    /// - Returns: whether there was one.
    func remove(_ directory: String, _ key: String) throws -> Bool {
        let files = [".csv", ".ctx"].map { "\(directory)/\(key)\($0)" }.filter(PrivateFile.exists)
        for file in files { try PrivateFile.remove(file) }
        try PrivateFile.remove("\(directory)/\(key).json")
        return !files.isEmpty
    }

    private static func digest(_ path: String) throws -> String {
        var pieces = try FilePieces(path: path)
        while try pieces.next() != nil {}
        return pieces.digest.description
    }
}

extension NodeError {
    static func otherContent(_ key: String) -> NodeError {
        let name = ReferenceTable.bareName(key)
        return NodeError(
            .input,
            "\(key) is there with other content, and a version never changes: give this one another --version, or "
                + "remove \(name)'s first")
    }
}
