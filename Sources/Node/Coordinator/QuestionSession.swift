internal import Catalog
internal import Core
internal import Exchange
internal import Foundation
internal import Policy
internal import Query
internal import Store

/// One question on its way: fixed when it is asked.
struct QuestionSession: Sendable {
    let queryID: String
    let question: Question
    let plan: FederatedPlan
    let agreement: LiveAgreement
    let purpose: Purpose
    /// Every controller of the agreement, in order.
    let participants: [OrganisationCode]
    /// Counts people across sites; nil where nothing is linked.
    let linker: OrganisationCode?
    let fragments: [RequestFragment]
    /// Hides group keys from the linker.
    let cellKey: [UInt8]
    let user: String
    let now: WireInstant
    let expiresAt: WireInstant
    let deadline: Duration
    let referenceDigests: [String: Digest]
    let catalogDigest: Digest
    /// The sites say what they would answer under, and run nothing.
    let isDryRun: Bool

    init(
        question: Question, plan: FederatedPlan, agreement: LiveAgreement, purpose: Purpose,
        context: NodeContext, now: WireInstant, isDryRun: Bool = false
    ) throws {
        self.isDryRun = isDryRun
        self.question = question
        self.plan = plan
        self.agreement = agreement
        self.purpose = purpose
        self.now = now
        queryID = UUID().uuidString.lowercased()
        participants = agreement.body.controllers.sorted()
        // Linked counts know no quorum: with less than all, people are counted site by site, and it is said.
        let canLink =
            agreement.body.permits(.link) && agreement.body.linker != nil && participants.count > 1
            && question.require == .all && question.measure == nil
        fragments = plan.fragments.map { fragment in
            RequestFragment(
                sql: fragment.sql,
                linked: canLink && fragment.shapes.contains { $0.kind == .distinctPeople })
        }
        linker = fragments.contains(where: \.linked) ? agreement.body.linker : nil
        cellKey = CellLabels.makeKey()
        user = context.pseudonym(ofUser: question.user)
        deadline = .seconds(question.deadlineSeconds)
        expiresAt = now.advanced(bySeconds: Int64(question.deadlineSeconds) + 60)
        let names = UsedNames(plan.fragments).tables
        referenceDigests = names.reduce(into: [:]) { digests, name in
            digests[name] = context.referenceDigest(name).flatMap(Digest.init(hexadecimal:))
        }
        guard let digest = Digest(hexadecimal: context.catalog.digest) else {
            throw NodeError(.configuration, "the catalog has no digest")
        }
        catalogDigest = digest
    }

    var isLinked: Bool { linker != nil }

    var questionDigest: Digest {
        QueryRequest.questionDigest(
            queryID: queryID, fragments: fragments, releaseForm: agreement.body.releaseForm,
            participants: participants, linker: linker, nowMicroseconds: now.milliseconds * 1_000)
    }

    func request(to site: OrganisationCode, responseKey: SealingPublicKey, nonces: [DSSEEnvelope])
        -> QueryRequest
    {
        QueryRequest(
            queryID: queryID, requester: agreement.body.requester, user: user, agreementID: agreement.body.id,
            agreementDigest: agreement.digest, purpose: purpose, fragments: fragments,
            releaseForm: agreement.body.releaseForm, participants: participants, linker: linker,
            catalogDigest: catalogDigest, referenceDigests: referenceDigests,
            deadlineMilliseconds: question.deadlineSeconds * 1000, nowMicroseconds: now.milliseconds * 1_000,
            responseKey: responseKey, linkNonces: nonces, cellKey: isLinked ? Base64Bytes(cellKey) : nil,
            measure: question.measure, isDryRun: isDryRun)
    }
}

extension Digest {
    init?(hexadecimal: String) {
        guard let bytes = Hexadecimal.decode(hexadecimal) else { return nil }
        self.init(bytes: bytes)
    }
}

extension NodeContext {
    /// The same person, the same pseudonym, at this node; a controller cannot tell who it is.
    func pseudonym(ofUser name: String) -> String {
        let secret = vault.derive(label: "user pseudonym")
        return String(Digest(of: secret + Array(name.utf8)).description.prefix(24))
    }
}
