internal import Core
internal import Disclosure
internal import Exchange
internal import Foundation
internal import Policy
internal import Query
internal import Store
internal import Warehouse

extension Enforcement {
    /// What was run and put under disclosure control, and has not left.
    struct Preview: Sendable {
        let tables: [PreviewTable]
        let releases: [StoredRelease]
    }

    /// Where the agreement has the first releases wait for a person: keeps this one until somebody has looked.
    ///
    /// Returns where nothing has to wait: enough have been approved, or this very question was.
    /// - Throws: `SiteRefusal` with the rule `pending-review` or `review-declined`.
    func hold(
        _ fragments: [Fragment], _ plans: [CanonicalFragment], _ permit: Permit, _ frame: Frame,
        _ profile: DisclosureProfile, _ agreement: LiveAgreement, _ key: ReleaseLedger.Key
    ) async throws {
        guard let most = agreement.body.pendingReview else { return }
        let (id, version) = (agreement.body.id, agreement.body.version)
        let question = reviewDigest
        switch try await context.reviews.state(of: question, id, version) {
        case .approved: return
        case .waiting: throw pending
        case .declined:
            throw SiteRefusal(
                rule: "review-declined",
                words: "a person at \(context.organisation) looked at the question and declined to answer it")
        case nil: break
        }
        if try await context.reviews.count(.approved, id, version) >= most { return }
        guard try await context.reviews.count(.waiting) < ReviewStore.mostWaiting else {
            throw SiteRefusal(
                rule: "pending-review",
                words: "too many releases wait for a person at \(context.organisation); ask again later")
        }
        let isLinked = request.fragments.contains(where: \.linked)
        // Charged before it is run; a linked question is charged when it is asked again and answered.
        if !isLinked {
            try await charge(permit, agreement, profile, as: "review \(version) \(question)")
        }
        let preview = try await preview(fragments, plans, profile, frame)
        let counted = try counted(fragments, frame)
        try await context.reviews.hold(
            ReviewStore.Held(
                query: request.queryID, sql: request.fragments.map(\.sql), tables: preview.tables,
                obligations: permit.obligations.inWords, policies: permit.decision.determining,
                releases: isLinked ? [] : preview.releases, snapshot: key.snapshot, digest: key.digest,
                counted: counted),
            question: question, agreement: id, version: version, requester: sender, purpose: request.purpose,
            at: now)
        throw pending
    }

    private var pending: SiteRefusal {
        SiteRefusal(
            rule: "pending-review",
            words: "the release waits for a person at \(context.organisation); ask again later")
    }

    /// The same question, whatever publication it is asked over.
    private var reviewDigest: String {
        let parts = request.fragments.map { "\($0.linked) \($0.sql)" } + [request.purpose.name]
        return Digest(of: Array(parts.joined(separator: "\u{0}").utf8)).description
    }

    /// Runs fragments and applies disclosure control as for a release; nothing is recorded, linked or sent.
    func preview(
        _ fragments: [Fragment], _ plans: [CanonicalFragment], _ profile: DisclosureProfile, _ frame: Frame
    ) async throws -> Preview {
        guard let warehouse = context.warehouse else { return Preview(tables: [], releases: []) }
        let limit = min(request.deadlineMilliseconds, context.configuration.queryTimeoutSeconds * 1000)
        return try await Deadline.run(.milliseconds(max(1, limit))) {
            try await context.gate.pass {
                let engine = try await warehouse.questions(about: frame.publication.id)
                return try await engine.withSession { session in
                    var blocks: [CellBlock] = []
                    for plan in plans { blocks.append(try plan.decode(try await session.query(plan.sql))) }
                    let released = DisclosureControl(profile: profile).release(
                        blocks, structure: fragments.releaseStructure(in: context.catalog))
                    return Preview(
                        tables: zip(fragments, zip(released, blocks)).map { fragment, pair in
                            PreviewTable(fragment, pair.0.released, of: pair.1)
                        },
                        releases: zip(released, blocks).map {
                            StoredRelease(
                                $0.released, summary: $0.summary, withheld: WithheldCount($0.released, of: $1)
                            )
                        })
                }
            }
        }
    }
}
