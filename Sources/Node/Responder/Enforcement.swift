internal import Catalog
internal import Core
internal import Disclosure
internal import Exchange
internal import Foundation
internal import Policy
internal import Query
internal import Store

/// The steps of enforcement at one controller, each with its refusals; `Responder` says in which order.
struct Enforcement: Sendable {
    let context: NodeContext
    let request: QueryRequest
    let sender: OrganisationCode
    let now: WireInstant

    /// What the policies allow, with what they attach.
    struct Permit: Sendable {
        let decision: Decision
        /// The policies that the question began with, and ends under.
        let policy: PolicyInForce
        /// For the log.
        var note: DecisionNote?
        var actions: Set<AccessAction> = [.aggregate]
        /// That the fragments read.
        var datasets: Set<String> = []
        /// Whose consents count where consent is required; nil for the agreement's own id.
        var study: String?
        /// The agreement says why leaving out people without an NHS number would be disproportionate.
        var countsUnnumbered = false
        /// Of an approved measure: released once, and neither held for a person again nor charged.
        var period: MeasuredPeriod?
        var obligations: Obligations { decision.obligations }
    }

    /// The publication and the lists that go with it.
    struct Frame: Sendable {
        let publication: Publication
        let enforced: EnforcedObligations
        let optOutLists: [Evidence.OptOutList]
        let consent: Evidence.Consent?
        /// To be made in the publication before the fragments are run there.
        var people: [PeopleTable] = []
    }

    /// The agreement is known, in force, between these parties, and the same text on both sides.
    func agreement() async throws -> LiveAgreement {
        guard request.requester == sender else {
            throw SiteRefusal(rule: "agreement", words: "the request names another requester than its sender")
        }
        guard let agreement = try await context.agreement(request.agreementID, at: now) else {
            throw SiteRefusal(rule: "agreement", words: "no agreement of that name is known here")
        }
        let body = agreement.body
        // The store may find it under a text that is not quite its name (a NUL ends SQLite's texts).
        guard body.id == request.agreementID else {
            throw SiteRefusal(rule: "agreement", words: "no agreement of that name is known here")
        }
        guard body.requester == sender, body.controllers.contains(context.organisation) else {
            throw SiteRefusal(
                rule: "agreement", words: "the agreement is not between requester and controller")
        }
        guard agreement.digest == request.agreementDigest else {
            throw SiteRefusal(rule: "agreement", words: "requester and controller hold different texts of it")
        }
        guard Set(request.participants).isSubset(of: Set(body.controllers)),
            Set(request.participants).count == request.participants.count,
            request.participants.contains(context.organisation)
        else {
            throw SiteRefusal(
                rule: "agreement", words: "the participants are not the agreement's controllers")
        }
        guard body.releaseForm == .site else {
            throw SiteRefusal(
                rule: "agreement", words: "the release form 'merged' is not supported by this node yet")
        }
        guard request.releaseForm == body.releaseForm else {
            throw SiteRefusal(rule: "agreement", words: "the agreement has another release form")
        }
        return agreement
    }

    /// Trusts nothing of the request but its SQL, which is bound against this site's own catalog.
    func replan() throws -> [Fragment] {
        guard request.catalogDigest.description == context.catalog.digest else {
            throw SiteRefusal(
                rule: "catalog", words: "requester and controller have different catalogs: update one")
        }
        guard (1...FederatedPlan.mostFragments).contains(request.fragments.count) else {
            throw SiteRefusal(
                rule: "law", words: "a question has between 1 and \(FederatedPlan.mostFragments) fragments")
        }
        let fragments: [Fragment]
        do {
            fragments = try request.fragments.map {
                try SiteReplan.fragment(
                    sql: $0.sql, catalog: context.catalog, now: now.milliseconds * 1_000)
            }
        } catch {
            let fault = error as? SQLFault
            throw SiteRefusal(
                rule: fault?.sqlstate == .undefinedObject ? "catalog" : "law",
                words: fault?.message ?? "the fragment is not legal")
        }
        for name in UsedNames(fragments).tables.sorted() { try requireSame(name) }
        return fragments
    }

    /// A requester that names no versions may give the digest under the bare name.
    private func requireSame(_ name: String) throws {
        let theirs = request.referenceDigests[name] ?? request.referenceDigests[ReferenceTable.bareName(name)]
        guard let own = context.referenceDigest(name), theirs?.description == own else {
            throw SiteRefusal(
                rule: "catalog",
                words:
                    "requester and controller hold different \(name): both must load the same release or list"
            )
        }
    }

