import Core
import Foundation

/// The request and its surroundings in the policies' vocabulary (`Policies/README.md`).
extension AccessRequest {
    func cedarRequest() -> CedarRequest {
        var context: [CedarText: CedarValue] = [
            "columns": .set(Set(columns.map(CedarValue.string))),
            "codelists": .set(Set(codelists.map(CedarValue.string))),
            "isSynthetic": .bool(isSynthetic),
            "now": .datetime(Int64((now.timeIntervalSince1970 * 1000).rounded())),
            "columnsAreWithinAgreement": .bool(columnsOutside.isEmpty),
        ]
        if let purpose { context["purpose"] = .entity(EntityUID("Purpose", purpose.name)) }
        if let agreement { context["agreement"] = .entity(EntityUID("Agreement", agreement.agreement.id)) }
        return CedarRequest(
            principal: EntityUID("User", user), action: EntityUID("Action", action.rawValue),
            resource: EntityUID("Controller", controller.text), context: context)
    }

    func cedarEntities(_ hierarchy: PurposeHierarchy) -> CedarEntities {
        let organisation = EntityUID("Organisation", requester.text)
        var entities: [EntityUID: CedarEntities.Entity] = [
            EntityUID("User", user): .init(parents: [organisation]),
            organisation: .init(),
            EntityUID("Controller", controller.text): .init(),
        ]
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
        let legal = agreement.legalContext
        return [
            "state": .string(record.state(for: controller, on: today).rawValue),
            "requester": .entity(EntityUID("Organisation", agreement.requester.text)),
            "controllers": .set(
                Set(agreement.controllers.map { .entity(EntityUID("Controller", $0.text)) })),
            "actions": .set(Set(agreement.actions.map { .entity(EntityUID("Action", $0.rawValue)) })),
            "purpose": .entity(EntityUID("Purpose", agreement.purpose.name)),
            "article6": .string(legal.article6.rawValue),
            "article9": .string(legal.article9.rawValue),
            "gateway": .string(legal.gateway.rawValue),
            "releaseForm": .string(agreement.releaseForm.rawValue),
            "disclosureProfile": .string(agreement.disclosureProfile),
        ]
    }
}
