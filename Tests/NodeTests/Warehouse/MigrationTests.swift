import Core
import Store
import TestSupport
import Testing
import Warehouse

@testable import Node

/// Numbered steps of the warehouse's tables: forward only, the same on both engines.
@Suite(.serialized, .postgreSQLCluster)
struct MigrationTests {
    private static let applied = "SELECT number FROM live.migration ORDER BY number"
    private static let numbers = WarehouseMigration.all.map { [Value.integer(Int64($0.number))] }

    @Test func numbersRiseByOne() {
        #expect(WarehouseMigration.all.map(\.number) == Array(1...WarehouseMigration.latest))
    }

    @Test(arguments: WarehouseKind.allCases)
    func aNewWarehouseHasEveryStepOnce(_ kind: WarehouseKind) async throws {
        try await withTemporaryDirectory { root in
            let open = try await NodeHome.make(
                at: root + "/RJ1", try #require(OrganisationCode("RJ1")), roles: [.controller],
                warehouse: kind)
            for _ in 0..<2 {
                try await Self.with(open) { node in
                    let found = try await node.rows(Self.applied)
                    #expect(found == Self.numbers)
                }
            }
        }
    }

    @Test(arguments: WarehouseKind.allCases)
    func tablesFromBeforeAreBroughtForward(_ kind: WarehouseKind) async throws {
        try await withTemporaryDirectory { root in
            let open = try await NodeHome.make(
                at: root + "/RJ1", try #require(OrganisationCode("RJ1")), roles: [.controller],
                warehouse: kind)
            try await Self.with(open) { node in
                try await Self.run("DROP TABLE live.migration", at: node)
                guard kind == .postgresql else { return }
                try await Self.run(
                    "ALTER TABLE live.person ALTER COLUMN person TYPE TEXT COLLATE \"POSIX\"", at: node)
            }
            try await Self.with(open) { node in
                #expect(try await node.rows(Self.applied) == Self.numbers)
                guard kind == .postgresql else { return }
                let collations = try await node.rows(
                    """
                    SELECT DISTINCT coalesce(collation_name, 'default') AS c FROM information_schema.columns
                    WHERE table_schema IN ('live', 'governance') AND data_type = 'text'
                    """)
                #expect(collations == [[.text("C")]])
            }
        }
    }

    /// Whose moves they were nobody wrote down: they are of every controller that knows the person.
    @Test(arguments: WarehouseKind.allCases)
    func movesFromBeforeAreOfThoseWhoKnowThePerson(_ kind: WarehouseKind) async throws {
        try await withTemporaryDirectory { root in
            let open = try await NodeHome.make(
                at: root + "/RJ1", try #require(OrganisationCode("RJ1")), roles: [.controller],
                warehouse: kind)
            try await Self.with(open) { node in
                try await Self.run(
                    """
                    DELETE FROM live.migration WHERE number >= 3;
                    DROP TABLE live.renumbered;
                    CREATE TABLE live.renumbered (former_id INTEGER NOT NULL, person_id INTEGER NOT NULL);
                    INSERT INTO live.renumbered VALUES (1, 2), (3, 4);
                    INSERT INTO live.subject (controller, subject, person_id) VALUES ('RJ1', 'a', 2), ('RAX', 'b', 2)
                    """, at: node)
            }
            try await Self.with(open) { node in
                let found = try await node.rows(
                    "SELECT former_id, person_id, controller FROM live.renumbered ORDER BY 1, 3")
                #expect(
                    found == [
                        [.integer(1), .integer(2), .text("RAX")], [.integer(1), .integer(2), .text("RJ1")],
                        [.integer(3), .integer(4), .null],
                    ])
            }
        }
    }

    @Test(arguments: WarehouseKind.allCases)
    func tablesOfANewerProgramAreLeftAlone(_ kind: WarehouseKind) async throws {
        try await withTemporaryDirectory { root in
            let open = try await NodeHome.make(
                at: root + "/RJ1", try #require(OrganisationCode("RJ1")), roles: [.controller],
                warehouse: kind)
            let newer = WarehouseMigration.latest + 1
            try await Self.with(open) { node in
                try await Self.run(
                    "INSERT INTO live.migration VALUES (\(newer), 'tomorrow', CURRENT_TIMESTAMP)", at: node)
            }
            let error = await #expect(throws: NodeError.self) { _ = try await open() }
            #expect(error?.code == .configuration)
            #expect(error?.description.contains("newer Concordat") == true)
        }
    }

    /// The node is closed and let go of afterwards, so that it can be opened again.
    private static func with(
        _ open: NodeHome.Opener, _ body: (NodeContext) async throws -> Void
    ) async throws {
        let node = try await open()
        do {
            try await body(node)
        } catch {
            await node.close()
            throw error
        }
        await node.close()
    }

    private static func run(_ sql: String, at node: NodeContext) async throws {
        let warehouse = try TestFailure.unwrap(node.warehouse, "not a controller")
        try await warehouse.engine.withSession { try await $0.execute(sql) }
    }
}
