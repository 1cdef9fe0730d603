import GRDB
package import Store

/// The tables that this room keeps in the node's control store.
package enum ExchangeStore {
    package static let migrations: [ControlMigration] = [
        ControlMigration(identifier: "exchange-1") { db in
            try db.execute(
                sql: """
                    CREATE TABLE exchange_directory (
                        version INTEGER PRIMARY KEY, payload BLOB NOT NULL, signed BLOB NOT NULL
                    ) STRICT;
                    CREATE TABLE exchange_replay (
                        sender TEXT NOT NULL, message TEXT NOT NULL, digest BLOB NOT NULL,
                        epoch BLOB NOT NULL, result BLOB, forget_after INTEGER NOT NULL,
                        PRIMARY KEY (sender, message)
                    ) STRICT, WITHOUT ROWID;
                    CREATE INDEX exchange_replay_forget ON exchange_replay (forget_after);
                    CREATE TABLE exchange_link_nonce (
                        query TEXT PRIMARY KEY, question BLOB NOT NULL, nonce BLOB NOT NULL,
                        used INTEGER NOT NULL DEFAULT 0, forget_after INTEGER NOT NULL
                    ) STRICT;
                    """)
        },
        // A table with row ids: one without compares whole rows on the way to a key, results of megabytes included.
        ControlMigration(identifier: "exchange-2") { db in
            try db.execute(
                sql: """
                    ALTER TABLE exchange_replay RENAME TO exchange_replay_1;
                    CREATE TABLE exchange_replay (
                        sender TEXT NOT NULL, message TEXT NOT NULL, digest BLOB NOT NULL,
                        epoch BLOB NOT NULL, forget_after INTEGER NOT NULL, result BLOB,
                        PRIMARY KEY (sender, message)
                    ) STRICT;
                    INSERT INTO exchange_replay SELECT sender, message, digest, epoch, forget_after, result
                    FROM exchange_replay_1;
                    DROP TABLE exchange_replay_1;
                    CREATE INDEX exchange_replay_forget ON exchange_replay (forget_after);
                    """)
        },
    ]
}
