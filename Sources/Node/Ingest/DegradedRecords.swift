internal import Catalog
internal import Core
internal import Warehouse

/// Records that are readable, but have parts that no dataset can hold: they are taken in and marked with what is missing.
///
/// - `modified`: a modifier extension or implicit rules, which change what the rest means.
/// - `no-code`: no coding with a code; at most a text. `part-without-code`: the same of a component.
/// - `value-not-held`: a value that is neither a quantity nor a code.
struct DegradedRecords: Sendable {
    let holding: Holding

    /// Counts by dataset and mark; or each record by its id at the source.
    func list(entries: Bool) async throws -> NodeReply {
        let warehouse = holding.warehouse
        let ours = "controller = \(SQLQuoting.literal(warehouse.controller.text)) AND degraded <> ''"
        let id = "coalesce(parent_id, resource_id)"
        let marked = warehouse.schema.datasets.filter { dataset in
            dataset.hidden.contains { $0.name == "degraded" }
        }
        let rows = try await warehouse.engine.withSession { session in
            var rows: [[String]] = []
            for dataset in marked {
                let table = "live.\(SQLQuoting.identifier(dataset.name))"
                let found = try await session.query(
                    entries
                        ? "SELECT DISTINCT \(id) AS id, rtrim(degraded) AS mark FROM \(table) WHERE \(ours) ORDER BY 1"
                        : "SELECT rtrim(degraded) AS mark, count(DISTINCT \(id)) AS n FROM \(table) WHERE \(ours) "
                            + "GROUP BY 1 ORDER BY 1")
                rows += found.rows.map { [dataset.name] + $0.map(\.text) }
            }
            return rows
        }
        return .listing(
            columns: entries ? ["dataset", "resource", "degraded"] : ["dataset", "degraded", "records"],
            rows: rows)
    }
}
