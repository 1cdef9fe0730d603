internal import Audit
internal import Core
internal import Crypto
internal import Exchange
internal import Foundation
internal import Policy
internal import Store

/// Records, lists and withdraws objections at a controller.
struct ObjectionAdministration: Sendable {
    let context: NodeContext

    /// The longest reason, in characters.
    private static let longestReason = 2_000

    /// In force with the next question; an entry of the log says that there is a decision, not about whom.
    func record(
        _ number: String, scope: String, of name: String?, decision: String, reason: String
    ) async throws -> String {
        _ = try context.controllersWarehouse()
        let person = try PersonNumber.read(number, at: context)
        let scope = try await self.scope(scope, name)
        guard let decision = Objection.Outcome(rawValue: decision) else {
            throw NodeError(.input, "--decision takes upheld or declined")
        }
        let words = try Self.reason(reason)
        let objection = try await Self.told {
            try await context.objections.record(person, scope, decision, reason: words, at: Date())
        }
        try await log()
        let effect =
            decision == .upheld
            ? "in force from the next question on" : "kept and reported; questions are answered as before"
        return "objection \(objection.id) (\(scope.words)) is \(decision.rawValue): \(effect)"
    }

    func withdraw(_ id: Int64, reason: String) async throws -> String {
        _ = try context.controllersWarehouse()
        let words = try Self.reason(reason)
        let objection = try await Self.told {
            try await context.objections.withdraw(id, reason: words, at: Date())
        }
        try await log()
        let effect =
            objection.decision == .upheld ? "; the person is counted again from the next question on" : ""
        return "objection \(id) (\(objection.scope.words)) is withdrawn\(effect)"
    }

    /// - Parameter reveal: NHS numbers whole; the log bears that they were shown.
    func list(reveal: Bool) async throws -> NodeReply {
        _ = try context.controllersWarehouse()
        try await log()
        let objections = try await context.objections.all()
        if reveal {
            _ = try await context.audit.append(
                AuditRecord(
                    kind: .administration, at: Clock.now,
                    details: ["act": "objections-revealed", "objections": String(objections.count)]))
        }
        return .listing(
            columns: ["id", "nhs_number", "scope", "decision", "recorded_at", "withdrawn_at", "reason"],
            rows: objections.map { objection in
                [
                    String(objection.id),
                    reveal ? objection.number : "…" + objection.number.suffix(3),
                    objection.scope.words, objection.decision.rawValue,
                    Clock.text(objection.recordedAt * 1000),
                    objection.withdrawal.map { Clock.text($0.at * 1000) } ?? "", objection.reason,
                ]
            })
    }

    /// Brings every act into the log that is not known to be there: also those before a crash.
    func log() async throws {
        for act in try await context.objections.unlogged() {
            let entry = try await context.audit.append(
                AuditRecord(
                    kind: .administration, at: Clock.now,
                    details: [
                        "act": "objection-\(act.kind.rawValue)", "objection": String(act.objection.id),
                        "scope": act.objection.scope.words, "decision": act.objection.decision.rawValue,
                        "digest": try digest(act.objection),
                    ]))
            try await context.objections.logged(act, entry: Int64(entry.index))
        }
    }

    /// Of what was decided about whom, under a key of the node: NHS numbers are few enough to try all of them.
    private func digest(_ objection: Objection) throws -> String {
        let facts = [
            String(objection.id), objection.number, objection.scope.words, objection.decision.rawValue,
            objection.reason, String(objection.recordedAt),
        ]
        let key = SymmetricKey(data: SiteSecrets.objections(context.vault))
        let code = HMAC<SHA256>.authenticationCode(for: Data(try JSON.encode(facts)), using: key)
        return Hexadecimal.encode(Array(code))
    }

    private func scope(_ kind: String, _ name: String?) async throws -> Objection.Scope {
        switch (kind, name) {
        case ("all", nil): return .all
        case ("agreement", let id?):
            let day = CivilDate(days: Int(Clock.days(Clock.now)))
            guard try await context.agreements.current(id, for: context.organisation, on: day) != nil else {
                throw NodeError(
                    .input, "no agreement '\(id)' is known here; 'concordat agreement list' has them")
            }
            return .agreement(id)
        case ("purpose", let term?):
            let purposes = try context.policy.current().engine.purposes
            guard let purpose = Purpose(term), purposes.contains(purpose) else {
                let known = purposes.terms.map(\.name).joined(separator: ", ")
                throw NodeError(.input, "'\(term)' is no purpose; write one of \(known)")
            }
            return .purpose(purpose)
        default:
            throw NodeError(
                .input,
                "write --scope all, --scope agreement with --agreement, or --scope purpose with --purpose")
        }
    }

    /// What the register does not take is what somebody wrote: they are told so.
    private static func told(_ body: () async throws -> Objection) async throws -> Objection {
        do { return try await body() } catch let fault as ObjectionFault {
            throw NodeError(.input, fault.description)
        }
    }

    private static func reason(_ text: String) throws -> String {
        let reason = text.trimmingCharacters(in: .whitespacesAndNewlines)
        guard !reason.isEmpty else { throw NodeError(.input, "give a reason: the person may ask for it") }
        guard reason.count <= longestReason else {
            throw NodeError(.input, "the reason is longer than \(longestReason) characters")
        }
        return reason
    }
}

/// NHS numbers as people give them.
enum PersonNumber {
    /// - Throws: `NodeError` that does not say the number.
    static func read(_ text: String, at context: NodeContext) throws -> NHSNumber {
        guard let number = NHSNumber(text.trimmingCharacters(in: .whitespacesAndNewlines)) else {
            throw NodeError(
                .input,
                "that is not an NHS number: ten digits of which the last checks the others (modulus 11)")
        }
        guard !context.configuration.isSynthetic || number.isSynthetic else {
            throw NodeError(
                .input, "this node holds synthetic people only: their NHS numbers begin with 999")
        }
        return number
    }
}
