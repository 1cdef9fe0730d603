internal import Catalog
internal import Core
internal import Warehouse

/// The views that show a table of the warehouse's own database as rows of datasets, by a mapping.
///
/// In schema `mapped`, for a mapping NAME:
/// - `NAME`: every row of the table with what the mapping makes of it, and the reasons against it.
/// - `NAME taken`: the rows that count, `place` 1, and those of the same key that do not.
/// - `NAME set aside`: the rows that cannot be taken, as JSON, with reasons.
/// - `NAME DATASET`: rows as `live.DATASET` has them, of people that are registered.
struct MappedView: Sendable {
    static let schema = "mapped"

    let plan: MappingPlan
    let warehouse: SiteWarehouse
    let table: QualifiedName
    /// Type of each of the table's columns, as PostgreSQL names it.
    let types: [String]

    private var mapping: String { plan.mapping.name }
    private var controller: String { warehouse.controller.sql }

    static func name(_ mapping: String, _ part: String? = nil) -> String {
        QualifiedName(schema: schema, part.map { "\(mapping) \($0)" } ?? mapping).sql
    }

    /// Makes all of them, after those that were there have been dropped.
    var definitions: String {
        let views = [
            (Self.name(mapping), rows), (Self.name(mapping, "taken"), taken),
            (Self.name(mapping, "set aside"), setAside),
        ]
        let datasets = plan.targets.map { (Self.name(mapping, $0.dataset.name), self.dataset($0)) }
        return (views + datasets).map { "CREATE VIEW \($0) AS \($1)" }.joined(separator: ";\n")
    }

    /// One row a row of the table. `OFFSET 0` keeps the planner from working out an expression wherever it is used.
    private var rows: String {
        let dialect = MappingDialect.postgresql
        let demand = MappingPlan.Demand(
            isSynthetic: warehouse.isSynthetic, partition: nil, needsKey: !plan.key.isEmpty, printsAll: false)
        let cells = zip(plan.columns.indices, zip(plan.columns, types)).map { place, column in
            let name = "s." + SQLQuoting.identifier(column.0)
            // The session is in UTC: times with a zone become UTC, as everywhere.
            return column.1 == "timestamp with time zone"
                ? "CAST(CAST(\(name) AS timestamp) AS text) AS r\(place)"
                : "CAST(\(name) AS text) AS r\(place)"
        }
        let source =
            "SELECT hashtextextended(CAST(s AS text), 0) AS fingerprint, \(cells.joined(separator: ", ")) "
            + "FROM \(table.sql) s OFFSET 0"
        let nulls = plan.mapping.source.nulls.sorted().map(SQLQuoting.literal)
        let bare = plan.used.sorted().map {
            "CASE WHEN trim(r\($0)) <> '' AND NOT \(dialect.contains(nulls, "trim(r\($0))")) "
                + "THEN trim(r\($0)) END AS c\($0)"
        }
        let pass =
            "fingerprint, ARRAY[\(plan.columns.indices.map { "r\($0)" }.joined(separator: ", "))] AS cells"
        let first = "SELECT \(([pass] + bare).joined(separator: ", ")) FROM (\(source)) s OFFSET 0"
        let whole = plan.levels.reduce(first) {
            "SELECT *, \($1.joined(separator: ", ")) FROM (\($0)) l OFFSET 0"
        }
        let parts = [
            "fingerprint", "cells", plan.numbers,
            "\(plan.localID ?? "CAST(NULL AS text)") AS local_id",
            "\(plan.version ?? "CAST(NULL AS timestamp)") AS version", "\(plan.keyText) AS row_key",
            "\(plan.partitionText) AS partition", "\(plan.codings) AS codings",
            "coalesce(\(plan.filter ?? "true"), false) AS is_kept", "\(plan.reasons) AS found",
            "\(gives) AS gives",
        ]
        let named = plan.values.enumerated().map { "\($1.sql) AS v\($0)" }
        let second = "SELECT \((parts + named).joined(separator: ", ")) FROM (\(whole)) a OFFSET 0"
        let system = SQLQuoting.literal(plan.localSystem + ":")
        return """
            SELECT *, \(plan.allReasons(demand, dialect: dialect)) AS reasons,
              coalesce('nhs:' || number, \(system) || local_id) AS subject,
              CASE WHEN number IS NOT NULL THEN \(system) || local_id END AS local_subject,
              \(plan.claim(dialect))
            FROM (\(second)) b
            """
    }

    /// Whether a row gives a row of any dataset.
    private var gives: String {
        let conditions = plan.targets.flatMap(\.rows).map(\.when)
        guard !conditions.contains(nil) else { return "true" }
        let all = Set(conditions.compactMap(\.self)).sorted().map {
            "coalesce(\(plan.values[$0].sql), false)"
        }
        return all.isEmpty ? "false" : "(\(all.joined(separator: " OR ")))"
    }

    /// Of several rows of one key the newest counts. Rows without a key are known by what they hold.
    private var taken: String {
        let lead = SQLQuoting.literal(plan.mapping.name + "/")
        let unit =
            plan.key.isEmpty
            ? "\(lead) || fingerprint || '-' || row_number() OVER (PARTITION BY fingerprint)"
            : "\(lead) || row_key"
        return """
            SELECT *, row_number() OVER (PARTITION BY unit ORDER BY version DESC NULLS LAST, fingerprint) AS place
            FROM (SELECT *, \(unit) AS unit FROM \(Self.name(mapping)) m
              WHERE is_kept AND gives AND reasons IS NULL) t
            """
    }

    private var setAside: String {
        let names = plan.columns.map(SQLQuoting.literal).joined(separator: ", ")
        return """
            SELECT reasons, row_key, jsonb_object(ARRAY[\(names)], cells) AS "row"
            FROM \(Self.name(mapping)) m WHERE is_kept AND reasons IS NOT NULL
            """
    }

    private func dataset(_ target: MappingPlan.Target) -> String {
        let columns = warehouse.schema.recorded(target.dataset)
        let names = columns.map { SQLQuoting.identifier($0.name) }
        let values = target.rows.map { row in
            let cells = zip(columns, row.cells).map { column, cell in
                let type = warehouse.schema.sql(column.type)
                switch cell {
                case nil: return column.name == "codings" ? "t.codings" : "CAST(NULL AS \(type))"
                case .constant(let text): return "CAST(\(SQLQuoting.literal(text)) AS \(type))"
                case .value(let place): return "CAST(t.v\(place) AS \(type))"
                }
            }
            let holds = row.when.map { "t.v\($0)" } ?? "true"
            return "(\((["\(row.ordinal)", holds] + cells).joined(separator: ", ")))"
        }
        return """
            SELECT t.unit || '#' || x.ordinal AS resource_id, t.unit AS parent_id, t.fingerprint,
              t.version AS last_updated, CAST(\(controller) AS text) AS controller, t.subject, j.person_id,
              \(names.map { "x.\($0)" }.joined(separator: ", "))
            FROM \(Self.name(mapping, "taken")) t
            JOIN live.subject j ON j.controller = \(controller) AND j.subject = t.subject
            CROSS JOIN LATERAL (VALUES \(values.joined(separator: ", ")))
              x(ordinal, holds, \(names.joined(separator: ", ")))
            WHERE t.place = 1 AND x.holds
            """
    }
}

extension SiteSchema {
    /// Where all rows of a dataset are read: those that were taken in, and those of views.
    func rows(_ dataset: Dataset) -> String {
        let schema = dialect == .postgresql && catalog.datasets[dataset.name] != nil ? "whole" : Self.live
        return "\(schema).\(SQLQuoting.identifier(dataset.name))"
    }
}
