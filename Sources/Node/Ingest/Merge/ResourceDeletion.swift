internal import Catalog
internal import Core
internal import FHIR
internal import Warehouse

/// What a Bundle says is no more, in terms of datasets.
struct ResourceDeletion: Hashable, Sendable {
    /// A type as FHIR names it.
    let type: String
    let id: String

    /// `[server/]Type/id[/_history/version]`; nil for a condition (`Patient?identifier=…`).
    init?(reference: String) {
        guard !reference.contains("?") else { return nil }
        var parts = reference.split(separator: "/")
        if parts.count >= 4, parts[parts.count - 2] == "_history" { parts.removeLast(2) }
        guard parts.count >= 2 else { return nil }
        (type, id) = (String(parts[parts.count - 2]), String(parts[parts.count - 1]))
    }
}

/// Takes resources out of the live tables, in the caller's transaction.
///
/// Of a patient the row goes and the tie of its id to a person: what refers to it later is an unknown
/// reference, and what referred to it is in no publication unless the person is known by another id.
struct DeletionMerge: Sendable {
    struct Outcome: Sendable {
        var deleted = 0
        /// Records of this run that waited for their patient, by the file's number.
        var superseded: [Int: Int] = [:]
    }

    let warehouse: SiteWarehouse
    let dataset: Dataset
    let ids: Set<String>

    func run(in session: any EngineSession) async throws -> Outcome {
        let controller = SQLQuoting.literal(warehouse.controller.text)
        let (live, held) = ("live.\(dataset.name)", SiteSchema.held(dataset))
        try await warehouse.schema.fill(
            .deletion, [ColumnVector(type: .text, storage: .text(ids.sorted()))], in: session)
        let ours = "coalesce(parent_id, resource_id) IN (SELECT id FROM deletion)"
        let found = try await session.query(
            """
            SELECT count(DISTINCT coalesce(parent_id, resource_id)) AS n FROM \(live)
            WHERE controller = \(controller) AND \(ours)
            """)
        let waiting = try await session.query(
            """
            SELECT \(RecordSequence.fileSQL) AS file, count(DISTINCT seq) AS n FROM \(held) WHERE \(ours)
            GROUP BY 1
            """)
        if dataset.name == "patient" {
            try await PersonRegister(warehouse: warehouse).untie(ids, in: session)
        }
        try await session.execute(
            """
            DELETE FROM \(live) WHERE controller = \(controller) AND \(ours);
            DELETE FROM \(held) WHERE \(ours)
            """)
        var outcome = Outcome(deleted: Int(found.row(0)[0].number ?? 0))
        for row in waiting.rows { outcome.superseded[Int(row[0].number ?? 0)] = Int(row[1].number ?? 0) }
        return outcome
    }
}
