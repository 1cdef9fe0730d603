import Foundation
import GRDB
import Store
import Testing

@testable import Node

/// When sessions and tokens end by themselves.
@Suite struct WebSessionTests {
    private static let minute: Int64 = 60_000

    private func withStore(_ body: (ControlStore) async throws -> Void) async throws {
        try await withTemporaryDirectory { root in
            let store = try ControlStore(
                path: root + "/control.sqlite",
                migrations: WebSessionStore.migrations + TokenStore.migrations)
            try await body(store)
            try store.close()
        }
    }

    @Test func aSessionEndsWhenNothingComesFromItAndInAnyCase() async throws {
        try await withStore { store in
            let sessions = WebSessionStore(store: store)
            let (idle, end) = (30 * Self.minute, 60 * Self.minute)
            try await sessions.open("one", of: "ann", at: 0, until: end)
            #expect(try await sessions.see("another", at: 1, idle: idle) == nil)
            // Whoever comes in time may come again, but not for ever.
            #expect(try await sessions.see("one", at: 29 * Self.minute, idle: idle)?.user == "ann")
            #expect(try await sessions.see("one", at: 58 * Self.minute, idle: idle)?.madeAt == 0)
            #expect(try await sessions.see("one", at: end, idle: idle) == nil)

            try await sessions.open("two", of: "ann", at: 0, until: end)
            #expect(try await sessions.see("two", at: idle, idle: idle) == nil)
            // It is gone, whatever the clock says then.
            #expect(try await sessions.see("two", at: 1, idle: idle) == nil)
        }
    }

    @Test func aUserHasSoManySessionsAndTheOldestEndsFirst() async throws {
        try await withStore { store in
            let sessions = WebSessionStore(store: store)
            for number in 0...WebSessionStore.most {
                try await sessions.open("\(number)", of: "ann", at: Int64(number), until: 1_000_000)
            }
            try await sessions.open("other", of: "bea", at: 0, until: 1_000_000)
            #expect(try await sessions.see("0", at: 20, idle: 1_000) == nil)
            #expect(try await sessions.see("1", at: 20, idle: 1_000) != nil)
            try await sessions.end(of: "ann")
            #expect(try await sessions.see("5", at: 20, idle: 1_000) == nil)
            #expect(try await sessions.see("other", at: 20, idle: 1_000) != nil)
        }
    }

    @Test func theStoreHasNoSecret() async throws {
        try await withStore { store in
            let secret = SecretText.make()
            #expect(secret.utf8.count == 43)
            try await WebSessionStore(store: store).open(secret, of: "ann", at: 0, until: 1)
            let id = try await TokenStore(store: store).add(
                secret, name: "a test", of: "ann", scopes: [.catalog, .questions], at: 0, until: 10)
            let tokens = TokenStore(store: store)
            #expect(try await tokens.use(secret, at: 9)?.scopes == [.catalog, .questions])
            #expect(try await tokens.use(secret, at: 10) == nil)
            #expect(try await tokens.use(secret + "x", at: 9) == nil)
            #expect(try await tokens.revoke(id, of: "bea", at: 1) == nil)
            #expect(try await tokens.use(secret, at: 9) != nil)
            #expect(try await tokens.revoke(id, of: "ann", at: 1)?.name == "a test")
            #expect(try await tokens.use(secret, at: 9) == nil)
            let dump = try await store.read { db in
                try ["node_web_session", "node_token"].map { table in
                    try String.fetchAll(db, sql: "SELECT quote(digest) FROM \(table)").joined()
                }
            }
            #expect(dump.allSatisfy { $0.hasPrefix("X'") && $0.utf8.count == 2 + 64 + 1 })
        }
    }
}
