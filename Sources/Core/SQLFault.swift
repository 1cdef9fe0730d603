/// Why a statement cannot be answered as written: what SQL users see.
///
/// Its texts never bear a person's data: they are made from the statement's own shape and the catalog.
package struct SQLFault: Error, Hashable, Codable, Sendable {
    /// Five characters, PostgreSQL's Appendix A.
    package let sqlstate: SQLState
    package let message: String
    /// What to write instead.
    package let hint: String?
    /// 1-based, in characters (not bytes) of the statement.
    package let position: Int?

    package init(_ sqlstate: SQLState, _ message: String, hint: String? = nil, position: Int? = nil) {
        self.sqlstate = sqlstate
        self.message = message
        self.hint = hint
        self.position = position
    }

    package func at(_ position: Int?) -> SQLFault {
        SQLFault(sqlstate, message, hint: hint, position: self.position ?? position)
    }
}

/// SQLSTATE codes that Concordat uses (PostgreSQL 15, Appendix A).
package struct SQLState: Hashable, Sendable, Codable, RawRepresentable {
    package let rawValue: String

    package init(rawValue: String) { self.rawValue = rawValue }

    package init(from decoder: any Decoder) throws {
        rawValue = try decoder.singleValueContainer().decode(String.self)
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(rawValue)
    }

    package static let syntaxError = SQLState(rawValue: "42601")
    package static let undefinedTable = SQLState(rawValue: "42P01")
    package static let undefinedObject = SQLState(rawValue: "42704")
    package static let undefinedColumn = SQLState(rawValue: "42703")
    package static let undefinedFunction = SQLState(rawValue: "42883")
    package static let ambiguousColumn = SQLState(rawValue: "42702")
    package static let duplicateAlias = SQLState(rawValue: "42712")
    package static let datatypeMismatch = SQLState(rawValue: "42804")
    package static let groupingError = SQLState(rawValue: "42803")
    package static let windowingError = SQLState(rawValue: "42P20")
    package static let invalidTextRepresentation = SQLState(rawValue: "22P02")
    package static let invalidDatetimeFormat = SQLState(rawValue: "22007")
    package static let numericValueOutOfRange = SQLState(rawValue: "22003")
    package static let divisionByZero = SQLState(rawValue: "22012")
    package static let featureNotSupported = SQLState(rawValue: "0A000")
    /// The law of a fragment, or a policy, forbids it.
    package static let insufficientPrivilege = SQLState(rawValue: "42501")
    package static let statementTooComplex = SQLState(rawValue: "54001")
    package static let programLimitExceeded = SQLState(rawValue: "54000")
    package static let queryCanceled = SQLState(rawValue: "57014")
    package static let connectionFailure = SQLState(rawValue: "08006")
    package static let objectNotInPrerequisiteState = SQLState(rawValue: "55000")
    package static let internalError = SQLState(rawValue: "XX000")
}
