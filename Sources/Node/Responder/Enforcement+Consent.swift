internal import Catalog
internal import Core
internal import Exchange
internal import Policy
internal import Query
internal import Store

extension Enforcement {
    /// Whom people's consents keep in or out; nil where they take nobody out, or the gateway leaves them no room.
    ///
    /// FHIR Consents stand as they are frozen in the publication; a study's list as it is now, so that a withdrawal
    /// holds from the next question on.
    /// - Throws: `SiteRefusal` where consent is required and nobody gave it: never an answer over nobody.
    func consents(
        _ permit: Permit, _ publication: Publication
    ) async throws -> EnforcedObligations.ConsentTable? {
        let honour = permit.obligations.honour
        guard let warehouse = context.warehouse, honour.contains(.studyConsent) || honour.contains(.objection)
        else { return nil }
        let question = ConsentQuestion(
            publication: publication.id, purpose: request.purpose, actions: permit.actions,
            requester: sender, controller: context.organisation,
            classes: Set(permit.datasets.map { context.catalog.datasets[$0]?.resource ?? $0 }),
            study: permit.study ?? request.agreementID, policies: permit.policy.digest,
            isRequired: honour.contains(.studyConsent))
        let evaluation = ConsentEvaluation(
            question: question, schema: publication.schema, now: now.milliseconds,
            hierarchy: permit.policy.engine.purposes, secret: SiteSecrets.peopleTables(context.vault))
        let outcome = try await warehouse.consentTables.outcome(of: question, at: now.milliseconds) {
            try await evaluation.run(warehouse.engine, for: warehouse.questions(about: publication.id))
        }
        switch outcome {
        case .everybody: return nil
        case .table(let table): return table
        case .nobody:
            throw SiteRefusal(
                rule: "consent", words: "no consent to this study is recorded at the controller")
        }
    }

    /// For the receipt: that consents were evaluated and as at when; nothing of whom or how many.
    func consentEvidence(_ permit: Permit, _ publication: Publication) -> Evidence.Consent? {
        let honour = permit.obligations.honour
        guard honour.contains(.studyConsent) || honour.contains(.objection) else { return nil }
        return Evidence.Consent(
            publication: String(publication.id), isRequired: honour.contains(.studyConsent))
    }
}
