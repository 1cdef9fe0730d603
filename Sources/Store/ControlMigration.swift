package import GRDB

/// One step of the control store's schema, owned by the room whose tables it makes.
///
/// A room exports `static let migrations: [ControlMigration]`; identifiers begin with the room's name, such
/// as `audit-1`. A migration that has been released is never edited: write the next one.
package struct ControlMigration: Sendable {
    package let identifier: String
    package let migrate: @Sendable (Database) throws -> Void

    package init(identifier: String, migrate: @escaping @Sendable (Database) throws -> Void) {
        self.identifier = identifier
        self.migrate = migrate
    }
}
