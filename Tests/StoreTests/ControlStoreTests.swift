import GRDB
import Testing

@testable import Store

@Suite struct ControlStoreTests {
    private static let first = ControlMigration(identifier: "test-1") { db in
        try db.execute(sql: "CREATE TABLE parent (id INTEGER PRIMARY KEY)")
    }
    private static let second = ControlMigration(identifier: "test-2") { db in
        try db.execute(
            sql:
                "CREATE TABLE child (parent INTEGER NOT NULL REFERENCES parent(id));"
                + "INSERT INTO parent VALUES (7)"
        )
    }

    @Test func migrationsRunOnceAndForward() async throws {
        try await withTemporaryDirectory { directory in
            let path = directory + "/control.sqlite"
            try ControlStore(path: path, migrations: [Self.first]).close()
            for _ in 0..<2 {
                let store = try ControlStore(path: path, migrations: [Self.first, Self.second])
                let parents = try await store.read { try Int.fetchAll($0, sql: "SELECT id FROM parent") }
                #expect(parents == [7])
                try store.close()
            }
            let error = #expect(throws: StoreError.self) {
                try ControlStore(path: path, migrations: [Self.first])
            }
            #expect(error?.code == .newerStore)
            #expect(error?.message.contains("(it holds test-2)") == true)
        }
    }

    @Test func migrationsOfOneNameAreRefused() async throws {
        try await withTemporaryDirectory { directory in
            let error = #expect(throws: StoreError.self) {
                try ControlStore(path: directory + "/c.sqlite", migrations: [Self.first, Self.first])
            }
            #expect(error?.code == .duplicateMigration)
        }
    }

    @Test func settingsHoldOnTheFile() async throws {
        try await withTemporaryDirectory { directory in
            let path = directory + "/control.sqlite"
            let store = try ControlStore(path: path, migrations: [Self.first, Self.second])
            let settings = try await store.write { db in
                try ["journal_mode", "synchronous", "foreign_keys", "secure_delete"].map {
                    try String.fetchOne(db, sql: "PRAGMA \($0)")
                }
            }
            #expect(settings == ["wal", "2", "1", "1"])
            for suffix in ["", "-wal", "-shm"] { #expect(try mode(path + suffix) == 0o600) }
        }
    }

    @Test func failedWriteLeavesNothing() async throws {
        try await withTemporaryDirectory { directory in
            let store = try ControlStore(
                path: directory + "/control.sqlite", migrations: [Self.first, Self.second])
            await #expect(throws: DatabaseError.self) {
                try await store.write { db in
                    try db.execute(sql: "INSERT INTO parent VALUES (8); INSERT INTO child VALUES (9)")
                }
            }
            let count = try await store.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM parent") }
            #expect(count == 1)
        }
    }
}
