package import Core
internal import Query

/// Answers from the node's own catalog (`Introspection`), and of a user's own receipts.
package struct CatalogAnswers: LocalAnswers {
    private let context: NodeContext
    private let introspection: Introspection

    /// - Throws: `NodeError` where `Schemas/postgresql` is missing.
    package init(context: NodeContext) throws {
        self.context = context
        introspection = try Introspection(context: context)
    }

    package func close() async { await introspection.close() }

    package func rows(
        _ sql: String, _ parameters: [SQLParameter], _ facts: SessionFacts
    ) async throws -> ResultRows? {
        if let receipts = ReceiptQuestion(sql) {
            return try await receipts.rows(parameters, of: facts.user, in: context)
        }
        let answer = try await introspection.answer(
            sql, parameters: parameters.map(\.text), types: parameters.map { UInt32(bitPattern: $0.oid) },
            session: session(facts), readsReleased: facts.isAnalyst)
        return answer.map { ResultRows(columns: $0.columns.map(ResultColumn.init), table: $0.table) }
    }

    package func shape(_ sql: String, types: [Int32], _ facts: SessionFacts) async throws -> StatementShape? {
        if let receipts = ReceiptQuestion(sql) {
            return try await receipts.shape(types, in: context)
        }
        let description = try await introspection.describe(
            sql, types: types.map(UInt32.init(bitPattern:)), session: session(facts))
        return description.map { description in
            StatementShape(
                parameters: description.parameters.map { Int32(bitPattern: $0.oid) },
                columns: description.columns.map(ResultColumn.init))
        }
    }

    private func session(_ facts: SessionFacts) -> SystemSession {
        SystemSession(
            user: facts.user, database: facts.database, processID: facts.process, settings: facts.settings,
            now: Clock.now * 1_000)
    }
}

extension ResultColumn {
    fileprivate init(_ column: SystemColumn) {
        self.init(
            name: column.name, oid: Int32(bitPattern: column.type.oid), modifier: column.modifier,
            table: column.table, number: column.number)
    }
}
