import Core
import TestSupport
import Testing
import Warehouse

/// What every engine must do alike. The suites of this folder extend it: one server serves them all.
@Suite(.postgreSQLCluster)
struct EngineContract {}

/// An engine that must keep the contract.
enum EngineUnderTest: String, CaseIterable, CustomTestStringConvertible {
    case duckdb
    case postgresql

    var testDescription: String { rawValue }

    /// - Parameters:
    ///   - memoryMegabytes: what a statement may use.
    ///   - sortingAsPeople: in a PostgreSQL database whose own collation is a language's.
    func open(memoryMegabytes: Int? = nil, sortingAsPeople: Bool = false) async throws -> any Engine {
        switch self {
        case .duckdb:
            return try await DuckDBEngine(
                path: nil, settings: DuckDBSettings(memoryLimitMegabytes: memoryMegabytes, threads: 2))
        case .postgresql:
            let cluster = try #require(PostgreSQLCluster.current)
            let address =
                sortingAsPeople
                ? try await cluster.makeDatabase(
                    Self.freshTable().name,
                    "TEMPLATE template0 LOCALE_PROVIDER icu ICU_LOCALE 'en-GB'")
                : cluster.connectionString
            return PostgreSQLEngine(
                connectionString: address, settings: PostgreSQLSettings(workMemoryMegabytes: memoryMegabytes))
        }
    }

    /// Runs `body` with a session of a new engine.
    func withSession<Result: Sendable>(
        sortingAsPeople: Bool = false, _ body: @Sendable (any EngineSession) async throws -> Result
    ) async throws -> Result {
        let engine = try await open(sortingAsPeople: sortingAsPeople)
        do {
            let result = try await engine.withSession(body)
            await engine.close()
            return result
        } catch {
            await engine.close()
            throw error
        }
    }

    /// A name that no other test uses on the same server.
    static func freshTable() -> QualifiedName {
        QualifiedName("t_\(UInt64.random(in: 0 ... .max))")
    }
}

/// A statement that would run for hours on either engine.
let endlessQuery = """
    SELECT count(*) AS n FROM generate_series(1, 3000000) AS a(x), generate_series(1, 3000000) AS b(y)
    WHERE CAST(x AS bigint) * y % 7 = 3
    """

/// Expects an `EngineError` of one code.
func expectFailure(
    _ code: EngineError.Code, _ body: () async throws -> Void,
    sourceLocation: SourceLocation = #_sourceLocation
) async {
    do {
        try await body()
        Issue.record("nothing was thrown", sourceLocation: sourceLocation)
    } catch let error as EngineError {
        #expect(error.code == code, sourceLocation: sourceLocation)
    } catch {
        Issue.record("\(type(of: error)) was thrown", sourceLocation: sourceLocation)
    }
}

/// Expects that the session runs its next statement as if nothing had happened.
func expectUsable(_ session: any EngineSession, sourceLocation: SourceLocation = #_sourceLocation)
    async throws
{
    let table = try await session.query("SELECT CAST(7 AS integer) AS a")
    #expect(table == Table([("a", .integer)], rows: [[.integer(7)]]), sourceLocation: sourceLocation)
}
