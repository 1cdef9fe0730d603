internal import Audit
internal import Core
internal import Exchange
internal import Foundation
internal import Store
internal import Warehouse

/// What a controller's staff see of who its patients are, and of what could not be told.
struct IdentityAdministration: Sendable {
    let context: NodeContext
    /// Whose patients; nil for the node's own organisation.
    var controller: OrganisationCode?

    func run(_ command: IdentityCommand) async throws -> NodeReply {
        let warehouse = try context.holding(of: controller).warehouse
        let census = IdentityCensus(warehouse: warehouse)
        switch command {
        case .report:
            let lines = try await warehouse.engine.withSession { try await census.lines(in: $0) }
            return .listing(columns: ["what", "count"], rows: lines.map { [$0.what, String($0.count)] })
        case .list:
            let found = try await warehouse.engine.withSession { try await census.conflicts(in: $0) }
            return .listing(
                columns: ["id", "conflict", "patients", "keeping"],
                rows: found.map {
                    [
                        id(of: $0, warehouse), $0.kind.rawValue, String($0.patients.count),
                        String($0.keeping.count),
                    ]
                })
        case .show(let id): return try await show(id, census, warehouse)
        }
    }

    /// Tells nothing of whom the conflict is about.
    private func id(of conflict: IdentityConflict, _ warehouse: SiteWarehouse) -> String {
        let text = ([warehouse.controller.text, conflict.kind.rawValue] + conflict.patients)
            .joined(separator: "\u{0}")
        return String(Digest(of: warehouse.localKey.secret + Array(text.utf8)).description.prefix(16))
    }

    private func show(
        _ id: String, _ census: IdentityCensus, _ warehouse: SiteWarehouse
    ) async throws -> NodeReply {
        let all = try await warehouse.engine.withSession { try await census.conflicts(in: $0) }
        let found = id.isEmpty ? [] : all.filter { self.id(of: $0, warehouse).hasPrefix(id.lowercased()) }
        guard let conflict = found.first else {
            throw NodeError(.input, "there is no conflict '\(id)': 'concordat identity list' has them")
        }
        guard found.count == 1 else {
            throw NodeError(.input, "\(found.count) conflicts begin with '\(id)': write more of its digits")
        }
        let whole = self.id(of: conflict, warehouse)
        _ = try await context.audit.append(
            AuditRecord(
                kind: .administration, at: Clock.now, details: ["act": "identity-show", "conflict": whole]))
        let keeping = Set(conflict.keeping)
        return .listing(
            columns: ["conflict", "patient", "number"],
            rows: conflict.patients.map {
                [conflict.kind.rawValue, $0, keeping.contains($0) ? "kept" : "not used"]
            })
    }
}
