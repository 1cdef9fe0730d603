internal import Catalog
package import Core
internal import Foundation
package import Query
internal import Store
internal import Warehouse

/// Answers what clients ask about the node's tables rather than about data: `pg_catalog`, `information_schema`, the
/// node's own records; and, without asking any site, probes and tables that are about nobody.
///
/// Nothing here reaches a site.
package actor Introspection {
    /// What a statement gives, before it runs.
    package struct Description: Sendable {
        package let columns: [SystemColumn]
        /// Of `$1`, `$2`, …; text where nothing tells.
        package let parameters: [SystemType]
        /// Whether `answer` answers it; else sites have to be asked.
        package let isLocal: Bool
    }

    package struct Answer: Sendable {
        /// As clients are told of them.
        package let columns: [SystemColumn]
        /// A column each, in that order; OIDs are numbers, arrays and vectors texts as PostgreSQL prints them.
        package let table: Table
        /// Values as texts, as PostgreSQL prints them; nil for NULL.
        package var rows: [[String?]] { SystemText.rows(table, columns) }
    }

    let context: NodeContext
    private let files: SystemFiles
    private var engine: SystemEngine?
    /// Of what `engine` was made from.
    private var made: String?
    /// By `schema.name`.
    private(set) var relations: [String: UserRelation] = [:]
    private let making = Gate(width: 1, longestQueue: 1_000)
    private var people: Set<String> = []
    private var databases: Set<String> = []

    /// - Throws: `NodeError` where `Schemas/postgresql` is missing.
    package init(context: NodeContext) throws {
        self.context = context
        files = try SystemFiles(folder: context.schemas + "/postgresql")
    }

    package func close() async {
        await engine?.close()
        engine = nil
    }

    /// What the statement would give; nil where it is no query.
    /// - Parameter types: what the client declared of its parameters; 0 where it did not.
    /// - Throws: `SQLFault`.
    package func describe(
        _ statement: String, types: [UInt32] = [], session: SystemSession
    ) async throws -> Description? {
        let translator = SystemTranslator(schema: try await current(session).schema, session: session)
        switch try translator.subject(of: statement) {
        case .other: return nil
        case .system:
            do {
                let translated = try translator.translate(statement, types: types.map(SystemType.init))
                return Description(
                    columns: translated.columns,
                    parameters: translated.parameters.map { $0 == .unknown ? .text : $0 }, isLocal: true)
            } catch {
                // What the catalog does not know may be a function of the SQL that data are asked in.
                guard Self.isUnknown(error), let described = try? data(statement, types: types) else {
                    throw error
                }
                return described
            }
        case .data: return try data(statement, types: types)
        }
    }

    /// The statement's rows; nil where sites have to be asked, or where it is no query.
    /// - Parameters:
    ///   - parameters: as text; nil for NULL.
    ///   - readsReleased: whether results that were released to saved queries may be read.
    /// - Throws: `SQLFault`.
    package func answer(
        _ statement: String, parameters: [String?] = [], types: [UInt32] = [], session: SystemSession,
        readsReleased: Bool = true
    ) async throws -> Answer? {
        let engine = try await current(session)
        let translator = SystemTranslator(schema: engine.schema, session: session)
        switch try translator.subject(of: statement) {
        case .other: return nil
        case .system:
            do {
                let translated = try translator.translate(
                    statement, parameters: parameters, types: types.map(SystemType.init))
                return Answer(columns: translated.columns, table: try await Self.run(translated, engine))
            } catch let fault as SQLFault where Self.isUnknown(fault) {
                guard let answer = try? await local(statement, parameters, types, readsReleased) else {
                    throw fault
                }
                return answer
            }
        case .data: return try await local(statement, parameters, types, readsReleased)
        }
    }

    private static func isUnknown(_ fault: SQLFault) -> Bool {
        fault.sqlstate == .undefinedFunction || fault.sqlstate == .featureNotSupported
    }

    /// - Throws: `SQLFault` for what the engine has against a statement: its words are not PostgreSQL's.
    private static func run(_ statement: SystemStatement, _ engine: SystemEngine) async throws -> Table {
        do {
            return try await engine.query(statement.sql)
        } catch let error as EngineError where error.code == .statement || error.code == .unsupportedType {
            throw SQLFault(
                error.sqlstate, "the node's catalog cannot answer this statement",
                hint:
                    "Ask pg_catalog and information_schema more plainly: fewer casts, one level of sub-queries."
            )
        }
    }

    /// The engine with what the node has now, and with this session's person and database in it.
    private func current(_ session: SystemSession) async throws -> SystemEngine {
        try await making.pass { try await self.make(session) }
    }

    private func make(_ session: SystemSession) async throws -> SystemEngine {
        let catalog = context.catalog
        let released = context.released.all
        let state = (catalog.tables.map(\.digest) + released.map { $0.table.key }).joined(separator: " ")
        if engine == nil || made != state {
            let users = UserRelations(
                UserRelations.of(catalog) + released.map { UserRelation($0) } + [UserRelations.receipts])
            let fresh = try await SystemEngine(
                SystemContents(files: files, relations: users),
                library: context.configuration.duckdbLibrary)
            try await fresh.add(NodeRoles.role(SystemContents.owner, number: 10, isOwner: true))
            await engine?.close()
            engine = fresh
            relations = Dictionary(users.relations.map { ("\($0.schema).\($0.name)", $0) }) { first, _ in
                first
            }
            made = state
            people = []
            databases = []
        }
        guard let engine else { throw SQLFault(.internalError, "the catalog is not there") }
        if people.insert(session.user).inserted {
            try await engine.add(NodeRoles.role(session.user, number: 100 + people.count, isOwner: false))
        }
        if databases.insert(session.database).inserted {
            try await engine.add(NodeRoles.database(session.database, number: 5 + databases.count))
        }
        return engine
    }
}
