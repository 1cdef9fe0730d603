package import Core

/// Why an engine could not do what was asked.
///
/// Its description bears no statement text and no value: it can be logged and shown. The engine's own message
/// may hold both and is kept apart in `operatorDetail`, for an operator at the site only.
package struct EngineError: Error, Hashable, Sendable {
    package enum Code: String, Hashable, Sendable {
        /// Interrupted by `interrupt()` or because the waiting task was cancelled.
        case cancelled
        /// The engine's own time limit for a statement ran out.
        case timedOut
        case outOfMemory
        /// libduckdb.so was not found, or is not one we can use.
        case libraryMissing
        /// No connection, or it broke.
        case connection
        /// The session or engine was used after it ended.
        case sessionEnded
        /// A result or a batch has a type that the warehouse does not carry.
        case unsupportedType
        /// The statement is wrong, or its data are; `sqlstate` says how.
        case statement
    }

    package let code: Code
    /// PostgreSQL's code, or the nearest to DuckDB's error class.
    package let sqlstate: SQLState
    /// What was wrong, in words that are fixed in this program.
    package let summary: String
    /// The engine's own message: may hold values and statement text. Never shown to a requester, never
    /// logged.
    package let operatorDetail: String?

    package init(_ code: Code, _ sqlstate: SQLState, _ summary: String, operatorDetail: String? = nil) {
        self.code = code
        self.sqlstate = sqlstate
        self.summary = summary
        self.operatorDetail = operatorDetail
    }
}

extension EngineError: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package var description: String { "\(summary) (SQLSTATE \(sqlstate.rawValue))" }
    package var debugDescription: String { description }
    /// Leaves `operatorDetail` out of `dump` and of reports of failed expectations.
    package var customMirror: Mirror {
        Mirror(self, children: ["code": code, "sqlstate": sqlstate.rawValue, "summary": summary])
    }
}

extension EngineError {
    static let cancelled = EngineError(.cancelled, .queryCanceled, "the statement was cancelled")
    static let sessionEnded = EngineError(
        .sessionEnded, .objectNotInPrerequisiteState, "the warehouse session has ended")
    static let engineClosed = EngineError(
        .sessionEnded, .objectNotInPrerequisiteState, "the warehouse is closed")
    static let notOneStatement = EngineError(
        .statement, .syntaxError, "exactly one statement was expected")
    static let wrongParameterCount = EngineError(
        .statement, .syntaxError, "the number of parameters is not what the statement has")

    static func outOfMemory(_ detail: String?) -> EngineError {
        EngineError(
            .outOfMemory, SQLState(rawValue: "53200"),
            "the statement needs more memory than the warehouse may use",
            operatorDetail: detail)
    }

    static func unsupportedType(_ name: String) -> EngineError {
        EngineError(
            .unsupportedType, .featureNotSupported, "the warehouse does not carry values of type \(name)")
    }

    static func statement(_ sqlstate: SQLState, detail: String?) -> EngineError {
        EngineError(
            .statement, sqlstate, "the warehouse could not run the statement", operatorDetail: detail)
    }

    static func connection(_ detail: String?) -> EngineError {
        EngineError(
            .connection, .connectionFailure, "the warehouse cannot be reached", operatorDetail: detail)
    }
}
