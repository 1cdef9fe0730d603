package import Core
package import Foundation
import GRDB
package import Store

/// What a controller asked the owner of an opt-out scheme: which list, when; the numbers are in the warehouse.
package struct OptOutExports: Sendable {
    /// One list that was asked about.
    package struct Entry: Hashable, Sendable {
        package let scheme: OptOutScheme
        package let askedAt: Date
        package let count: Int
        /// Of the file, hexadecimal.
        package let digest: String

        package init(scheme: OptOutScheme, askedAt: Date, count: Int, digest: String) {
            self.scheme = scheme
            self.askedAt = askedAt
            self.count = count
            self.digest = digest
        }
    }

    /// The tables of this room in the control store.
    package static let migrations = [
        ControlMigration(identifier: "policy-opt-out-export-1") { db in
            try db.execute(
                sql: """
                    CREATE TABLE opt_out_export (
                        controller TEXT NOT NULL, scheme TEXT NOT NULL, asked_at REAL NOT NULL,
                        people INTEGER NOT NULL, digest TEXT NOT NULL,
                        PRIMARY KEY (controller, scheme, asked_at)
                    ) WITHOUT ROWID;
                    """)
        }
    ]

    private let store: ControlStore

    package init(store: ControlStore) { self.store = store }

    package func record(_ entry: Entry, of controller: OrganisationCode) async throws {
        try await store.write { db in
            try db.execute(
                sql: "INSERT INTO opt_out_export VALUES (?, ?, ?, ?, ?)",
                arguments: [
                    controller.text, entry.scheme.rawValue, entry.askedAt.timeIntervalSince1970, entry.count,
                    entry.digest,
                ])
        }
    }

    /// The last list that was asked about; nil if none was.
    package func last(_ scheme: OptOutScheme, of controller: OrganisationCode) async throws -> Entry? {
        try await store.read { db in
            let row = try Row.fetchOne(
                db,
                sql: """
                    SELECT asked_at, people, digest FROM opt_out_export WHERE controller = ? AND scheme = ?
                    ORDER BY asked_at DESC LIMIT 1
                    """, arguments: [controller.text, scheme.rawValue])
            return row.map {
                Entry(
                    scheme: scheme, askedAt: Date(timeIntervalSince1970: $0[0]), count: $0[1], digest: $0[2])
            }
        }
    }
}
