import Core
import Foundation

/// A request as data, as a case has it and as `policy explain` takes it: an agreement, what has happened to it,
/// and what is asked. Written in YAML (`Policies/README.md`).
struct RequestDocument: Sendable {
    /// What is asked; a case leaves out what the request above it says.
    struct Request: Decodable, Hashable, Sendable {
        var requester: OrganisationCode?
        var controller: OrganisationCode?
        /// `[analyst]` if nobody says.
        var roles: Set<UserRole>?
        var action: AccessAction?
        var purpose: Purpose?
        var columns: Set<String>?
        var datasets: Set<String>?
        var codelists: Set<String>?
        var care: CareFacts?
        var synthetic: Bool?
        var today: CivilDate?

        enum CodingKeys: String, CodingKey, CaseIterable {
            case requester, controller, roles, action, purpose, columns, datasets, codelists, care, synthetic
            case today
        }

        /// This request where it says something, and the other where it does not.
        func over(_ base: Request?) -> Request {
            Request(
                requester: requester ?? base?.requester, controller: controller ?? base?.controller,
                roles: roles ?? base?.roles, action: action ?? base?.action,
                purpose: purpose ?? base?.purpose,
                columns: columns ?? base?.columns, datasets: datasets ?? base?.datasets,
                codelists: codelists ?? base?.codelists, care: care ?? base?.care,
                synthetic: synthetic ?? base?.synthetic, today: today ?? base?.today)
        }
    }

    /// What is changed in an agreement, and what has happened to it.
    struct Change: Decodable, Hashable, Sendable {
        /// The controller knows no agreement of that name.
        var unknown: Bool?
        /// All parties, if left out.
        var signers: Set<OrganisationCode>?
        var revokedBy: Set<OrganisationCode>?
        var suspendedBy: Set<OrganisationCode>?
        var purpose: String?
        var actions: [String]?
        var article6: String?
        var gateway: String?
        /// In the place of all of the agreement's.
        var references: [String: String]?
        var cagReviewDue: String?
        var disclosureProfile: String?
        var honour: [String]?
        var releaseCap: Int?

        enum CodingKeys: String, CodingKey, CaseIterable {
            case unknown, signers, revokedBy, suspendedBy, purpose, actions, article6, gateway, references
            case cagReviewDue, disclosureProfile, honour, releaseCap
        }
    }

    /// The agreement with what has happened to it; nil where the controller knows none.
    /// - Throws: `AgreementFault` where a changed field cannot be read.
    static func record(_ change: Change?, of agreement: Agreement) throws -> AgreementRecord? {
        if change?.unknown == true { return nil }
        let changed = try change.map { try altered(agreement, $0) } ?? agreement
        return AgreementRecord(
            agreement: changed, signers: change?.signers ?? changed.parties,
            revokedBy: change?.revokedBy ?? [], suspendedBy: change?.suspendedBy ?? [])
    }

    /// Not validated: policies must hold whatever agreement reached the node.
    private static func altered(_ agreement: Agreement, _ change: Change) throws -> Agreement {
        guard
            var fields = try JSONSerialization.jsonObject(with: agreement.canonicalJSON()) as? [String: Any],
            var legal = fields["legalContext"] as? [String: Any]
        else { return agreement }
        var references = legal["references"] as? [String: Any] ?? [:]
        if let purpose = change.purpose { fields["purpose"] = purpose }
        if let actions = change.actions { fields["actions"] = actions }
        if let profile = change.disclosureProfile { fields["disclosureProfile"] = profile }
        if let honour = change.honour { fields["honour"] = honour }
        if let cap = change.releaseCap { fields["releaseCap"] = cap }
        if let article6 = change.article6 { legal["article6"] = article6 }
        if let gateway = change.gateway { legal["gateway"] = gateway }
        if let given = change.references { references = given }
        if let due = change.cagReviewDue { references["cagReviewDue"] = due }
        legal["references"] = references
        fields["legalContext"] = legal
        do {
            return try JSONDecoder().decode(
                Agreement.self, from: JSONSerialization.data(withJSONObject: fields))
        } catch let error as DecodingError {
            throw AgreementFault(error)
        }
    }

    /// The request in facts.
    /// - Throws: `AgreementFault` naming the field of the request that nobody gave.
    static func facts(_ request: Request, _ record: AgreementRecord?) throws -> AccessRequest {
        func given<Value>(_ value: Value?, _ name: String) throws -> Value {
            guard let value else {
                throw AgreementFault("request.\(name)", "is missing here and in the request above it")
            }
            return value
        }
        let day = try given(request.today, "today")
        return AccessRequest(
            requester: try given(request.requester, "requester"),
            controller: try given(request.controller, "controller"), user: "u-7f3a",
            roles: request.roles ?? [.analyst], action: try given(request.action, "action"),
            agreement: record,
            statedPurpose: request.purpose, columns: request.columns ?? [], datasets: request.datasets ?? [],
            codelists: request.codelists ?? [], care: request.care, isSynthetic: request.synthetic ?? false,
            now: Date(timeIntervalSince1970: Double(day.days) * 86_400 + 3600))
    }
}
