internal import Catalog
package import Core
internal import Exchange
internal import Query

extension Introspection {
    /// What a statement about data gives: bound, never run.
    func data(_ statement: String, types: [UInt32]) throws -> Description {
        let described = try binder.describe(statement)
        let parameters = described.parameters.enumerated().map { index, type in
            let declared = index < types.count ? types[index] : 0
            guard declared == 0 else { return SystemType(declared) }
            guard described.arrays.contains(index + 1) else { return type.map { SystemType($0) } ?? .text }
            return SystemType(UInt32(bitPattern: ArrayType.oid(of: (type ?? .text).oid)))
        }
        return Description(
            columns: columns(described), parameters: parameters,
            isLocal: described.isEmpty || !described.readsPeople)
    }

    /// Rows of a statement about data that needs no site: one that can have none, or one about tables that are about
    /// nobody. nil where sites have to be asked.
    func local(
        _ statement: String, _ parameters: [String?], _ types: [UInt32], _ readsReleased: Bool
    ) async throws -> Answer? {
        let sql = try bound(statement, parameters: parameters, types: types)
        let described = try binder.describe(sql)
        if !readsReleased { try refuseReleased(sql) }
        if described.isEmpty { return Answer(columns: columns(described), table: empty(described)) }
        guard !described.readsPeople, !isExplain(described) else { return nil }
        let plan: FederatedPlan
        do {
            plan = try Coordinator(context: context).plan(sql, at: WireInstant(milliseconds: Clock.now))
        } catch let fault as QuestionFault {
            throw fault.fault
        }
        guard plan.fragments.isEmpty else { return nil }
        let table = try await context.merge.run(plan, blocks: [], withholds: false).table
        return Answer(columns: columns(described), table: table)
    }

    /// The statement with its parameters' values written in, for whoever asks sites.
    /// - Throws: `SQLFault`.
    package nonisolated func bound(
        _ statement: String, parameters: [String?], types: [UInt32] = []
    ) throws(SQLFault) -> String {
        guard !parameters.isEmpty else { return statement }
        return try StatementParameters(statement).bound(parameters, types: types.map(SystemType.init))
    }

    /// With the tables of released results beside the catalog's own.
    private var binder: Binder {
        Binder(catalog: context.released.added(to: context.catalog), now: Clock.now * 1_000)
    }

    /// What was released is for whoever may ask: to others its tables are described, and hold nothing for them.
    private func refuseReleased(_ sql: String) throws(SQLFault) {
        let plain = Binder(catalog: context.catalog, now: Clock.now * 1_000)
        do throws(SQLFault) {
            _ = try plain.describe(sql)
        } catch {
            throw SQLFault(
                .insufficientPrivilege, "released results are for analysts",
                hint: "ask the node's operator for an analyst's account")
        }
    }

    private func empty(_ described: DataDescription) -> Table {
        Table(described.output.map { ($0.name, $0.type) }, rows: [])
    }

    private func isExplain(_ described: DataDescription) -> Bool {
        described.output.count == 1 && described.output[0].name == "QUERY PLAN"
    }

    private func columns(_ described: DataDescription) -> [SystemColumn] {
        zip(described.output, described.origins).map { column, origin in
            let place = origin.flatMap { self.place($0) }
            return SystemColumn(
                name: column.name, type: SystemType(column.type), table: place?.table ?? 0,
                number: place?.number ?? 0)
        }
    }

    /// OID and number of a column `schema.table<US>column`.
    private func place(_ origin: String) -> (table: UInt32, number: Int16)? {
        let parts = origin.split(separator: "\u{1F}").map(String.init)
        guard parts.count == 2 else { return nil }
        var name = ReferenceTable.bareName(parts[0])
        let released = "reference.\(ReleasedTables.prefix)"
        if name.hasPrefix(released) { name = "released." + name.dropFirst(released.count) }
        guard let relation = relations["\(name)"],
            let index = relation.columns.firstIndex(where: { $0.name == parts[1] })
        else { return nil }
        return (relation.oid, Int16(index + 1))
    }
}
