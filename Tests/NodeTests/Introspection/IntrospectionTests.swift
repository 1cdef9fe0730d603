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
}
