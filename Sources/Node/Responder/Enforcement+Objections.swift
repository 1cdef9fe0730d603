internal import Core
internal import Exchange
internal import Policy
internal import Query
internal import Store
internal import Warehouse

extension Enforcement {
    /// Whom upheld objections take out of this question; nil where nobody objects to it, or where the gateway
    /// leaves objections no room (`opt-outs.yaml`, scheme `objection`).
    ///
    /// As they stand now, not as they stood at the publication.
    func objections(_ permit: Permit) async throws -> PeopleTable? {
        guard permit.obligations.honour.contains(.objection) else { return nil }
        let numbers = try await context.objections.objectors(
            agreement: request.agreementID, purpose: request.purpose, in: permit.policy.engine.purposes)
        guard !numbers.isEmpty else { return nil }
        return PeopleTable("objection", numbers, secret: SiteSecrets.peopleTables(context.vault))
    }

    /// Makes the tables that the fragments read beside what the publication froze; before anything is run.
    func prepare(_ frame: Frame) async throws {
        guard let warehouse = context.warehouse else { return }
        for table in frame.people {
            let engine = try await warehouse.questions(about: frame.publication.id)
            try await warehouse.peopleTables.make(table, in: frame.publication.schema, engine)
        }
    }
}
