internal import Core
internal import Disclosure
internal import Exchange
internal import Query

extension Enforcement {
    /// What a dry run says: that it would be answered, under what, and from which publication. Nothing is run, nothing is
    /// charged, and nothing of it hangs on a person's data.
    func planned(
        _ fragments: [Fragment], _ permit: Permit, _ frame: Frame, _ profile: DisclosureProfile
    ) throws -> SiteOutcome {
        _ = try canonical(fragments, frame, profile)
        var evidence = evidence(permit, frame)
        evidence.disclosure = .init(
            profile: profile.name, cellsReleased: 0, valuesReleased: 0, valuesZeroOrWithheld: nil, bounds: [])
        return SiteOutcome(planned: evidence)
    }

    /// What a question is answered under, whatever the data say.
    func evidence(_ permit: Permit, _ frame: Frame) -> Evidence {
        var evidence = Evidence()
        evidence.determiningPolicies = permit.decision.determining
        evidence.obligations = permit.obligations.inWords
        evidence.optOutLists = frame.optOutLists
        evidence.consent = frame.consent
        evidence.snapshot = snapshot(frame.publication)
        return evidence
    }

    func snapshot(_ publication: Publication) -> Evidence.Snapshot {
        .init(
            id: String(publication.id),
            publishedAt: WireInstant(milliseconds: publication.publishedAt),
            ageDays: Int(max(0, now.milliseconds - publication.publishedAt) / 86_400_000),
            stale: (try? Staleness(context: context))?.marks(publication, at: now.milliseconds) ?? [])
    }
}
