package import Core
package import Foundation
import GRDB
package import Store

/// Which opt-out lists a controller holds and how old they are; the numbers themselves are in the warehouse.
package struct OptOutRegister: Sendable {
    /// One imported list.
    package struct Entry: Hashable, Codable, Sendable {
        package let controller: OrganisationCode
        package let scheme: OptOutScheme
        /// When the scheme's owner answered.
        package let listedAt: Date
        package let importedAt: Date
        package let count: Int
        /// Of the file, hexadecimal.
        package let digest: String
        /// How long after `listedAt` it may be used.
        package let usableDays: Int

        package init(
            controller: OrganisationCode, scheme: OptOutScheme, listedAt: Date, importedAt: Date, count: Int,
            digest: String, usableDays: Int
        ) {
            self.controller = controller
            self.scheme = scheme
            self.listedAt = listedAt
            self.importedAt = importedAt
            self.count = count
            self.digest = digest
            self.usableDays = usableDays
        }

        /// From then on the list may not be used.
        package var staleAt: Date { listedAt.addingTimeInterval(Double(usableDays) * 86_400) }

        /// Whether the list may be used, and for how long yet.
        package func freshness(at now: Date) -> Freshness {
            if now >= staleAt { return .stale }
            return now >= staleAt.addingTimeInterval(-2 * 86_400) ? .staleSoon : .fresh
        }
    }

    /// Whether a list may be used.
    package enum Freshness: String, Codable, Sendable {
        case fresh
        /// Within two days.
        case staleSoon = "stale soon"
        /// Not to be used: the outcome is a refusal, never an answer over nobody.
        case stale
    }

    /// The tables of this room in the control store.
    package static let migrations = [
        ControlMigration(identifier: "policy-opt-out-1") { db in
            try db.execute(
                sql: """
                    CREATE TABLE opt_out_list (
                        controller TEXT NOT NULL, scheme TEXT NOT NULL, listed_at REAL NOT NULL,
                        imported_at REAL NOT NULL, people INTEGER NOT NULL, digest TEXT NOT NULL,
                        usable_days INTEGER NOT NULL, PRIMARY KEY (controller, scheme, imported_at)
                    ) WITHOUT ROWID;
                    """)
        }
    ]

    private let store: ControlStore

    package init(store: ControlStore) { self.store = store }

    /// Records a list after its numbers are in the warehouse.
    package func record(_ entry: Entry) async throws {
        try await store.write { db in
            try db.execute(
                sql: "INSERT INTO opt_out_list VALUES (?, ?, ?, ?, ?, ?, ?)",
                arguments: [
                    entry.controller.text, entry.scheme.rawValue, entry.listedAt.timeIntervalSince1970,
                    entry.importedAt.timeIntervalSince1970, entry.count, entry.digest, entry.usableDays,
                ])
        }
    }

    /// The list in use: the one imported last.
    package func current(
        _ scheme: OptOutScheme, of controller: OrganisationCode
    ) async throws -> Entry? {
        try await store.read { db in
            let row = try Row.fetchOne(
                db,
                sql: """
                    SELECT listed_at, imported_at, people, digest, usable_days FROM opt_out_list
                    WHERE controller = ? AND scheme = ? ORDER BY imported_at DESC LIMIT 1
                    """, arguments: [controller.text, scheme.rawValue])
            return row.map { row in
                Entry(
                    controller: controller, scheme: scheme, listedAt: Date(timeIntervalSince1970: row[0]),
                    importedAt: Date(timeIntervalSince1970: row[1]), count: row[2], digest: row[3],
                    usableDays: row[4])
            }
        }
    }
}
