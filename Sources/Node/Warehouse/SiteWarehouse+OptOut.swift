internal import Core
internal import Warehouse

extension SiteWarehouse {
    /// Puts an allow-list in the place of the one before; the next publication freezes it.
    func replaceAllowed(_ scheme: OptOutScheme, _ people: [String]) async throws {
        let columns: [(name: String, type: ColumnType)] = [("scheme", .text), ("person", .text)]
        let name = scheme.rawValue
        let table = Table(
            columns: [
                .init(
                    name: "scheme",
                    vector: ColumnVector(type: .text, storage: .text(people.map { _ in name }))),
                .init(name: "person", vector: ColumnVector(type: .text, storage: .text(people))),
            ], rowCount: people.count)
        try await engine.withSession { session in
            try await session.transaction { session in
                try await session.execute(
                    "DELETE FROM governance.allowed WHERE scheme = \(SQLQuoting.literal(name))")
                guard table.rowCount > 0 else { return }
                try await session.load(
                    QualifiedName(schema: "governance", "allowed"), columns: columns, batch: table)
            }
        }
    }
}
