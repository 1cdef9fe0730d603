import Catalog
import Core
import Exchange
import Foundation
import Query
import Store
import TestSupport
import Testing

@testable import Node

/// From a question that is kept to a table of `released` that any tool reads.
@Suite(.serialized) struct SavedQueryTests {
    private static let sql =
        "SELECT age_band.name AS band, age_band.hi - age_band.lo AS years, 0.5 AS half, current_timestamp AS at "
        + "FROM reference.age_band WHERE lo < 10 ORDER BY lo"

    private func federation(_ body: (NodeContext, String) async throws -> Void) async throws {
        try await withTemporaryDirectory { root in
            try await NodeFederation.with(
                root: root,
                members: [
                    .init(organisation: NodeFederation.requester, role: .requester),
                    .init(organisation: DoorSuite.first, role: .controller),
                ]
            ) { federation in
                try await federation.agree(.init(id: "kept", controllers: [DoorSuite.first]))
                try await body(try federation.node(NodeFederation.requester), root)
            }
        }
    }

    private func save(_ name: String, _ sql: String, at node: NodeContext) async throws {
        let question = Question(sql: sql, agreement: "kept", purpose: nil, user: "analyst")
        try await node.run(.saved(.add(name: name, question, comment: "Bands of age")))
    }

    @Test func whatWasReleasedIsATable() async throws {
        try await federation { node, _ in
            try await save("bands", Self.sql, at: node)
            let introspection = try Introspection(context: node)
            let before = try await introspection.answer(
                "SELECT count(*) FROM pg_tables WHERE schemaname = 'released'", session: .test)
            #expect(before?.rows == [["0"]])

            try await node.run(.saved(.run(name: "bands")))
            let answer = try await introspection.answer(
                "SELECT band, years, half, withheld FROM released.bands ORDER BY band", session: .test)
            #expect(answer?.rows == [["0-4", "4", "0.5", nil], ["5-9", "4", "0.5", nil]])
            #expect(answer?.columns.map(\.type) == [.text, .int4, .numeric, .text])
            let columns = try await introspection.answer(
                """
                SELECT column_name, data_type FROM information_schema.columns
                WHERE table_schema = 'released' AND table_name = 'bands' ORDER BY ordinal_position
                """, session: .test)
            #expect(
                columns?.rows == [
                    ["band", "text"], ["years", "integer"], ["half", "numeric"],
                    ["at", "timestamp without time zone"], ["withheld", "text"],
                ])
            let comment = try await introspection.answer(
                "SELECT obj_description('released.bands'::regclass, 'pg_class')", session: .test)
            #expect(comment?.rows.first?.first??.hasPrefix("Bands of age. Released ") == true)
            // Joined with a table that is about nobody, under a name without schema, with a parameter.
            let joined = try await introspection.answer(
                "SELECT b.band, e.weight FROM bands b JOIN esp2013 e ON e.age_band = b.band WHERE e.weight > $1",
                parameters: ["5000"], types: [23], session: .test)
            #expect(joined?.rows == [["5-9", "5500"]])
            // For those who may not ask they are described, not read.
            for sql in ["SELECT band FROM released.bands", "SELECT count(*) FROM bands"] {
                let refusal = await #expect(throws: SQLFault.self) {
                    _ = try await introspection.answer(sql, session: .test, readsReleased: false)
                }
                #expect(refusal?.sqlstate == .insufficientPrivilege, "\(sql)")
            }
            let reference = try await introspection.answer(
                "SELECT weight FROM esp2013 WHERE age_band = '5-9'", session: .test, readsReleased: false)
            #expect(reference?.rows == [["5500"]])
            await introspection.close()
        }
    }

    @Test func aRestartKeepsResultsAndTheirTypes() async throws {
        try await withTemporaryDirectory { root in
            let query = SavedQuery(
                name: "kept", question: Question(sql: "SELECT 1", agreement: "a", purpose: nil, user: "u"),
                comment: nil, ranAt: 1_772_368_200_000,
                answer: Answer(
                    table: Table(
                        [
                            ("n", .bigint), ("n", .double), ("at", .timestamp), ("day", .date),
                            ("ok", .boolean),
                        ],
                        rows: [
                            [
                                .integer(7), .double(2), .timestamp(1_772_368_200_123_456), .date(20_000),
                                .boolean(true),
                            ],
                            [.null, .null, .null, .null, .null],
                        ]), withheld: [WithheldCell(row: 1, column: 0), WithheldCell(row: 1, column: 1)],
                    receipt: Self.receipt))
            try await NodeHome.with(NodeFederation.requester, at: root + "/home") { node in
                let store = SavedQueryStore(store: node.store, vault: node.vault)
                try await store.keep("kept", query.question, comment: nil, at: 1)
                try await store.keep(try #require(query.answer), of: "kept", at: 1_772_368_200_000)
                let again = ReleasedTables(try store.all(), []).all
                #expect(again.count == 1)
                let table = try #require(again.first?.table)
                #expect(table.rows.columns.map(\.name) == ["n", "n_2", "at", "day", "ok", "withheld"])
                #expect(
                    table.rows.rows == [
                        [
                            .integer(7), .double(2), .timestamp(1_772_368_200_123_456), .date(20_000),
                            .boolean(true),
                            .null,
                        ], [.null, .null, .null, .null, .null, .text("n, n_2")],
                    ])
            }
        }
    }

    @Test func peopleAndReleasedTablesAreNotMixed() async throws {
        try await federation { node, _ in
            try await save("bands", Self.sql, at: node)
            try await node.run(.saved(.run(name: "bands")))
            let question = Question(
                sql: "SELECT count(*) FROM patient p JOIN released.bands b ON b.band = p.sex",
                agreement: "kept",
                purpose: nil, user: "analyst")
            await #expect(throws: QuestionFault.self) { try await node.run(.ask(question)) }
            let plain = Question(
                sql: "SELECT * FROM nowhere", agreement: "kept", purpose: nil, user: "analyst")
            await #expect(throws: (any Error).self) {
                try await node.run(.saved(.add(name: "bad", plain, comment: nil)))
            }
            try await node.run(.saved(.remove(name: "bands")))
            let introspection = try Introspection(context: node)
            await #expect(throws: SQLFault.self) {
                try await introspection.answer("SELECT * FROM released.bands", session: .test)
            }
            await introspection.close()
        }
    }

    private static let receipt = Receipt(
        queryID: "q", askedAt: "", requester: "QWE", agreement: "a", purpose: "p", releaseForm: .site,
        require: "all",
        synthetic: true, joins: "", sites: [], linker: nil, bounds: [], references: [])
}
