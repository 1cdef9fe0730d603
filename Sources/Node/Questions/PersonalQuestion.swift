internal import Core
internal import Policy

/// A question of somebody who signed in: the same whichever door it comes through.
extension NodeContext {
    /// The user as an operator has it now: who was locked or removed since a session began is answered no more. A lock
    /// by wrong passwords is for those who come: it must not end the work of whoever is in.
    /// - Throws: `SQLFault` 28000.
    func standing(_ name: String) async throws -> NodeUser {
        guard let now = try await users.find(name)?.user, !now.isHeld else {
            throw SQLFault(
                SQLState(rawValue: "28000"), "the user '\(name)' is locked, or is no more",
                hint: "ask the node's operator: concordat user show \(name)")
        }
        return now
    }

    /// - Throws: `SQLFault` 42501 for who is no analyst.
    func requireAnalyst(_ user: NodeUser) throws(SQLFault) {
        guard user.roles.contains(.analyst) else {
            throw SQLFault(
                .insufficientPrivilege,
                "only analysts may ask questions: '\(user.name)' is \(UserAdministration.words(user.roles))",
                hint: "ask the node's operator for an analyst's account")
        }
    }

    /// Asks, and keeps the receipt for the user.
    /// - Parameter heard: is told how far it has come.
    /// - Throws: `QuestionFault`.
    func answer(
        _ question: Question, heard: @escaping @Sendable (QuestionProgress) -> Void = { _ in }
    ) async throws -> Answer {
        let answer = try await Coordinator(context: self).ask(question, heard: heard)
        try await receipts.keep(answer.receipt, of: question.user, at: Clock.now)
        return answer
    }
}

/// How far a question has come.
package enum QuestionProgress: Sendable {
    /// To whom it goes, by ODS code.
    case asked([String])
    /// What one of them did.
    case heard(SiteReceipt)
}
