internal import Core
internal import Disclosure
internal import Exchange
internal import Foundation
internal import Query
internal import Store

extension Enforcement {
    /// What the ledger keeps of a release so that it can be told later who was counted in it.
    func counted(_ fragments: [Fragment], _ frame: Frame) throws -> ReleaseCohorts.Counted {
        let used = UsedNames(fragments)
        let read = Set(used.columns.map { String($0.prefix { $0 != "." }) })
        let note = ReleaseCohorts.Note(
            requester: sender.text, purpose: request.purpose.name,
            isLinked: request.fragments.contains(where: \.linked),
            kinds: Set(fragments.flatMap(\.shapes).map(\.kind.rawValue)).sorted(),
            columns: (used.columns.union(datasets(fragments).subtracting(read))).sorted(),
            tables: Dictionary(
                uniqueKeysWithValues: used.tables.map { ($0, context.referenceDigest($0) ?? "") }))
        let statements = try fragments.map {
            try MembersQuery($0, physical: physical(frame), obligations: frame.enforced).sql
        }
        return ReleaseCohorts.Counted(note, statements: statements)
    }

    func datasets(_ fragments: [Fragment]) -> Set<String> {
        fragments.reduce(into: []) { $0.formUnion(Self.datasets(.aggregate($1.aggregate))) }
    }

    private static func datasets(_ plan: Plan) -> Set<String> {
        if case .scan(let scan) = plan, case .dataset(let name) = scan.source { return [name] }
        return plan.inputs.reduce(into: []) { $0.formUnion(datasets($1)) }
    }
}

extension NodeContext {
    /// Forgets who was counted in releases that are older than the node keeps that.
    func forgetCounted(at now: Int64) async throws {
        let days = Double(configuration.countedRetentionDays)
        let day = Date(timeIntervalSince1970: Double(now) / 1000 - days * 86_400)
        try await ledger.cohorts.forget(before: day)
    }
}
