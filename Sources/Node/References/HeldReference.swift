internal import Catalog

/// A reference table, codelist or terminology as this node holds it.
struct HeldReference: Sendable {
    /// `reference.NAME`, `codelist.NAME`, `terminology.NAME`.
    let name: String
    let version: String
    let digest: String
    let origin: ReferenceOrigin

    init(_ table: ReferenceTable) {
        name = "\(table.kind.rawValue).\(table.name)"
        version = table.version
        digest = table.digest
        origin = table.origin
    }

    init(_ terminology: Terminology) {
        name = "terminology.\(terminology.name)"
        version = terminology.version
        digest = terminology.digest
        origin = terminology.origin
    }
}

extension NodeContext {
    /// The digest of `KIND.NAME[@VERSION]` as this node holds it.
    func referenceDigest(_ name: String) -> String? { reference(name)?.digest }

    /// By `KIND.NAME@VERSION`, or by `KIND.NAME`, which means one version.
    func reference(_ name: String) -> HeldReference? {
        let parts = name.split(separator: ".", maxSplits: 1).map(String.init)
        guard parts.count == 2 else { return nil }
        if parts[0] == "terminology" { return catalog.terminology(parts[1]).map(HeldReference.init) }
        guard let kind = ReferenceTable.Kind(rawValue: parts[0]) else { return nil }
        return catalog.table(kind, parts[1]).map(HeldReference.init)
    }
}
