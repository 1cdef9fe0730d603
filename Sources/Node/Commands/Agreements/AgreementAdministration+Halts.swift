internal import Audit
internal import Core
internal import Exchange
internal import Foundation
internal import Policy

extension AgreementAdministration {
    /// Halts an agreement here, or takes a suspension back: at once, whoever else can be reached.
    ///
    /// In force when it is written down; then what is being answered under it is cancelled, and those whom it
    /// concerns are told, now or as soon as they can be reached.
    func halt(_ id: String, _ act: AgreementNotice.Act, _ reason: String) async throws -> String {
        let now = WireInstant(milliseconds: Clock.now)
        guard let agreement = try await context.agreement(id, at: now)?.body,
            agreement.parties.contains(context.organisation)
        else {
            throw NodeError(.agreement, "no agreement '\(id)' to which this node is a party is known here")
        }
        guard (1...AgreementNotice.longestReason).contains(reason.utf8.count) else {
            throw NodeError(
                .agreement, "--reason takes 1 to \(AgreementNotice.longestReason) bytes, nothing about a person")
        }
        try await write(act, id, reason)
        try await context.endQuestionsIfHalted(id)
        let notice = AgreementNotice(agreementID: id, act: act, reason: reason, at: now)
        _ = try await context.audit.append(
            AuditRecord(
                kind: .agreement, at: Clock.now, details: ["agreement": id, "act": act.rawValue]))
        try await context.notices.put(
            notice, to: NoticePost.recipients(of: agreement, from: context.organisation))
        await context.deliverNotices()
        return try await "'\(id)' is \(act.rawValue) here, at once\(act == .revoked ? " and for good" : "")"
            + undelivered(id)
    }

    private func write(_ act: AgreementNotice.Act, _ id: String, _ reason: String) async throws {
        let organisation = context.organisation
        switch act {
        case .revoked: try await context.agreements.revoke(id, by: organisation, reason: reason, at: Date())
        case .suspended:
            try await context.agreements.suspend(id, by: organisation, reason: reason, at: Date())
        case .resumed:
            let halts = try await context.agreements.halts(id).filter { $0.organisation == organisation }
            guard halts.contains(where: { $0.act == .suspended }) else {
                throw NodeError(.agreement, "'\(id)' is not suspended by this node")
            }
            try await context.agreements.resume(id, by: organisation)
        }
    }

    private func undelivered(_ id: String) async throws -> String {
        let waiting = try await context.notices.undelivered()[id] ?? []
        guard !waiting.isEmpty else { return "; those whom it concerns have been told" }
        return "; notice not delivered yet: \(waiting.map(\.text).sorted().joined(separator: ", ")) "
            + "(tried again while this node serves)"
    }

    func list() async throws -> NodeReply {
        let day = CivilDate(days: Int(Clock.days(Clock.now)))
        let waiting = try await context.notices.undelivered()
        var rows: [[String]] = []
        for record in try await context.agreements.list() {
            let agreement = record.agreement
            let halts = try await context.agreements.halts(agreement.id)
            rows.append([
                agreement.id, String(agreement.version), agreement.title, agreement.purpose.name,
                agreement.requester.text, agreement.controllers.map(\.text).joined(separator: " "),
                agreement.disclosureProfile, agreement.validUntil.description,
                record.state(for: context.organisation, on: day).rawValue,
                halts.map { "\($0.organisation) \($0.act.rawValue)" }.joined(separator: ", "),
                waiting[agreement.id].map {
                    "not delivered yet: " + $0.map(\.text).sorted().joined(separator: ", ")
                } ?? "",
            ])
        }
        return .listing(
            columns: [
                "id", "version", "title", "purpose", "requester", "controllers", "profile", "until", "state",
                "halted", "notice",
            ], rows: rows)
    }
}
