internal import Catalog
internal import Core
internal import Warehouse

/// Records that are readable, but have parts that no dataset can hold: they are taken in and marked with what is missing.
///
/// - `modified`: a modifier extension or implicit rules, which change what the rest means.
/// - `no-code`: no coding with a code; at most a text. `part-without-code`: the same of a component.
/// - `value-not-held`: a value that is neither a quantity nor a code.
/// - `no-unit`: a measurement of a code that has bounds, without a unit. `unknown-unit`: in another unit than theirs, where
///   the site has such records taken in (`unknownUnits: mark`; `MeasurementUnits`).
struct DegradedRecords: Sendable {
    let holding: Holding

    /// Records by dataset and mark.
    struct Count: Sendable {
        let dataset: String
        let mark: String
        let records: Int
    }

    /// Counts by dataset and mark; or each record by its id at the source.
    func list(entries: Bool) async throws -> NodeReply {
        let rows = try await holding.warehouse.engine.withSession {
            try await self.rows(entries: entries, in: $0)
        }
        return .listing(
            columns: entries ? ["dataset", "resource", "degraded"] : ["dataset", "degraded", "records"],
            rows: rows)
    }

    func counts(in session: any EngineSession) async throws -> [Count] {
        try await rows(entries: false, in: session).map {
            Count(dataset: $0[0], mark: $0[1], records: Int($0[2]) ?? 0)
        }
    }

    private func rows(entries: Bool, in session: any EngineSession) async throws -> [[String]] {
        let warehouse = holding.warehouse
        let ours = "\(warehouse.controller.ownership()) AND degraded <> ''"
        let id = "coalesce(parent_id, resource_id)"
        let marked = warehouse.schema.datasets.filter { dataset in
            dataset.hidden.contains { $0.name == "degraded" }
        }
        var rows: [[String]] = []
        for dataset in marked {
            let table = warehouse.schema.rows(dataset)
            let found = try await session.query(
                entries
                    ? "SELECT DISTINCT \(id) AS id, rtrim(degraded) AS mark FROM \(table) WHERE \(ours) ORDER BY 1"
                    : "SELECT rtrim(degraded) AS mark, CAST(count(DISTINCT \(id)) AS VARCHAR) AS n FROM \(table) "
                        + "WHERE \(ours) GROUP BY 1 ORDER BY 1")
            rows += found.rows.map { [dataset.name] + $0.map(\.text) }
        }
        return rows
    }
}
