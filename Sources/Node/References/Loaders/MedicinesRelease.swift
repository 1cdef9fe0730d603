internal import Catalog
internal import Core
internal import Foundation
internal import FoundationXML

/// Reads a release of dm+d, the NHS dictionary of medicines and devices (NHSBSA, "dm+d Implementation guide"):
/// VTM over VMP over AMP, and their packs where the release has them.
///
/// Entries that are marked invalid are kept: records of the past bear their codes.
struct MedicinesRelease {
    /// What the files hold: element of an entry, its identifier, its name, and the elements that name its parents.
    fileprivate enum Level: String, CaseIterable {
        case vtm = "VTM"
        case vmp = "VMP"
        case amp = "AMP"
        case vmpp = "VMPP"
        case ampp = "AMPP"

        var file: String { "f_\(rawValue.lowercased())2_" }

        var identifier: String {
            switch self {
            case .vtm: "VTMID"
            case .vmp: "VPID"
            case .amp: "APID"
            case .vmpp: "VPPID"
            case .ampp: "APPID"
            }
        }

        /// In order of preference.
        var names: [String] { self == .amp ? ["DESC", "NM"] : ["NM"] }

        var parents: [String] {
            switch self {
            case .vtm: []
            case .vmp: ["VTMID"]
            case .amp, .vmpp: ["VPID"]
            case .ampp: ["VPPID", "APID"]
            }
        }
    }

    private let files: [(Level, ReleaseFile)]

    /// - Throws: `NodeError` if a level of the hierarchy is missing.
    init(_ release: ReleaseFiles) throws {
        files = Level.allCases.flatMap { level in
            release.named { $0.lowercased().hasPrefix(level.file) && $0.lowercased().hasSuffix(".xml") }
                .map { (level, $0) }
        }
        for level in [Level.vtm, .vmp, .amp] where !files.contains(where: { $0.0 == level }) {
            throw NodeError(
                .input,
                "no \(level.file)….xml: name the folder or the .zip of the dm+d release (NHSBSA's, by TRUD)")
        }
    }

    /// - Parameter scratch: a folder for files that are taken out of an archive, one at a time.
    func read(scratch: String, _ progress: ProgressSink) throws -> LoadedTerminology {
        var entries: [MedicinesReader.Entry] = []
        for (done, (level, file)) in files.enumerated() {
            progress("reading \(file.name)", done, files.count, "files")
            entries += try Self.entries(level, file, scratch: scratch)
        }
        entries.sort { ($0.identifier, $0.name) < ($1.identifier, $1.name) }
        var concepts: [UInt64] = []
        var terms = PackedTexts.Builder()
        for entry in entries where entry.identifier != concepts.last {
            concepts.append(entry.identifier)
            var name = entry.name
            name.withUTF8 { terms.append($0) }
        }
        guard !concepts.isEmpty else { throw NodeError(.input, "the release has no entry") }
        var ties: [(child: Int32, parent: Int32)] = []
        var dangling = 0
        for entry in entries {
            for parent in entry.parents {
                if let child = concepts.place(of: entry.identifier), let above = concepts.place(of: parent) {
                    ties.append((Int32(child), Int32(above)))
                } else {
                    dangling += 1
                }
            }
        }
        let day = self.day
        return LoadedTerminology(
            name: "dmd", version: day ?? "unversioned",
            origin: ReferenceOrigin(
                asAt: day, licence: "OGL v3, NHSBSA dm+d by TRUD",
                source: files.map(\.1.name).joined(separator: ", ")),
            concepts: concepts, terms: terms.finish(), ties: ties,
            notes: dangling == 0 ? [] : ["\(dangling) ties left out: they name entries that are not there"])
    }

    /// `f_vtm2_3040426.xml` is of 2026-04-04: a digit for the form, then day, month and year.
    private var day: String? {
        let digits = files.first?.1.name.split { !$0.isNumber }.last.map { Array($0) } ?? []
        guard digits.count == 7 else { return nil }
        return "20\(String(digits[5...6]))-\(String(digits[3...4]))-\(String(digits[1...2]))"
    }

    private static func entries(
        _ level: Level, _ file: ReleaseFile, scratch: String
    ) throws -> [MedicinesReader.Entry] {
        let part = scratch + "/\(UUID().uuidString).xml"
        guard
            FileManager.default.createFile(
                atPath: part, contents: nil, attributes: [.posixPermissions: 0o600]),
            let copy = FileHandle(forWritingAtPath: part)
        else {
            throw NodeError(
                .configuration, "cannot write '\(part)': check the space and rights of its folder")
        }
        defer { try? FileManager.default.removeItem(atPath: part) }
        try file.read { try copy.write(contentsOf: Data($0)) }
        try copy.close()
        guard let stream = InputStream(fileAtPath: part) else {
            throw NodeError(.input, "cannot read '\(part)'")
        }
        let reader = MedicinesReader(level)
        let parser = XMLParser(stream: stream)
        parser.delegate = reader
        guard parser.parse(), reader.isWhole else {
            throw NodeError(.input, "\(file.name): line \(parser.lineNumber) is no well-formed XML")
        }
        guard reader.unreadable == 0 else {
            throw NodeError(
                .input,
                "\(file.name): \(reader.unreadable) entries have no \(level.identifier) that is a number")
        }
        return reader.entries
    }
}

/// Takes the entries of one file.
private final class MedicinesReader: NSObject, XMLParserDelegate {
    struct Entry {
        let identifier: UInt64
        let name: String
        let parents: [UInt64]
    }

    private let level: MedicinesRelease.Level
    private(set) var entries: [Entry] = []
    private(set) var unreadable = 0
    private var fields: [String: String]?
    private var text = ""
    private var depth = 0
    private var elements = 0
    private var isFaulty = false

    /// The parser does not tell of a file that ends before its elements do.
    var isWhole: Bool { !isFaulty && depth == 0 && elements > 0 }

    init(_ level: MedicinesRelease.Level) { self.level = level }

    func parser(
        _ parser: XMLParser, didStartElement element: String, namespaceURI: String?,
        qualifiedName: String?, attributes: [String: String]
    ) {
        depth += 1
        elements += 1
        if element == level.rawValue { fields = [:] }
        text = ""
    }

    func parser(_ parser: XMLParser, parseErrorOccurred error: any Error) { isFaulty = true }

    func parser(_ parser: XMLParser, foundCharacters characters: String) {
        if fields != nil { text += characters }
    }

    func parser(
        _ parser: XMLParser, didEndElement element: String, namespaceURI: String?, qualifiedName: String?
    ) {
        depth -= 1
        guard var known = fields else { return }
        guard element == level.rawValue else {
            if known[element] == nil {
                known[element] = text.trimmingCharacters(in: .whitespacesAndNewlines)
                fields = known
            }
            return
        }
        fields = nil
        guard let identifier = known[level.identifier].flatMap(UInt64.init) else {
            unreadable += 1
            return
        }
        let name = level.names.lazy.compactMap { known[$0] }.first { !$0.isEmpty } ?? ""
        entries.append(
            Entry(
                identifier: identifier, name: "\(name) (\(level.rawValue))",
                parents: level.parents.compactMap { known[$0].flatMap(UInt64.init) }))
    }
}
