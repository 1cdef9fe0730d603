internal import Audit
internal import Catalog
internal import Core
internal import Disclosure
internal import Foundation
internal import Store

/// Takes reference tables, terminologies and codelists into the node, while it runs: the next question has them.
///
/// A version never changes: the same again is nothing new, other content under a known version is refused.
struct ReferenceAdministration: Sendable {
    let context: NodeContext

    private var folder: ReferenceFolder { ReferenceFolder(root: context.home.layout.root) }

    func perform(_ command: ReferenceCommand, progress: @escaping ProgressSink) async throws -> NodeReply {
        switch command {
        case .list(let shelf): return ReferenceReport(context: context).list(shelf)
        case .show(let shelf, let name): return try ReferenceReport(context: context).show(shelf, name)
        case .codes(let name, let concept):
            return try ReferenceReport(context: context).codes(name, concept: concept)
        case .load(let load):
            return try await context.catalogs.changes.pass { try await self.load(load, progress) }
        case .addCodelist(let path, let name, let version, let origin):
            return try await context.catalogs.changes.pass {
                try await addCodelist(path, name, version: version, origin)
            }
        case .remove(let shelf, let name):
            return try await context.catalogs.changes.pass { try await remove(shelf, name) }
        }
    }

    private func load(_ load: ReferenceLoad, _ progress: @escaping ProgressSink) async throws -> NodeReply {
        let release = try ReleaseFiles(load.paths)
        switch load.kind {
        case .snomed:
            return try await keep(try SNOMEDRelease(release).read(progress), load, progress)
        case .dmd:
            let scratch = context.home.layout.temporaryDirectory
            try PrivateFile.makeDirectory(scratch)
            return try await keep(
                try MedicinesRelease(release).read(scratch: scratch, progress), load, progress)
        case .imd: return try await keep(try DeprivationLoader.read(release.files), load.version, load.origin)
        case .ods:
            return try await keep(try OrganisationLoader.read(release.files), load.version, load.origin)
        case .practicePopulation:
            return try await keep(try PracticePopulationLoader.read(release.files), load.version, load.origin)
        }
    }

    private func addCodelist(
        _ path: String, _ name: String, version: String?, _ origin: OriginWords
    ) async throws -> NodeReply {
        guard !context.catalog.restricted.contains(name), !context.policy.excludedCodelists.contains(name)
        else {
            throw NodeError(
                .input,
                "codelist.\(name) restricts records by law or by the node's policies, and is no analyst's: choose "
                    + "another --name (the controller's lists lie in policies/restricted of the home)")
        }
        let (table, _) = try CodelistLoader.read(ReleaseFile(path: path), name: name)
        return try await keep(table, version, origin)
    }

    private func keep(
        _ loaded: LoadedTable, _ version: String?, _ words: OriginWords
    ) async throws -> NodeReply {
        let origin = try words.over(loaded.origin)
        guard let version = version ?? loaded.version ?? origin.asAt else {
            throw NodeError(
                .input, "the files do not say of which version they are: give --version (or --as-at)")
        }
        try Self.check(version)
        var table = try ReferenceTable(
            kind: loaded.kind, name: loaded.name, version: version, csv: loaded.csv)
        table.origin = origin
        let notes = loaded.notes + overlaps(table)
        if let held = context.catalog.tables.first(where: { $0.kind == table.kind && $0.key == table.key }) {
            guard held.digest == table.digest else { throw NodeError.otherContent(table.key) }
            return .done("\(table.kind.rawValue).\(table.key) is there already, with the same content")
        }
        try folder.keep(table, csv: loaded.csv, at: Clock.now)
        try await putInForce()
        let held = HeldReference(table)
        try await record("loaded", held, rows: table.rows.rowCount)
        return .done(
            sentence(held, "\(table.rows.rowCount) \(table.kind == .codelist ? "codes" : "rows")", notes))
    }

    private func keep(
        _ loaded: consuming LoadedTerminology, _ load: ReferenceLoad, _ progress: ProgressSink
    ) async throws -> NodeReply {
        let origin = try load.origin.over(loaded.origin)
        let version = load.version ?? loaded.version
        try Self.check(version)
        progress("working out what lies below what", 0, 1, "")
        let (name, notes) = (loaded.name, loaded.notes)
        let held = context.catalog.terminologies.first { $0.key == "\(name)@\(version)" }
        let made = try folder.keep(loaded, version: version, origin: origin, held: held, at: Clock.now)
        guard let made else {
            return .done("terminology.\(name)@\(version) is there already, with the same content")
        }
        try await putInForce()
        guard let terminology = context.catalog.terminology("\(name)@\(version)") else {
            throw NodeError(.configuration, "what was loaded cannot be found in the home")
        }
        let taken = HeldReference(terminology)
        try await record("loaded", taken, rows: made.concepts)
        return .done(
            sentence(
                taken,
                "\(made.concepts) concepts, \(made.ties) ties, \(made.closureRows) pairs of ancestor and "
                    + "descendant, at most \(made.longestPath) ties deep", notes))
    }

