internal import Audit
internal import Core
internal import Disclosure
internal import Exchange
internal import Foundation
internal import Policy
internal import Query
internal import Store

extension Enforcement {
    /// One period of an approved measure.
    struct MeasuredPeriod: Sendable {
        /// By which its release is found again.
        let release: ReleaseLedger.Period
        /// Of the approval.
        let number: Int64
        /// After which day's end the data must have been published.
        let asAt: CivilDate
    }

    /// The period that is asked for of a measure that a person here has approved; nil for any other question.
    ///
    /// The approval is of the statement, so this site plans it anew: the fragments that it is asked are those of the
    /// approved text, or there is no answer. What is new is put before a person. Nothing of it hangs on data.
    /// - Throws: `SiteRefusal` with the rule `measure`, `pending-review` or `review-declined`.
    func period(_ fragments: [Fragment], _ agreement: LiveAgreement) async throws -> MeasuredPeriod? {
        guard let measure = request.measure else { return nil }
        try check(measure)
        var proposal = MeasureApprovals.Proposal(measure: measure, purpose: request.purpose)
        for name in UsedNames(fragments).tables {
            proposal.tables[name] = context.referenceDigest(name) ?? ""
        }
        let place = MeasureApprovals.Place(
            requester: sender.text, agreement: agreement.body.id, version: agreement.body.version)
        guard let entry = try context.measureApprovals.find(proposal, place) else {
            try await propose(proposal, place)
            throw waiting
        }
        switch entry.state {
        case .waiting: throw waiting
        case .declined: throw declined
        case .approved: break
        }
        // A codelist or table that is another now makes it another question: a person looks again.
        guard entry.proposal.tables == proposal.tables else {
            try await context.measureApprovals.reopen(entry.id, as: proposal)
            try await log("measure-reopened", entry.id, proposal)
            throw waiting
        }
        return MeasuredPeriod(
            release: ReleaseLedger.Period(
                controller: context.organisation.text,
                measure: "\(place.agreement) \(place.requester) \(proposal.releaseDigest)",
                asAt: measure.asAt.days),
            number: entry.id, asAt: measure.asAt)
    }

    private func propose(
        _ proposal: MeasureApprovals.Proposal, _ place: MeasureApprovals.Place
    ) async throws {
        let measure = proposal.measure
        let today = CivilDate(days: Int(Clock.days(now.milliseconds)))
        guard measure.every.ends(from: measure.from, before: today).count <= Measure.mostEnded else {
            throw SiteRefusal(
                rule: "measure",
                words: "more than \(Measure.mostEnded) periods have ended: begin later, or recur less often")
        }
        guard let id = try await context.measureApprovals.propose(proposal, place, at: now.milliseconds)
        else {
            throw SiteRefusal(
                rule: "pending-review",
                words: "too many measures wait for a person at \(context.organisation); ask again later")
        }
        try await log("measure-proposed", id, proposal)
    }

    private var waiting: SiteRefusal {
        SiteRefusal(
            rule: "pending-review",
            words: "the measure waits for a person at \(context.organisation), who approves it once")
    }

    private var declined: SiteRefusal {
        SiteRefusal(
            rule: "review-declined",
            words: "a person at \(context.organisation) looked at the measure and declined it")
    }

    private func log(_ act: String, _ id: Int64, _ proposal: MeasureApprovals.Proposal) async throws {
        _ = try await context.audit.append(
            AuditRecord(
                kind: .administration, at: Clock.now,
                details: [
                    "act": act, "measure": proposal.measure.name, "number": String(id),
                    "requester": sender.text, "agreement": request.agreementID, "digest": proposal.digest,
                ]))
    }

    /// A period that has ended, and the very fragments of the statement for it, byte by byte.
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
        do throws(SQLFault) {
            plan = try MeasureText.plan(measure, catalog: context.catalog)
        } catch {
            throw SiteRefusal(rule: "measure", words: "the measure cannot be planned: \(error.message)")
        }
        // Bytes: Swift's texts are equal where Unicode calls them so, and two spellings of a code are two codes.
        guard plan.fragments.map({ Array($0.sql.utf8) }) == request.fragments.map({ Array($0.sql.utf8) })
        else {
            throw SiteRefusal(
                rule: "measure",
                words: "what is asked is not the measure's statement: are both nodes of the same version?")
        }
    }

    /// Of a period that is about to be released for the first time: from data that were published after its end.
    func checkPublished(_ period: MeasuredPeriod, _ frame: Frame) throws {
        guard frame.publication.publishedAt >= Int64(period.asAt.days + 1) * 86_400_000 else {
            throw SiteRefusal(
                rule: "publication",
                words:
                    "nothing has been published since the period ended: ask again after the next publication")
        }
    }

    /// Whether a person here still wants it released: they may have taken it back while it ran.
    func checkApproved(_ period: MeasuredPeriod) throws {
        let entry = try context.measureApprovals.all().first { $0.id == period.number }
        guard entry?.state == .approved else { throw entry?.state == .declined ? declined : waiting }
    }

    /// What was released for the period before: it stands, whatever has been published since, and so does what it was
    /// released under.
    /// - Returns: nil where nothing was released for it.
    /// - Throws: `SiteRefusal` where it was released by a plan of another shape.
    func released(
        _ period: MeasuredPeriod, _ fragments: [Fragment], _ permit: Permit, _ frame: Frame
    ) async throws -> SiteOutcome? {
        guard let release = try await context.ledger.released(period.release) else { return nil }
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
        try checkApproved(period)
        var outcome = self.outcome(release.releases, fragments, permit, frame, messages: [])
        outcome.evidence = try JSON.decode(Evidence.self, from: Array(release.evidence))
        outcome.evidence.determiningPolicies = permit.decision.determining
        let day = CivilDate(days: Int(release.releasedAt / 86_400))
        outcome.evidence.obligations.append(
            "one release a period: this one was made on \(day) from publication \(release.snapshot)")
        return outcome
    }
}
