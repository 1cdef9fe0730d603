internal import Core
internal import Exchange
internal import Policy

/// Sites that have said they take no further part in an agreement: they are not asked again.
struct HaltedSites: Sendable {
    /// What each of them said.
    private let words: [OrganisationCode: String]

    init(context: NodeContext, session: QuestionSession) async throws {
        let record = session.agreement.record
        let day = CivilDate(days: Int(Clock.days(session.now.milliseconds)))
        let halts = try await context.agreements.halts(record.agreement.id)
        words = session.participants.reduce(into: [:]) { words, site in
            guard [.revoked, .suspended].contains(record.state(for: site, on: day)) else { return }
            let halt = halts.filter { $0.organisation == site || $0.organisation == record.agreement.requester }
                .min { ($0.act == .revoked ? 0 : 1) < ($1.act == .revoked ? 0 : 1) }
            words[site] =
                halt.map {
                    "\($0.organisation) \($0.act.rawValue) the agreement on \($0.day): \($0.reason)"
                } ?? "for \(site) the agreement is \(record.stateInWords(for: site, on: day))"
        }
    }

    /// Replies that need no asking, in the order of the participants; nil in the place of a site to ask.
    ///
    /// Where the question cannot be answered without those that are out of it, nobody is asked.
    func replies(_ session: QuestionSession, name: (OrganisationCode) -> String) -> [SiteReply?] {
        let left = session.participants.count - words.count
        let isVain =
            !words.isEmpty
            && (session.isLinked
                || !session.question.require.isMet(answered: left, asked: session.participants.count))
        return session.participants.map { site in
            if let reason = words[site] {
                return SiteReply(
                    site, name: name(site), outcome: .refused, reason: reason, rule: "agreement-not-in-force")
            }
            return isVain
                ? SiteReply(
                    site, name: name(site), outcome: .failed,
                    reason: "not asked: the question cannot be answered without the others") : nil
        }
    }
}
