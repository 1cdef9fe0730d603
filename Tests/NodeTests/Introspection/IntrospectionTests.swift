import Core
import Foundation
import Query
import TestSupport
import Testing
import Warehouse

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

    @Test func everyRecordedStatementIsAnswered() async throws {
        try await Self.with { introspection in
            let oids = try await introspection.oids()
            #expect(oids["public.condition"] != nil)
            for statement in try RecordedStatement.all() {
                let resolved = statement.resolved(oids)
                do {
                    let answer = try await introspection.answer(
                        resolved.sql, parameters: resolved.parameters, session: .test)
                    if answer == nil { print("NIL", statement.client, statement.sql.prefix(200)) }
                } catch {
                    print("=== FAIL", statement.client, error, (error as? EngineError)?.operatorDetail ?? "")
                    print(statement.sql.prefix(1500), resolved.parameters)
                }
            }
        }
    }
}

