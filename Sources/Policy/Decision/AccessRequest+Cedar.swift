import Core
import Foundation

extension PolicyEngine {
    /// The request in the policies' vocabulary (`Policies/README.md`).
    package func cedarRequest(of request: AccessRequest) -> CedarRequest {
        request.cedarRequest(columnClasses)
    }

    /// The entities that a request is decided over.
    package func cedarEntities(of request: AccessRequest) -> CedarEntities { request.cedarEntities(purposes) }

    /// The classes of the columns that a request uses.
    package func columnClasses(of request: AccessRequest) -> Set<String> {
        Set(request.columns.map(columnClasses.of))
    }
}

/// The request and its surroundings in the policies' vocabulary. The legal context is the agreement's: nothing in
/// a request can say it.
extension AccessRequest {
    func cedarRequest(_ classes: ColumnClasses) -> CedarRequest {
        CedarRequest(
            principal: EntityUID("User", user), action: EntityUID("Action", action.rawValue),
            resource: EntityUID("Controller", controller.text),
            context: action.isLocal ? surroundings : question(classes))
    }

    private var surroundings: [CedarText: CedarValue] {
        [
            "isSynthetic": .bool(isSynthetic),
            "now": .datetime(Int64((now.timeIntervalSince1970 * 1000).rounded())),
        ]
    }

    private func question(_ classes: ColumnClasses) -> [CedarText: CedarValue] {
        var context = surroundings
        context["columns"] = .set(Set(columns.map(CedarValue.string)))
        context["columnClasses"] = Self.entities("ColumnClass", columns.map(classes.of))
        context["datasets"] = Self.entities("Dataset", datasets)
        context["codelists"] = Self.entities("Codelist", codelists.map(Self.bareName))
        context["columnsAreWithinAgreement"] = .bool(columnsOutside.isEmpty)
        if let purpose { context["purpose"] = .entity(EntityUID("Purpose", purpose.name)) }
        if let agreement {
            context["agreement"] = .entity(EntityUID("Agreement", agreement.agreement.id))
            context["legalContext"] = .record(Self.fields(agreement.agreement.legalContext))
        }
        if let care {
            context["care"] = .record([
                "hasLegitimateRelationship": .bool(care.hasLegitimateRelationship),
                "isBreakGlass": .bool(care.isBreakGlass), "hasReason": .bool(care.hasReason),
                "recentBreakGlassUses": .long(Int64(care.recentBreakGlassUses)),
            ])
        }
        return context
    }

    private static func entities(_ type: String, _ names: some Sequence<String>) -> CedarValue {
        .set(Set(names.map { .entity(EntityUID(type, $0)) }))
    }

    /// `codelist.name` is `Codelist::"name"`.
    private static func bareName(_ codelist: String) -> String {
        codelist.hasPrefix("codelist.") ? String(codelist.dropFirst("codelist.".count)) : codelist
    }

    private static func fields(_ legal: LegalContext) -> [CedarText: CedarValue] {
        var fields: [CedarText: CedarValue] = [
            "article6": .string(legal.article6.rawValue), "article9": .string(legal.article9.rawValue),
            "gateway": .string(legal.gateway.rawValue),
        ]
        let references = legal.references
        fields["cag"] = references.cag.map(CedarValue.string)
        fields["dars"] = references.dars.map(CedarValue.string)
        fields["dsa"] = references.dsa.map(CedarValue.string)
        fields["dpia"] = references.dpia.map(CedarValue.string)
        fields["cagReviewDue"] = references.cagReviewDue.map { .datetime(Int64($0.days) * 86_400_000) }
        return fields
    }

    func cedarEntities(_ hierarchy: PurposeHierarchy) -> CedarEntities {
        let organisation = EntityUID("Organisation", requester.text)
        let roles = roles.map { EntityUID("Role", $0.rawValue) }
        var entities: [EntityUID: CedarEntities.Entity] = [
            EntityUID("User", user): .init(parents: Set(roles).union([organisation])),
            organisation: .init(),
            EntityUID("Controller", controller.text): .init(attributes: [
                "organisation": .entity(EntityUID("Organisation", controller.text))
            ]),
        ]
        for action in AccessAction.overData {
            entities[EntityUID("Action", action.rawValue)] = .init(parents: [AccessAction.group])
        }
        for term in hierarchy.terms {
            let parents = hierarchy.parent(of: term).map { [EntityUID("Purpose", $0.name)] } ?? []
            entities[EntityUID("Purpose", term.name)] = .init(parents: Set(parents))
        }
        if let record = agreement {
            entities[EntityUID("Agreement", record.agreement.id)] = .init(attributes: attributes(of: record))
        }
        return CedarEntities(entities)
    }

    private func attributes(of record: AgreementRecord) -> [CedarText: CedarValue] {
        let agreement = record.agreement
        return [
            "state": .string(record.state(for: controller, on: today).rawValue),
            "requester": .entity(EntityUID("Organisation", agreement.requester.text)),
            "controllers": Self.entities("Controller", agreement.controllers.map(\.text)),
            "actions": Self.entities("Action", agreement.actions.map(\.rawValue)),
            "purpose": .entity(EntityUID("Purpose", agreement.purpose.name)),
            "releaseForm": .string(agreement.releaseForm.rawValue),
            "disclosureProfile": .string(agreement.disclosureProfile),
        ]
    }
}