    /// Engines first: a question that is bound to a table finds it.
    private func putInForce() async throws {
        let catalog = try context.catalogs.read()
        let before = Dictionary(
            context.catalog.tables.map { ("\($0.kind.rawValue) \($0.name)@\($0.version)", $0.digest) },
            uniquingKeysWith: { first, _ in first })
        // What was loaded now, and what was put into the home by hand since the catalog was read.
        for other in catalog.tables
        where before["\(other.kind.rawValue) \(other.name)@\(other.version)"] != other.digest {
            try await context.merge.take(other)
        }
        try await context.warehouse?.take(catalog.tables)
        context.catalogs.put(inForce: catalog)
    }

    private func remove(_ shelf: ReferenceShelf, _ name: String) async throws -> NodeReply {
        let found = try ReferenceReport(context: context).held(shelf, name)
        guard found.count == 1, let one = found.first else {
            throw NodeError(
                .input, "there are several versions: name one of \(found.map(\.key).joined(separator: ", "))")
        }
        for cohort in try await context.ledger.cohorts.waiting()
        where cohort.tables.keys.contains("\(one.name)@\(one.version)") {
            throw NodeError(
                .input,
                "\(one.key) was used in releases that are not settled yet: run 'concordat publish' first, "
                    + "twice, so that their publication is done with")
        }
        guard try folder.remove(one.directory(folder), one.key) else {
            throw NodeError(.input, "\(one.key) is not this node's own: it comes with the program")
        }
        try await putInForce()
        try await record("removed", one, rows: nil)
        return .done("\(one.name)@\(one.version) is removed; questions that name it are refused from now on")
    }

    /// Codes of an analyst's list that are on a list restricted by law.
    private func overlaps(_ table: ReferenceTable) -> [String] {
        guard table.kind == .codelist else { return [] }
        let codes = Set(RestrictedList(table, place: 1).entries.map(\.code))
        return context.restrictedLists.compactMap { list in
            let both = codes.intersection(list.entries.map(\.code)).count
            return both == 0
                ? nil
                : "\(both) of its codes are on \(list.frozen.name): records of such care are left out of answers "
                    + "wherever policies exclude that list"
        }
    }

    /// Versions become part of file names and of names of tables.
    private static func check(_ version: String) throws {
        let isFit =
            !version.isEmpty && version.count <= 64 && version.first != "."
            && version.utf8.allSatisfy {
                (0x30...0x39).contains($0) || (0x41...0x5A).contains($0) || (0x61...0x7A).contains($0)
                    || $0 == 0x2D || $0 == 0x2E || $0 == 0x5F
            }
        guard isFit else {
            throw NodeError(.input, "'\(version)' is no version: use letters, digits, '.', '-' and '_'")
        }
    }

    private func sentence(_ held: HeldReference, _ content: String, _ notes: [String]) -> String {
        var text = "\(held.name)@\(held.version): \(content), sha256 \(held.digest.prefix(12))"
        if let day = held.origin.asAt { text += ", as at \(day)" }
        if let licence = held.origin.licence { text += ", \(licence)" }
        return ([text] + notes.map { "note: \($0)" }).joined(separator: "\n")
    }

    private func record(_ act: String, _ held: HeldReference, rows: Int?) async throws {
        var details = ["act": act, "reference": "\(held.name)@\(held.version)", "digest": held.digest]
        if let rows { details["rows"] = String(rows) }
        _ = try await context.audit.append(
            AuditRecord(kind: .administration, at: Clock.now, details: details))
    }
}

extension OriginWords {
    /// What a person says before what the files say.
    /// - Throws: `NodeError` if the day is none.
    fileprivate func over(_ other: ReferenceOrigin) throws -> ReferenceOrigin {
        if let asAt, Civil.parseDate(asAt) == nil {
            throw NodeError(.input, "--as-at '\(asAt)' is no day: write it as 2026-04-01")
        }
        return ReferenceOrigin(
            asAt: asAt ?? other.asAt, licence: licence ?? other.licence, source: source ?? other.source)
    }
}

extension HeldReference {
    var key: String { "\(name.split(separator: ".", maxSplits: 1).last ?? "")@\(version)" }

    fileprivate func directory(_ folder: ReferenceFolder) -> String {
        if name.hasPrefix("terminology.") { return folder.terminologies }
        return folder.directory(name.hasPrefix("codelist.") ? .codelist : .reference)
    }
}
