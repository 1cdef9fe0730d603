import Core
import Foundation
import Query
import TestSupport
import Testing

@testable import Node

@Suite(.serialized) struct IntrospectionTests {
    static func with(_ body: (Introspection) async throws -> Void) async throws {
        try await withTemporaryDirectory { root in
            try await NodeHome.with(NodeFederation.requester, at: root + "/home") { node in
                let introspection = try Introspection(context: node)
                try await body(introspection)
                await introspection.close()
            }
        }
    }

    private struct Refused: Sendable {
        let sql: String
        let state: String
    }

    private static let refused = [
        Refused(sql: "SELECT c.relname FROM pg_class c, condition", state: "0A000"),
        Refused(sql: "SELECT (SELECT count(*) FROM patient) FROM pg_namespace", state: "0A000"),
        Refused(sql: "SELECT * FROM pg_catalog.pg_nothing", state: "42P01"),
        Refused(sql: "SELECT nothing FROM pg_class", state: "42703"),
        Refused(sql: "SELECT pg_read_file('/etc/passwd')", state: "42883"),
        Refused(sql: "SELECT * FROM read_csv('/etc/passwd')", state: "42883"),
        Refused(sql: "SELECT getenv('HOME') FROM pg_class", state: "42883"),
        Refused(sql: "SELECT 'nowhere'::regclass", state: "42P01"),
        Refused(sql: "SELECT 'x'::integer", state: "22P02"),
        Refused(sql: "SELECT '1'::nothing", state: "42704"),
        Refused(sql: "SELECT FROM WHERE", state: "42601"),
        Refused(
            sql: "SELECT count(*) FROM pg_class WHERE 1 = " + String(repeating: "(", count: 3_000),
            state: "42601"),
        Refused(
            sql: "SELECT " + String(repeating: "(SELECT ", count: 400) + "1"
                + String(repeating: ")", count: 400),
            state: "54001"),
    ]

    @Test func whatIsNotAnsweredIsRefusedWithItsState() async throws {
        try await Self.with { introspection in
            for refused in Self.refused {
                do {
                    _ = try await introspection.answer(refused.sql, session: .test)
                    Issue.record("\(refused.sql.prefix(80)) was answered")
                } catch let fault as SQLFault {
                    #expect(
                        fault.sqlstate.rawValue == refused.state,
                        "\(refused.sql.prefix(80)): \(fault.message)")
                }
            }
        }
    }

    @Test func questionsAboutPeopleAreLeftToSites() async throws {
        try await Self.with { introspection in
            for sql in [
                "SELECT * FROM condition", "SELECT count(*) FROM patient", "EXPLAIN SELECT 1", "SET x = 1",
            ] {
                let answer = try await introspection.answer(sql, session: .test)
                #expect(answer == nil, "\(sql)")
            }
        }
    }

    @Test func parametersHaveTheTypesThatTheirPlacesGiveThem() async throws {
        try await Self.with { introspection in
            let asked = try await introspection.describe(
                """
                SELECT code, count(*) AS n, avg(rank) AS mean FROM condition
                WHERE onset_date > $1 AND rank = $2 AND code = $3 GROUP BY code LIMIT $4
                """, session: .test)
            #expect(asked?.isLocal == false)
            #expect(asked?.parameters == [.date, .int4, .text, .int8])
            #expect(asked?.columns.map(\.name) == ["code", "n", "mean"])
            #expect(asked?.columns.map(\.type) == [.text, .int8, .numeric])

            let system = try await introspection.describe(
                "SELECT relname, relnatts FROM pg_class WHERE oid = $1 AND relname LIKE $2", session: .test)
            #expect(system?.isLocal == true)
            #expect(system?.parameters == [.oid, .text])
            #expect(system?.columns.map(\.type) == [.name, .int2])
            #expect(system?.columns.map(\.table) == [1259, 1259])
            #expect(system?.columns.map(\.number) == [2, 18])
        }
    }

    @Test func aProbeKnowsTheTableThatItsColumnsAreOf() async throws {
        try await Self.with { introspection in
            let oid = try #require(try await introspection.oids()["public.condition"])
            let answer = try await introspection.answer(
                "SELECT code, person AS who, lower(code) FROM condition LIMIT 0", session: .test)
            #expect(answer?.rows == [])
            #expect(answer?.columns.map { String($0.table) } == [oid, oid, "0"])
            #expect(answer?.columns.map(\.number) == [2, 1, 0])
        }
    }

    @Test func theSessionIsWhoAsks() async throws {
        try await Self.with { introspection in
            var session = SystemSession.test
            session.user = "o'hara"
            let answer = try await introspection.answer(
                """
                SELECT current_user, current_database(), pg_backend_pid(), current_schema(),
                    current_setting('search_path'), (SELECT rolsuper FROM pg_roles WHERE rolname = current_user)
                """, session: session)
            #expect(
                answer?.rows == [
                    ["o'hara", "concordat", "4711", "public", "public, reference, codelist, released", "f"]
                ])
            // What the catalog does not know, the SQL of questions may.
            let year = try await introspection.answer(
                "SELECT to_char(date '2026-03-01', 'YYYY') AS y", session: session)
            #expect(year?.rows == [["2026"]])
        }
    }
}
