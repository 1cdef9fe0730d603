internal import Catalog
internal import Core
internal import Foundation
internal import Store

/// What a node holds of reference tables, terminologies and codelists, in rows for people and scripts.
struct ReferenceReport: Sendable {
    let context: NodeContext

    private static let columns = ["name", "version", "default", "as_at", "rows", "licence", "sha256", "from"]

    /// Every version of everything.
    func list(_ shelf: ReferenceShelf) -> NodeReply {
        let catalog = context.catalog
        let kind: ReferenceTable.Kind = shelf == .codelist ? .codelist : .reference
        var rows = catalog.tables.filter { $0.kind == kind }.map { table in
            row(
                HeldReference(table), isDefault: catalog.table(kind, table.name)?.version == table.version,
                rows: table.rows.rowCount)
        }
        if shelf == .reference {
            rows += catalog.terminologies.map { terminology in
                row(
                    HeldReference(terminology),
                    isDefault: catalog.terminology(terminology.name)?.version == terminology.version,
                    rows: terminology.count)
            }
        }
        return .listing(columns: Self.columns, rows: rows)
    }

    private func row(_ held: HeldReference, isDefault: Bool, rows: Int) -> [String] {
        [
            held.name, held.version, isDefault ? "yes" : "", held.origin.asAt ?? "", String(rows),
            held.origin.licence ?? "", String(held.digest.prefix(12)),
            isOwn(held) ? "this node" : "the program",
        ]
    }

    private func isOwn(_ held: HeldReference) -> Bool { manifest(held) != nil || !isShipped(held) }

    /// Shipped tables lie beside the datasets.
    private func isShipped(_ held: HeldReference) -> Bool {
        if context.catalog.restricted.contains(held.key.prefix { $0 != "@" }.description) { return true }
        return ["reference", "references", "codelists"].contains {
            FileManager.default.fileExists(atPath: "\(context.schemas)/\($0)/\(held.key).csv")
        }
    }

    private func manifest(_ held: HeldReference) -> ReferenceManifest? {
        let folder = held.name.prefix { $0 != "." }
        let directory = ["reference": "references", "codelist": "codelists", "terminology": "terminologies"][
            String(folder)]
        return try? Catalog.manifest("\(context.home.layout.root)/\(directory ?? "")/\(held.key).json")
    }

    /// Everything that is known of one: by `NAME`, `NAME@VERSION`, or with its kind before it.
    /// - Returns: every version, if none is named.
    /// - Throws: `NodeError` naming what there is.
    func held(_ shelf: ReferenceShelf, _ name: String) throws -> [HeldReference] {
        let bare = ["reference.", "codelist.", "terminology."].reduce(name) {
            $0.hasPrefix($1) ? String($0.dropFirst($1.count)) : $0
        }
        let catalog = context.catalog
        var all = catalog.tables.filter { ($0.kind == .codelist) == (shelf == .codelist) }.map(
            HeldReference.init)
        if shelf == .reference { all += catalog.terminologies.map(HeldReference.init) }
        let found = all.filter { $0.key == bare || ReferenceTable.bareName($0.key) == bare }
        guard !found.isEmpty else {
            let known = Set(all.map { ReferenceTable.bareName($0.key) }).sorted().joined(separator: ", ")
            throw NodeError(.input, "this node holds no \(shelf.rawValue) '\(bare)'; there is \(known)")
        }
        return found
    }

    /// What is known of one version: of the one that a bare name means.
    func show(_ shelf: ReferenceShelf, _ name: String) throws -> NodeReply {
        let versions = try held(shelf, name)
        let kind = versions[0].name.prefix { $0 != "." }
        let place = context.reference("\(kind).\(ReferenceTable.bareName(versions[0].key))")
        guard let one = versions.first(where: { $0.version == place?.version }) ?? versions.first else {
            return .listing(columns: [], rows: [])
        }
        var rows = [
            ["name", one.name], ["version", one.version], ["as at", one.origin.asAt ?? "not said"],
            ["licence", one.origin.licence ?? "not said"], ["made from", one.origin.source ?? "not said"],
            ["sha256", one.digest], ["versions", versions.map(\.version).joined(separator: ", ")],
            ["from", isOwn(one) ? "this node" : "the program"],
        ]
        if let loaded = manifest(one)?.loadedAt { rows.append(["loaded", loaded]) }
        return .listing(columns: ["what", "value"], rows: rows + content(one))
    }

    private func content(_ held: HeldReference) -> [[String]] {
        if let terminology = context.catalog.terminologies.first(where: {
            "terminology.\($0.key)" == "\(held.name)@\(held.version)"
        }) {
            return [
                ["concepts", String(terminology.count)],
                ["pairs of ancestor and descendant", String(terminology.closureRows)],
            ]
        }
        guard
            let table = context.catalog.tables.first(where: {
                "\($0.kind.rawValue).\($0.key)" == "\(held.name)@\(held.version)"
            })
        else { return [] }
        return [
            ["rows", String(table.rows.rowCount)],
            ["columns", table.columns.map { "\($0.name) \($0.type.rawValue)" }.joined(separator: ", ")],
        ]
    }

    /// - Parameter concept: the codes of a terminology below it; nil for a codelist's.
    func codes(_ name: String, concept: UInt64?) throws -> NodeReply {
        guard let concept else {
            guard let list = context.catalog.table(.codelist, name.replacing("codelist.", with: "")) else {
                _ = try held(.codelist, name)
                throw NodeError(.input, "this node holds no codelist '\(name)'")
            }
            return .listing(
                columns: list.columns.map(\.name),
                rows: list.rows.rows.map { $0.map { $0.isNull ? "" : $0.text } })
        }
        guard let terminology = context.catalog.terminology(name.replacing("terminology.", with: "")) else {
            throw NodeError(.input, "no terminology '\(name)' is loaded: see 'concordat reference list'")
        }
        guard let codes = terminology.descendants(of: concept) else {
            throw NodeError(.input, "concept \(concept) is not in \(terminology.key), or not active there")
        }
        return .listing(
            columns: ["code", "term"], rows: codes.map { [String($0), terminology.term(of: $0) ?? ""] })
    }
}
