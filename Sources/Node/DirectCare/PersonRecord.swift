internal import Catalog
internal import Core
internal import Warehouse

/// What the warehouse holds of one person, as it is now, without restricted episodes.
struct PersonRecord: Sendable {
    let warehouse: SiteWarehouse
    /// The lists whose episodes are left out.
    let lists: [ReferenceTable]
    /// Whether a column may be shown, as `dataset.column`.
    let covers: @Sendable (String) -> Bool

    /// One a dataset, patient first; rows by time, the newest first.
    func sections(_ person: Int) async throws -> [CareRecord.Section] {
        let restricted = lists.sorted { $0.name < $1.name }.enumerated().map {
            RestrictedList($1, place: $0 + 1)
        }
        let marks = EpisodeMarks(
            schema: warehouse.schema, controller: warehouse.controller, lists: restricted, person: person)
        let datasets =
            warehouse.schema.datasets.filter { $0.name == "patient" } + marks.events
        return try await warehouse.engine.withSession { session in
            try await session.transaction { session in
                // One state for marks and rows.
                try await marks.prepare(in: session)
                var sections: [CareRecord.Section] = []
                for dataset in datasets {
                    let columns = warehouse.schema.stored(dataset).filter {
                        covers("\(dataset.name).\($0.name)")
                    }
                    guard !columns.isEmpty else { continue }
                    let found = try await marks.mark(dataset, in: session)
                    let rows = try await session.query(
                        select(dataset, columns.map(\.name), person, restricted: found.sorted()))
                    sections.append(
                        CareRecord.Section(
                            dataset: dataset.name, columns: columns.map(\.name),
                            rows: rows.rows.map { $0.map { $0 == .null ? "" : $0.text } }))
                }
                try await marks.drop(in: session)
                return sections
            }
        }
    }

    /// A row of which not every code was kept may be of any episode: it is left out as well.
    private func select(
        _ dataset: Dataset, _ columns: [String], _ person: Int, restricted places: [Int]
    ) -> String {
        let list = columns.map { "d." + SQLQuoting.identifier($0) }.joined(separator: ", ")
        var conditions =
            ["d.person_id = \(person)", warehouse.controller.ownership(of: "d")]
            + places.map { "NOT \(EpisodeMarks.condition($0))" }
        if !lists.isEmpty, dataset.name != "patient" { conditions.append("d.codings IS NOT NULL") }
        let time = dataset.columns.first { $0.type == .date || $0.type == .timestamp }?.name
        let order = time.map { "d.\(SQLQuoting.identifier($0)) DESC NULLS LAST, " } ?? ""
        return "SELECT \(list) FROM \(warehouse.schema.rows(dataset)) d "
            + "WHERE \(conditions.joined(separator: " AND ")) ORDER BY \(order)d.resource_id"
    }
}
