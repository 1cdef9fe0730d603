internal import Audit
internal import Core
internal import Foundation
internal import Store

/// Relationships of care, alerts and reviews: what an operator, a privacy officer and a reviewer do.
struct CareAdministration: Sendable {
    let context: NodeContext
    private let desk: CareDesk

    init(context: NodeContext) {
        self.context = context
        desk = CareDesk(context: context)
    }

    func run(_ command: CareCommand) async throws -> NodeReply {
        switch command {
        case .showRecord(let request): return try await desk.show(request)
        case .recordRelationship(let number, let user, let basis, let until):
            return .done(try await record(number, user, basis, until))
        case .listRelationships: return try relationships()
        case .endRelationship(let id): return .done(try await end(id))
        case .listAlerts(let all): return try alerts(all)
        case .acknowledgeAlert(let id, let user): return .done(try await acknowledge(id, user))
        case .listReviews(let all): return try reviews(all)
        case .closeReview(let id, let user, let outcome, let note):
            return .done(try await close(id, user, outcome, note))
        }
    }

    // MARK: - Relationships

    private func record(
        _ number: String, _ user: String, _ basis: String, _ until: String
    ) async throws -> String {
        let person = desk.pseudonym(of: try desk.number(number))
        guard let last = Civil.parseDate(until) else {
            throw NodeError(.input, "--until takes a day, YYYY-MM-DD")
        }
        guard Int(last) >= Int(Clock.days(desk.now)) else {
            throw NodeError(.input, "--until is in the past")
        }
        guard !user.isEmpty, !basis.isEmpty else {
            throw NodeError(.input, "a relationship needs a user and a basis")
        }
        let id = try desk.care.record(
            user: user, person: person, basis: basis, untilDay: Int(last), at: desk.now)
        try await log(["act": "relationship-recorded", "id": String(id), "user": user, "person": person])
        return "relationship \(id) is recorded until \(until)"
    }

    private func end(_ id: Int) async throws -> String {
        guard try desk.care.end(id, at: desk.now) else {
            throw NodeError(
                .input, "no relationship \(id) that has not ended; see 'concordat relationship list'")
        }
        try await log(["act": "relationship-ended", "id": String(id)])
        return "relationship \(id) has ended"
    }

    private func relationships() throws -> NodeReply {
        let today = Int(Clock.days(desk.now))
        return .listing(
            columns: ["id", "user", "person", "basis", "recorded", "until", "state"],
            rows: try desk.care.relationships().map { row in
                let state = row.endedAt != nil ? "ended" : row.untilDay < today ? "run out" : "in force"
                return [
                    String(row.id), row.user, row.person, row.basis, Clock.text(row.recordedAt),
                    Civil.formatDate(row.untilDay), state,
                ]
            })
    }

    // MARK: - Alerts and reviews

    private func alerts(_ all: Bool) throws -> NodeReply {
        .listing(
            columns: ["id", "at", "for", "user", "person", "acknowledged_by"],
            rows: try desk.care.alerts().filter { all || $0.acknowledgedBy == nil }.map {
                [String($0.id), Clock.text($0.at), $0.role, $0.user, $0.person, $0.acknowledgedBy ?? ""]
            })
    }

    private func acknowledge(_ id: Int, _ user: String) async throws -> String {
        guard !user.isEmpty, try desk.care.acknowledge(id, by: user, at: desk.now) else {
            throw NodeError(
                .input, "no alert \(id) waits for \(user): nobody acknowledges what they did themselves")
        }
        try await log(["act": "alert-acknowledged", "id": String(id), "user": user])
        return "alert \(id) is acknowledged"
    }

    private func reviews(_ all: Bool) throws -> NodeReply {
        .listing(
            columns: ["id", "at", "user", "person", "reason", "outcome", "closed_by", "note"],
            rows: try desk.care.reviews().filter { all || $0.outcome == nil }.map {
                [
                    String($0.id), Clock.text($0.at), $0.user, $0.person, $0.reason, $0.outcome ?? "",
                    $0.closedBy ?? "", $0.note ?? "",
                ]
            })
    }

    private func close(_ id: Int, _ user: String, _ outcome: String, _ note: String) async throws -> String {
        guard ["justified", "not-justified"].contains(outcome) else {
            throw NodeError(.input, "--outcome is justified or not-justified")
        }
        guard !note.isEmpty else { throw NodeError(.input, "a review needs a note") }
        guard !user.isEmpty, try desk.care.close(id, by: user, outcome: outcome, note: note, at: desk.now)
        else {
            throw NodeError(
                .input, "no review \(id) is open for \(user): nobody reviews what they did themselves")
        }
        try await log(["act": "review-closed", "id": String(id), "user": user, "outcome": outcome])
        return "review \(id) is closed: \(outcome)"
    }

    private func log(_ details: [String: String]) async throws {
        _ = try await context.audit.append(
            AuditRecord(kind: .administration, at: desk.now, details: details))
    }
}
