package import Core

/// What a session knows when something is asked that costs the federation nothing.
package struct SessionFacts: Sendable {
    package let user: String
    /// Whether the user may ask questions, and so read what was released.
    package let isAnalyst: Bool
    /// The agreement in use; nil where none is.
    package let agreement: String?
    package let database: String
    /// By which others cancel it.
    package let process: Int32
    /// Settings as SHOW gives them.
    package let settings: [String: String]
}

/// Answers statements about the node itself (catalogs of PostgreSQL's clients, `information_schema`, `released`,
/// `concordat`, constants) without asking any site.
package protocol LocalAnswers: Sendable {
    /// Columns and rows; nil where the statement is a question for the federation.
    /// - Throws: `SQLFault` where it is not, and cannot be answered.
    func rows(_ sql: String, _ parameters: [SQLParameter], _ facts: SessionFacts) async throws -> ResultRows?

    /// Parameters and columns, before any value is known; nil where it is a question for the federation.
    /// - Parameter types: what the client declared; 0 where it leaves that to the node.
    func shape(_ sql: String, types: [Int32], _ facts: SessionFacts) async throws -> StatementShape?
}
