internal import Core
internal import Exchange
internal import Foundation
internal import Policy

/// An agreement under which this node may ask today: what somebody has to know who chooses one.
package struct AskableAgreement: Codable, Sendable {
    package struct Organisation: Codable, Sendable {
        package let code: String
        package let name: String
    }

    /// What a question may be for: the agreement's purpose, and what stands below it.
    package struct PurposeChoice: Codable, Sendable {
        package let name: String
        package let title: String
    }

    package let id: String
    package let version: Int
    package let title: String
    /// The agreement's own purpose first.
    package let purposes: [PurposeChoice]
    /// In the words of those who signed; nil where they wrote none.
    package let purposeText: String?
    /// Days, YYYY-MM-DD; the last one is the last on which it holds.
    package let validFrom: String
    package let validUntil: String
    package let daysLeft: Int
    package let controllers: [Organisation]
    /// Counts people once who are known to several; nil where nobody does.
    package let linker: Organisation?
    package let profile: String
    /// Tables that it covers.
    package let datasets: [String]
    /// Questions that it was signed for, in SQL.
    package let examples: [String]
}

extension AskableAgreement {
    /// In the order of their names.
    static func all(_ context: NodeContext) async throws -> [AskableAgreement] {
        let now = WireInstant(milliseconds: Clock.now)
        let purposes = try context.policy.current().engine.purposes
        var found: [AskableAgreement] = []
        for id in Set(try await context.agreements.list().map(\.agreement.id)).sorted() {
            guard let body = try await context.agreementInForce(id, at: now)?.body,
                body.requester == context.organisation
            else { continue }
            found.append(AskableAgreement(body, context, purposes))
        }
        return found
    }

    private init(_ body: Agreement, _ context: NodeContext, _ hierarchy: PurposeHierarchy) {
        func organisation(_ code: OrganisationCode) -> Organisation {
            Organisation(code: code.text, name: context.name(of: code))
        }
        let narrower = hierarchy.terms.filter { $0 != body.purpose && hierarchy.isWithin($0, body.purpose) }
        self.init(
            id: body.id, version: body.version, title: body.title,
            purposes: ([body.purpose] + narrower).map {
                PurposeChoice(name: $0.name, title: hierarchy.title(of: $0))
            },
            purposeText: body.purposeText, validFrom: body.validFrom.description,
            validUntil: body.validUntil.description,
            daysLeft: body.validUntil.days - Int(Clock.days(Clock.now)),
            controllers: body.controllers.map(organisation), linker: body.linker.map(organisation),
            profile: body.disclosureProfile, datasets: body.datasets.keys.sorted(),
            examples: body.examples ?? [])
    }
}
