internal import Core
internal import Crypto
internal import Exchange
internal import Foundation
internal import Store
internal import Warehouse

/// A set of people as a table of a publication, made when the first question needs it.
///
/// What changes between publications (who objected, who consented) cannot be frozen with one. Such a set is a
/// table named after its members, under a key of the node: another set is another table, the same set the same.
/// So a question reads exactly the set it was decided on, whatever is recorded meanwhile; its text, and with it
/// its place in the ledger, changes if and only if the set does; and the set is still there when it is asked
/// later who was counted. The tables go with the publication.
struct PeopleTable: Hashable, Sendable {
    /// Within the publication's schema; tells nothing of the members.
    let name: String
    /// NHS numbers, ascending; also of people who are not in the publication.
    let numbers: [Int64]

    /// - Parameters:
    ///   - kind: the beginning of the name, such as `objection`.
    ///   - secret: of the node: whoever reads the name cannot try out who is a member.
    init(_ kind: String, _ numbers: [Int64], secret: [UInt8]) {
        let message = numbers.map(String.init).joined(separator: ",")
        let code = HMAC<SHA256>.authenticationCode(
            for: Data(message.utf8), using: SymmetricKey(data: secret))
        name = kind + "_" + Hexadecimal.encode(Array(code.prefix(12)))
        self.numbers = numbers
    }
}

/// Makes each people's table once, however many questions ask for it at the same time.
actor PeopleTables {
    private var made: [QualifiedTable: Task<Void, any Error>] = [:]

    private struct QualifiedTable: Hashable {
        let schema: String
        let name: String
    }

    /// Returns when the table is there, whole.
    func make(_ table: PeopleTable, in schema: String, _ engine: any Engine) async throws {
        let key = QualifiedTable(schema: schema, name: table.name)
        let task =
            made[key]
            ?? Task {
                try await engine.withSession { session in
                    try await session.transaction { try await Self.make(table, in: schema, $0) }
                }
            }
        made[key] = task
        do {
            try await task.value
        } catch {
            made[key] = nil
            throw error
        }
    }

    /// Forgets the tables of a publication that is dropped.
    func forget(_ schema: String) { made = made.filter { $0.key.schema != schema } }

    private static func make(
        _ table: PeopleTable, in schema: String, _ session: any EngineSession
    ) async throws {
        let columns: [(name: String, type: ColumnType)] = [("nhs_number", .bigint)]
        try await session.execute("CREATE TEMPORARY TABLE people_named (nhs_number BIGINT)")
        let rows = Table(
            columns: [
                .init(
                    name: "nhs_number",
                    vector: ColumnVector(type: .bigint, storage: .int64(table.numbers)))
            ], rowCount: table.numbers.count)
        if rows.rowCount > 0 {
            try await session.load(QualifiedName("people_named"), columns: columns, batch: rows)
        }
        let name = QualifiedName(schema: schema, table.name).sql
        // A publication of layout 2 knows of nobody by a number that is not theirs for certain.
        let claims = try await session.query(
            """
            SELECT 1 FROM information_schema.tables
            WHERE table_schema = \(SQLQuoting.literal(schema)) AND table_name = 'claim'
            """)
        let people = claims.rowCount > 0 ? "claim" : "person"
        try await session.execute(
            """
            CREATE TABLE IF NOT EXISTS \(name) AS
            SELECT DISTINCT p.person_id FROM \(SQLQuoting.identifier(schema)).\(people) p
            JOIN people_named n ON n.nhs_number = p.nhs_number ORDER BY p.person_id;
            DROP TABLE people_named
            """)
    }
}
