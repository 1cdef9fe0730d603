/// What a controller does about one person who asks: objections, and what is held about them.
///
/// NHS numbers travel as text and are checked where the command is carried out. INVARIANT: neither these values
/// nor what is in them reaches a log.
package enum PeopleCommand: Codable, Sendable {
    /// - Parameters:
    ///   - scope: `agreement`, `purpose` or `all`; `of` is the agreement's id or the purpose.
    ///   - decision: `upheld` or `declined`.
    case recordObjection(number: String, scope: String, of: String?, decision: String, reason: String)
    /// - Parameter reveal: whether NHS numbers are shown whole.
    case listObjections(reveal: Bool)
    case withdrawObjection(id: Int64, reason: String)
    /// - Parameter records: whether the records themselves are printed.
    case report(number: String, format: PersonReportFormat, records: Bool)
}

/// How a report about a person is written.
package enum PersonReportFormat: String, Codable, Sendable, CaseIterable {
    /// A letter of plain text.
    case text
    /// A page that prints as a letter and needs nothing beside it.
    case html
    case json
    /// `ReadingText` as JSON, for pages of the console.
    case reading

    /// What people are offered.
    package static let allCases: [PersonReportFormat] = [.text, .html, .json]
}

extension CommandRunner {
    func people(_ command: PeopleCommand) async throws -> NodeReply {
        let objections = ObjectionAdministration(context: context)
        switch command {
        case .recordObjection(let number, let scope, let of, let decision, let reason):
            return .done(
                try await objections.record(number, scope: scope, of: of, decision: decision, reason: reason))
        case .listObjections(let reveal): return try await objections.list(reveal: reveal)
        case .withdrawObjection(let id, let reason):
            return .done(try await objections.withdraw(id, reason: reason))
        case .report(let number, let format, let records):
            return .document(
                try await PersonReportAdministration(context: context).report(
                    number, as: format, records: records))
        }
    }
}
