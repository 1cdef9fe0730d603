/// A column of a result as PostgreSQL's clients see it.
package struct ResultColumn: Hashable, Sendable {
    package let name: String
    /// Of `pg_type`.
    package let oid: Int32
    /// The type's modifier; -1 where it has none.
    package let modifier: Int32
    /// The table that it is a column of, in the node's catalog, and its number there; 0 where it is computed.
    package let table: UInt32
    package let number: Int16

    package init(name: String, oid: Int32, modifier: Int32 = -1, table: UInt32 = 0, number: Int16 = 0) {
        self.name = name
        self.oid = oid
        self.modifier = modifier
        self.table = table
        self.number = number
    }

    package init(_ column: Table.Column) { self.init(name: column.name, oid: column.type.oid) }
}

/// Rows of a statement, with the types that clients are told.
package struct ResultRows: Hashable, Sendable {
    package let columns: [ResultColumn]
    package let table: Table

    /// - Precondition: as many columns as the table has.
    package init(columns: [ResultColumn], table: Table) {
        precondition(columns.count == table.columns.count, "columns of another table")
        self.columns = columns
        self.table = table
    }

    package init(_ table: Table) { self.init(columns: table.columns.map(ResultColumn.init), table: table) }

    /// Rows of any types, one value a column.
    package init(columns: [ResultColumn], rows: [[Value]]) {
        let table = Table(
            columns: columns.enumerated().map { place, column in
                Table.Column(
                    name: column.name,
                    vector: ColumnVector(type: .text, storage: .values(rows.map { $0[place] })))
            }, rowCount: rows.count)
        self.init(columns: columns, table: table)
    }

    /// A single text.
    package init(_ name: String, _ texts: [String]) {
        self.init(columns: [ResultColumn(name: name, oid: 25)], rows: texts.map { [.text($0)] })
    }
}

/// How `COPY (SELECT …) TO STDOUT` writes rows.
package struct CopyFormat: Hashable, Sendable {
    package enum Kind: Sendable { case text, csv, binary }

    package var kind: Kind
    package var hasHeader = false
    package var delimiter: String
    package var null: String

    package init(_ kind: Kind) {
        self.kind = kind
        delimiter = kind == .csv ? "," : "\t"
        null = kind == .csv ? "" : "\\N"
    }
}

/// A message beside a result.
package struct SQLNotice: Hashable, Sendable {
    package let message: String
    package let detail: String?
    package let hint: String?
    package let isWarning: Bool

    package init(_ message: String, detail: String? = nil, hint: String? = nil, isWarning: Bool = false) {
        self.message = message
        self.detail = detail
        self.hint = hint
        self.isWarning = isWarning
    }
}

/// What a statement of a session gave.
package struct StatementOutcome: Hashable, Sendable {
    package enum Body: Hashable, Sendable {
        /// Rows, and the first word of their tag, such as `SELECT`.
        case rows(ResultRows, tag: String)
        case copy(ResultRows, CopyFormat)
        /// No rows: a tag such as `SET`.
        case done(tag: String)
    }

    package var body: Body
    package var notices: [SQLNotice]
    /// Settings that clients are told of when they change.
    package var settings: [SessionSetting]

    package init(_ body: Body, notices: [SQLNotice] = [], settings: [SessionSetting] = []) {
        self.body = body
        self.notices = notices
        self.settings = settings
    }
}

package struct SessionSetting: Hashable, Sendable {
    package let name: String
    package let value: String

    package init(_ name: String, _ value: String) {
        self.name = name
        self.value = value
    }
}

/// A parameter of a prepared statement, as text of a type; nil is NULL.
package struct SQLParameter: Hashable, Sendable {
    /// Of `pg_type`; 0 where nobody has said.
    package let oid: Int32
    package let text: String?

    package init(oid: Int32, text: String?) {
        self.oid = oid
        self.text = text
    }
}

/// What is known of a statement before it runs.
package struct StatementShape: Hashable, Sendable {
    /// One a parameter.
    package let parameters: [Int32]
    /// nil for statements without rows.
    package let columns: [ResultColumn]?

    package init(parameters: [Int32], columns: [ResultColumn]?) {
        self.parameters = parameters
        self.columns = columns
    }
}

/// Where a session stands in a transaction; nothing is ever changed, but clients keep account.
package enum TransactionStatus: Hashable, Sendable {
    case idle
    case open
    case failed
}

/// Why a statement of a session gave nothing, with what its sites said.
package struct StatementFault: Error, Hashable, Sendable {
    package let fault: SQLFault
    package let detail: String?

    package init(_ fault: SQLFault, detail: String? = nil) {
        self.fault = fault
        self.detail = detail
    }
}
