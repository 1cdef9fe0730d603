internal import Core
internal import Exchange
internal import Foundation
internal import Query

/// A statement's plan and, where the sites were asked, what each of them said.
struct ExplainedStatement: Encodable {
    let explanation: Explanation
    /// nil where no site was asked.
    var sites: [SiteReceipt]?
    var isDryRun = false

    private enum CodingKeys: String, CodingKey { case sites }

    func encode(to encoder: any Encoder) throws {
        try explanation.encode(to: encoder)
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encodeIfPresent(sites, forKey: .sites)
    }

    var text: String {
        guard let sites else { return explanation.text }
        let title =
            isDryRun
            ? "Sites, in a dry run that they have logged (limits, review and consents are looked at when it is asked):"
            : "Sites, as far as they tell a requester:"
        return explanation.text + ([title] + sites.flatMap(Self.lines)).joined(separator: "\n") + "\n"
    }

    private static func lines(_ site: SiteReceipt) -> [String] {
        let outcome = site.outcome == .planned ? "would answer" : site.outcome.rawValue
        let said = [site.reason, site.time, site.outcome == .answered ? site.bytes : nil].compactMap(\.self)
        var lines = ["  \(site.site) \(site.name): " + ([outcome] + said).joined(separator: ", ")]
        if !site.rules.isEmpty { lines.append("    rules: \(site.rules.joined(separator: ", "))") }
        lines += site.obligations.map { "    obligation: \($0)" }
        if let profile = site.disclosure?.profile { lines.append("    disclosure profile: \(profile)") }
        if let snapshot = site.snapshot {
            lines.append("    data: publication \(snapshot.id), \(snapshot.ageDays) days old")
        }
        return lines
    }
}

extension Coordinator {
    /// What each site would be asked, without asking; the statement may begin with EXPLAIN.
    func explain(_ sql: String) throws -> ExplainedStatement {
        ExplainedStatement(
            explanation: Explanation(try plan(sql, at: WireInstant(milliseconds: Clock.now))))
    }

    /// Asks every site whether and under what it would answer. They decide and log it, and run nothing.
    func rehearse(_ question: Question) async throws -> ExplainedStatement {
        let now = WireInstant(milliseconds: Clock.now)
        let plan = try plan(question, at: now)
        var explained = ExplainedStatement(explanation: Explanation(plan), sites: [], isDryRun: true)
        guard !plan.fragments.isEmpty else { return explained }
        let session = try await open(question, plan, at: now, isDryRun: true)
        var replies = try await SiteCalls(context: context, session: session).ask()
        if let days = question.maximumAgeDays { replies = replies.map { $0.within(days: days) } }
        explained.sites = replies.map(\.receipt)
        try await record(session, replies)
        return explained
    }

    /// A question's plan; with ANALYZE also what a requester may know of what it took, with SITES what the sites would do.
    func explained(_ question: Question, _ options: ExplainOptions) async throws -> ExplainedStatement {
        if options.sites { return try await rehearse(question) }
        var explained = try explain(question.sql)
        if options.analyze { explained.sites = try await ask(question).receipt.sites }
        return explained
    }

    /// What EXPLAIN asks for; nil for a statement without it.
    /// - Throws: `QuestionFault`.
    static func options(_ sql: String) throws(QuestionFault) -> ExplainOptions? {
        do throws(SQLFault) {
            guard case .explain(_, let options) = try SQLParser.parse(sql) else { return nil }
            guard !options.analyze || !options.sites else {
                throw SQLFault(
                    .syntaxError, "ANALYZE and SITES exclude each other",
                    hint: "SITES asks the sites what they would do, ANALYZE asks the question")
            }
            return options
        } catch {
            throw QuestionFault(error)
        }
    }
}
