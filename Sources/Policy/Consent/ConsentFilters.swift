import Core

/// Whether a filter of a provision meets a request, as far as that can be told.
enum ConsentMatch: Hashable {
    case yes, no
    /// It cannot be told, or is so for a part of what is asked: both readings are followed, and the stricter wins.
    case maybe

    /// Different elements.
    func and(_ other: Self) -> Self {
        if self == .no || other == .no { return .no }
        return self == .yes && other == .yes ? .yes : .maybe
    }

    /// Repeats of one element; absent means any.
    static func any<Element>(_ elements: [Element]?, _ match: (Element) -> Self) -> Self {
        guard let elements, !elements.isEmpty else { return .yes }
        let matches = elements.map(match)
        return matches.contains(.yes) ? .yes : matches.contains(.maybe) ? .maybe : .no
    }
}

/// The filters of a provision (FHIR R4 Consent.provision), each against a request and one kind of records.
struct ConsentFilters {
    let request: ConsentRequest
    /// A FHIR resource type; nil for one that is not known.
    let recordClass: String?

    func match(_ provision: FHIRConsent.Provision) -> ConsentMatch {
        // What is written for a part of the codes, times or records cannot be told of a sum over all of them.
        let undecided: ConsentMatch =
            provision.code?.isEmpty ?? true && provision.data?.isEmpty ?? true && provision.dataPeriod == nil
            ? .yes : .maybe
        return period(provision.period)
            .and(.any(provision.actor, actor))
            .and(action(provision.action))
            .and(.any(provision.securityLabel, label))
            .and(purpose(provision))
            .and(.any(provision.class, recordClass))
            .and(undecided)
    }

    func purpose(_ provision: FHIRConsent.Provision) -> ConsentMatch { .any(provision.purpose, purpose) }

    private func period(_ period: FHIRConsent.Period?) -> ConsentMatch {
        guard let period else { return .yes }
        guard let period = ConsentPeriod(period) else { return .maybe }
        return period.contains(request.now) ? .yes : .no
    }

    // MARK: - Who

    /// A custodian is the controller; in any other role it is who asks.
    private func actor(_ actor: FHIRConsent.Actor) -> ConsentMatch {
        let roles = actor.role?.coding ?? []
        let isCustodian = roles.contains { $0.code == "CST" }
        return self.reference(actor.reference, isCustodian ? request.controller : request.requester)
    }

    private static let organisationSystem = "https://fhir.nhs.uk/Id/ods-organization-code"
    /// An aggregate goes to an organisation, never to one of these.
    private static let persons: Set<String> = ["Patient", "RelatedPerson", "Practitioner", "Device"]

    private func reference(
        _ reference: FHIRConsent.Reference?, _ organisation: OrganisationCode
    ) -> ConsentMatch {
        guard let reference else { return .maybe }
        if reference.identifier?.system == Self.organisationSystem, let value = reference.identifier?.value {
            return Self.same(value, organisation.text) ? .yes : .no
        }
        let parts = (reference.reference ?? "").split(separator: "/").map(String.init)
        let type = parts.count >= 2 ? parts[parts.count - 2] : reference.type
        if type == "Organization", let id = parts.last, Self.same(id, organisation.text) { return .yes }
        // The id of an organisation may stand for any of them.
        return type.map(Self.persons.contains) == true ? .no : .maybe
    }

    private static func same(_ left: String, _ right: String) -> Bool {
        left.uppercased() == right.uppercased()
    }

    // MARK: - What for

    private static let actionSystem = "http://terminology.hl7.org/CodeSystem/consentaction"

    /// What an action of ours is in FHIR's terms: all that it takes, and what else it comes near.
    private static func codes(_ action: AccessAction) -> (takes: Set<String>, touches: Set<String>) {
        switch action {
        case .aggregate: (["use"], ["access"])
        case .link: (["use"], ["access", "disclose"])
        case .extract: (["use", "disclose"], ["access"])
        default: (["access"], ["use"])
        }
    }

    private func action(_ concepts: [FHIRConsent.Concept]?) -> ConsentMatch {
        guard let concepts, !concepts.isEmpty else { return .yes }
        let codings = concepts.flatMap { $0.coding ?? [] }
        let known = Set(codings.filter { $0.system == Self.actionSystem }.compactMap(\.code))
        let wanted = Self.codes(request.action)
        if known.isSuperset(of: wanted.takes) { return .yes }
        let isClear = codings.count == concepts.count && known.isSubset(of: Self.knownActions)
        return isClear && codings.allSatisfy({ $0.system == Self.actionSystem })
            && known.isDisjoint(with: wanted.takes.union(wanted.touches)) ? .no : .maybe
    }

    private static let knownActions: Set<String> = ["collect", "access", "use", "disclose", "correct"]

    private static let purposeSystem = "http://terminology.hl7.org/CodeSystem/v3-ActReason"

    /// By the explicit table of `purposes.yaml` alone: in HL7's own hierarchy POPHLTH would be treatment.
    private func purpose(_ coding: FHIRConsent.Coding) -> ConsentMatch {
        guard coding.system == Self.purposeSystem, let code = coding.code,
            let named = request.hierarchy.purpose(vocabulary: "v3-ActReason", code: code)
        else { return .maybe }
        if request.hierarchy.isWithin(request.purpose, named) { return .yes }
        return request.hierarchy.isWithin(named, request.purpose) ? .maybe : .no
    }

    // MARK: - Which records

    private static let confidentialitySystem = "http://terminology.hl7.org/CodeSystem/v3-Confidentiality"

    /// A label covers what is labelled so or lower.
    private func label(_ coding: FHIRConsent.Coding) -> ConsentMatch {
        guard coding.system == Self.confidentialitySystem,
            let label = coding.code.flatMap(ConsentRequest.Confidentiality.init)
        else { return .maybe }
        return request.confidentiality <= label ? .yes : .no
    }

    private func recordClass(_ coding: FHIRConsent.Coding) -> ConsentMatch {
        guard let recordClass, let code = coding.code else { return .maybe }
        switch coding.system {
        case "http://hl7.org/fhir/resource-types": return code == recordClass ? .yes : .no
        case "http://hl7.org/fhir/StructureDefinition":
            return code == recordClass ? .yes : .maybe
        default:
            // A profile or a document type: it may be one of ours.
            return .maybe
        }
    }
}
