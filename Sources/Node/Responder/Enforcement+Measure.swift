internal import Core
internal import Disclosure
internal import Exchange
internal import Foundation
internal import Policy
internal import Query
internal import Store

extension Enforcement {
    /// The period that is asked for of a measure that a person here has approved; nil for any other question.
    ///
    /// The approval is of the statement, so this site plans it anew: the fragments that it is asked are those of the
    /// approved text, or there is no answer. What is new is put before a person. Nothing of it hangs on data.
    /// - Throws: `SiteRefusal` with the rule `measure`, `pending-review` or `review-declined`.
    func period(_ agreement: LiveAgreement) async throws -> ReleaseLedger.Period? {
        guard let measure = request.measure else { return nil }
        try check(measure)
        let proposal = MeasureApprovals.Proposal(measure: measure, purpose: request.purpose)
        let (id, version) = (agreement.body.id, agreement.body.version)
        switch try await context.measureApprovals.state(of: proposal, from: sender, id, version) {
        case .approved: break
        case .waiting: throw waiting
        case .declined:
            throw SiteRefusal(
                rule: "review-declined",
                words: "a person at \(context.organisation) looked at the measure and declined it")
        case nil:
            guard
                try await context.measureApprovals.propose(
                    proposal, from: sender, id, version, at: now.milliseconds)
            else {
                throw SiteRefusal(
                    rule: "pending-review",
                    words: "too many measures wait for a person at \(context.organisation); ask again later")
            }
            throw waiting
        }
        return ReleaseLedger.Period(
            controller: context.organisation.text, measure: "\(id) \(version) \(sender) \(proposal.digest)",
            asAt: measure.asAt.days)
    }

    private var waiting: SiteRefusal {
        SiteRefusal(
            rule: "pending-review",
            words: "the measure waits for a person at \(context.organisation), who approves it once")
    }

    /// A period that has ended, and the very fragments of the statement for it.
    private func check(_ measure: RequestMeasure) throws {
        let today = CivilDate(days: Int(Clock.days(now.milliseconds)))
        guard measure.name.wholeMatch(of: Measure.nameForm) != nil else {
            throw SiteRefusal(rule: "measure", words: "that is no name of a measure")
        }
        guard measure.from >= Measure.earliest else {
            throw SiteRefusal(rule: "measure", words: "no measure begins before \(Measure.earliest)")
        }
        guard measure.every.end(of: measure.asAt) == measure.asAt, measure.asAt >= measure.from,
            request.isDryRun || measure.asAt < today
        else {
            throw SiteRefusal(
                rule: "measure", words: "the measure has no such period, or it has not ended yet")
        }
        guard !request.fragments.contains(where: \.linked) else {
            throw SiteRefusal(
                rule: "measure", words: "a measure counts people at each site, never across sites")
        }
        let plan: FederatedPlan
        do {
            plan = try MeasureText.plan(measure, catalog: context.catalog)
        } catch {
            throw SiteRefusal(rule: "measure", words: "the measure cannot be planned: \(error.message)")
        }
        guard plan.fragments.map(\.sql) == request.fragments.map(\.sql) else {
            throw SiteRefusal(
                rule: "measure",
                words: "what is asked is not the measure's statement: are both nodes of the same version?")
        }
    }

    /// What was released for the period before: it stands, whatever has been published since.
    /// - Returns: nil where nothing was released for it.
    /// - Throws: `SiteRefusal` where it was released by a plan of another shape.
    func released(
        _ period: ReleaseLedger.Period, _ fragments: [Fragment], _ permit: Permit, _ frame: Frame
    ) async throws -> SiteOutcome? {
        guard let release = try await context.ledger.released(period) else { return nil }
        let shapes = release.releases.map { $0.block.aggregates.map(\.shape) }
        let keys = release.releases.map { $0.block.keys.columns.map(\.type) }
        guard shapes == fragments.map(\.shapes),
            keys == fragments.map({ $0.aggregate.keys.map(\.expression.type) })
        else {
            throw SiteRefusal(
                rule: "measure",
                words:
                    "this period was released already, by another version of the node: it is not released twice"
            )
        }
        var outcome = self.outcome(release.releases, fragments, permit, frame, messages: [])
        let day = CivilDate(days: Int(release.releasedAt / 86_400))
        outcome.evidence.obligations.append(
            "one release a period: this one was made on \(day) from publication \(release.snapshot)")
        if let publication = try context.publications.publication(release.snapshot) {
            outcome.evidence.snapshot = snapshot(publication)
        }
        return outcome
    }
}
