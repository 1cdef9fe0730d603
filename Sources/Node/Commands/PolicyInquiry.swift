internal import Core
internal import Foundation
internal import Policy
internal import Store

/// What the policy tools want to know of a node.
struct PolicyInquiry {
    let context: NodeContext

    /// `PolicyFacts` as JSON: the policies the node decides by, and of each agreement the version that counts here.
    func facts() async throws -> String {
        let organisation = context.organisation
        let today = CivilDate(days: Int(Clock.now / 86_400_000))
        var records: [AgreementRecord] = []
        for id in Set(try await context.agreements.list().map(\.agreement.id)).sorted() {
            if let record = try await context.agreements.current(id, for: organisation, on: today) {
                records.append(record)
            }
        }
        let facts = try PolicyFacts(
            organisation: organisation, isSynthetic: context.configuration.isSynthetic,
            files: try context.policy.currentFiles(), agreements: records)
        return String(decoding: try JSONEncoder().encode(facts), as: UTF8.self)
    }
}