    /// One decision for the sums, and one more where people are linked; every obligation of both holds.
    func decide(_ fragments: [Fragment], under agreement: LiveAgreement) throws -> Permit {
        let used = UsedNames(fragments)
        let isLinked = request.fragments.contains(where: \.linked)
        if isLinked {
            // All controllers or none: two linked counts over different sets of sites would be subtracted.
            guard let linker = agreement.body.linker, request.linker == linker,
                Set(request.participants) == Set(agreement.body.controllers), request.participants.count > 1
            else {
                throw SiteRefusal(rule: "agreement", words: "the agreement names no such linker")
            }
        }
        let policy = try policyInForce()
        var note = DecisionNote(policy, at: now.milliseconds)
        var decisions: [Decision] = []
        for action in isLinked ? [AccessAction.aggregate, .link] : [.aggregate] {
            let asked = AccessRequest(
                requester: sender, controller: context.organisation, user: request.user, roles: [.analyst],
                action: action, agreement: agreement.record, statedPurpose: request.purpose,
                columns: used.columns, datasets: used.datasets, codelists: used.codelists,
                isSynthetic: context.configuration.isSynthetic,
                now: Date(timeIntervalSince1970: Double(now.milliseconds) / 1000))
            let decision = policy.engine.decide(asked)
            note.take(
                decision,
                input: policy.engine.canonicalInput(
                    of: asked, agreementDigest: agreement.digest.description))
            guard decision.isPermit else {
                throw SiteRefusal(
                    rule: decision.determining.first ?? "policy", words: decision.reason,
                    determining: decision.determining, decision: note)
            }
            decisions.append(decision)
        }
        return Permit(
            decision: Decision(
                outcome: .permit, determining: Array(Set(decisions.flatMap(\.determining))).sorted(),
                reason: decisions[0].reason,
                obligations: decisions.dropFirst().reduce(decisions[0].obligations) {
                    $0.joined(with: $1.obligations)
                }), policy: policy, note: note, actions: isLinked ? [.aggregate, .link] : [.aggregate],
            datasets: datasets(fragments), study: agreement.body.legalContext.references.study,
            countsUnnumbered: agreement.body.exemptions?.withoutNHSNumber != nil)
    }

    /// Taken once: the question ends under the policies it began with.
    private func policyInForce() throws -> PolicyInForce {
        do {
            return try context.policy.current()
        } catch {
            throw SiteRefusal(
                rule: "policy",
                words: "\(context.organisation) has no policies in force, and so permits nothing")
        }
    }

    /// A list that is absent or stale means no answer: never an answer over nobody.
    func frame(_ permit: Permit) async throws -> Frame {
        guard let publication = try context.publications.current(), context.warehouse != nil else {
            throw SiteRefusal(rule: "publication", words: "the controller has published nothing yet")
        }
        guard publication.layout >= SiteSchema.layout else {
            throw SiteRefusal(rule: "publication", words: RestrictedFrame.oldLayout)
        }
        let date = Date(timeIntervalSince1970: Double(now.milliseconds) / 1000)
        var lists: [Evidence.OptOutList] = []
        for scheme in OptOutScheme.listed where permit.obligations.honour.contains(scheme) {
            // The list that counts is the one frozen in the publication, not one imported since.
            guard let entry = publication.lists.first(where: { $0.scheme == scheme }),
                entry.freshness(at: date) != .stale
            else { throw SiteRefusal(rule: "opt-out", words: "opt-out list stale (\(scheme.rawValue))") }
            lists.append(
                .init(
                    scheme: scheme.rawValue, version: String(entry.digest.prefix(12)),
                    listedAt: WireInstant(milliseconds: Int64(entry.listedAt.timeIntervalSince1970 * 1000)),
                    ageDays: max(0, Int(date.timeIntervalSince(entry.listedAt) / 86_400))))
        }
        // Whom they take out is looked up only to count: a dry run must hang on no person's data.
        let objections = request.isDryRun ? nil : try await objections(permit)
        let consents = request.isDryRun ? nil : try await consents(permit, publication)
        return Frame(
            publication: publication,
            enforced: EnforcedObligations(
                optOutTables: permit.obligations.honour.filter(\.isListed).map {
                    SiteSchema.allowed($0, countingUnnumbered: permit.countsUnnumbered)
                }.sorted(), objectionsTable: objections?.name, consentTable: consents,
                restrictedColumns: try RestrictedFrame(context: context, publication: publication)
                    .columns(excluding: permit.obligations)),
            optOutLists: lists, consent: consentEvidence(permit, publication),
            people: [objections].compactMap(\.self))
    }

    /// The strictest of agreement and policies; `none` only over data stamped synthetic.
    func control(_ permit: Permit, _ fragments: [Fragment]) throws -> DisclosureProfile {
        var profile = DisclosureProfile.none
        let own = context.configuration.profile
        for name in permit.obligations.profiles.union(own.isEmpty ? [] : [own]).sorted() {
            guard let named = DisclosureProfile.named(name) else {
                throw SiteRefusal(
                    rule: "disclosure", words: "the disclosure profile '\(name)' is unknown here")
            }
            do {
                profile = try profile.joined(with: named)
            } catch {
                throw SiteRefusal(rule: "disclosure", words: "\(error)")
            }
        }
        profile = profile.withMinimumPeople(permit.obligations.minimumPeople)
        guard profile.withholds || context.configuration.isSynthetic else {
            throw SiteRefusal(rule: "disclosure", words: "profile 'none' is for synthetic data only")
        }
        let control = DisclosureControl(profile: profile)
        for shape in fragments.flatMap(\.shapes) {
            if let words = control.refusal(of: shape) { throw SiteRefusal(rule: "disclosure", words: words) }
        }
        return profile
    }
}
