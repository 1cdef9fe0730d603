internal import Audit
internal import Catalog
internal import Core
internal import Crypto
internal import Exchange
internal import Foundation
internal import Logging
internal import Policy
internal import Store
internal import Synchronization

/// One person's record for those who care for them: the door for direct care, at the controller itself.
///
/// Order: the facts that the node establishes itself, the decision, the use of the glass counted, the log's leaf,
/// and only then is a row read.
struct CareDesk: Sendable {
    let context: NodeContext
    let care: CareStore
    let now: Int64

    init(context: NodeContext, now: Int64 = Clock.now) {
        self.context = context
        self.now = now
        care = CareStore(store: context.store, vault: context.vault)
    }

    func show(_ request: RecordRequest) async throws -> NodeReply {
        let warehouse = try context.controllersWarehouse()
        let number = try number(request.number)
        guard let role = UserRole(rawValue: request.role) else {
            let known = UserRole.allCases.map(\.rawValue).joined(separator: ", ")
            throw NodeError(.input, "unknown role; write one of \(known)")
        }
        let excluded: Set<String>
        let decision: Decision
        var note: DecisionNote?
        let agreement = try await agreement(request.agreement)
        do {
            try refuseIncluding(request)
            (decision, note) = try await decide(request, role, agreement, number, warehouse)
            guard decision.isPermit else {
                throw SiteRefusal(rule: decision.determining.first ?? "policy", words: decision.reason)
            }
            excluded = try self.excluded(request, decision)
        } catch let refusal as SiteRefusal {
            _ = try await audit(
                .decision, request, number, agreement, note, ["outcome": "refused", "rule": refusal.rule])
            return .refused(rule: refusal.rule, words: refusal.words)
        }
        if request.isBreakGlass {
            context.log.warning(
                "the glass was broken: the privacy officer is to look", metadata: ["user": "\(request.user)"])
        }
        let entry = try await audit(
            .release, request, number, agreement, note,
            ["outcome": "shown", "policies": decision.determining.joined(separator: " ")])
        let record = PersonRecord(
            warehouse: warehouse,
            lists: context.catalog.codelists.filter { excluded.contains($0.key) }.map(\.value),
            covers: { agreement?.body.covers(column: $0) == true })
        var sections: [CareRecord.Section] = []
        if let person = try await warehouse.personID(of: number) {
            sections = try await record.sections(person)
        }
        return .record(
            CareRecord(
                logEntry: Int(entry.index), agreement: agreement?.body.id ?? "",
                policies: decision.determining, sections: sections, notes: notes(excluded)))
    }

    /// Words that do not depend on what there is.
    private func notes(_ excluded: Set<String>) -> [String] {
        excluded.isEmpty
            ? []
            : [
                "whatever belongs to an episode with a code of "
                    + "\(excluded.sorted().joined(separator: ", ")) is not shown"
            ]
    }

    // MARK: - Facts and decision

    func number(_ text: String) throws -> NHSNumber {
        guard let number = NHSNumber(text) else {
            throw NodeError(.input, "this is no NHS number: it has ten digits, the last a check digit")
        }
        return number
    }

    /// The agreement named, or the only one of this organisation with itself for reading records.
    private func agreement(_ id: String?) async throws -> LiveAgreement? {
        let instant = WireInstant(milliseconds: now)
        if let id { return try await context.agreement(id, at: instant) }
        let day = CivilDate(days: Int(Clock.days(now)))
        let own = try await context.agreements.list().filter {
            $0.agreement.requester == context.organisation && $0.agreement.permits(.readRecord)
                && $0.state(for: context.organisation, on: day) == .inForce
        }
        guard own.count < 2 else {
            throw NodeError(
                .input, "several agreements let this organisation read records: name one with --agreement")
        }
        guard let only = own.first else { return nil }
        return try await context.agreement(only.agreement.id, at: instant)
    }

    private func decide(
        _ request: RecordRequest, _ role: UserRole, _ agreement: LiveAgreement?, _ number: NHSNumber,
        _ warehouse: SiteWarehouse
    ) async throws -> (Decision, DecisionNote) {
        let pseudonym = pseudonym(of: number)
        let today = Int(Clock.days(now))
        var isRelated = try care.hasRelationship(user: request.user, person: pseudonym, on: today)
        if !isRelated, let person = try await warehouse.personID(of: number) {
            let window = context.configuration.careWindowDays
            isRelated = try await warehouse.hasEncounter(person, since: today - window, until: today)
        }
        let reason = (request.reason ?? "").trimmingCharacters(in: .whitespacesAndNewlines)
        let columns = columns.filter { agreement?.body.covers(column: $0) == true }
        let (context, hasRelationship, now) = (context, isRelated, now)
        let policy = try context.policy.current()
        let note = Mutex(DecisionNote(policy, at: now))
        let decide: @Sendable (Int) -> Decision = { uses in
            let asked = AccessRequest(
                requester: context.organisation, controller: context.organisation, user: request.user,
                roles: [role], action: .readRecord, agreement: agreement?.record,
                statedPurpose: nil, columns: columns,
                codelists: Set(request.including.map { "codelist." + RestrictedName.bare($0) }),
                care: CareFacts(
                    hasLegitimateRelationship: hasRelationship, isBreakGlass: request.isBreakGlass,
                    hasReason: !reason.isEmpty, recentBreakGlassUses: uses),
                isSynthetic: context.configuration.isSynthetic,
                now: Date(timeIntervalSince1970: Double(now) / 1000))
            let decision = policy.engine.decide(asked)
            let input = policy.engine.canonicalInput(
                of: asked, agreementDigest: agreement?.digest.description)
            note.withLock { $0.take(decision, input: input) }
            return decision
        }
        let decision = try care.admit(
            .init(
                user: request.user, person: pseudonym, isBreakGlass: request.isBreakGlass, reason: reason,
                at: now),
            decide: decide)
        return (decision, note.withLock { $0 })
    }

    /// Every column that analysts see, but for who and where.
    private var columns: Set<String> {
        Set(
            context.catalog.datasets.values.flatMap { dataset in
                dataset.columns.filter { !$0.isPerson && $0.name != "site" }.map {
                    "\(dataset.name).\($0.name)"
                }
            })
    }

    // MARK: - Restricted episodes

    /// Breaking the glass opens no restricted episode, whatever a policy says.
    private func refuseIncluding(_ request: RecordRequest) throws {
        guard request.isBreakGlass, !request.including.isEmpty else { return }
        throw SiteRefusal(
            rule: "restricted",
            words: "breaking the glass does not open restricted episodes: ask without them")
    }

    /// The lists whose episodes are left out: all restricted ones that were not asked for and allowed, and
    /// whatever the policies exclude.
    private func excluded(_ request: RecordRequest, _ decision: Decision) throws -> Set<String> {
        guard decision.obligations.honour.isEmpty else {
            throw SiteRefusal(
                rule: "opt-out",
                words: "the policies ask for an opt-out that is not carried out for single records")
        }
        let asked = Set(request.including.map(RestrictedName.bare))
        let demanded = Set(decision.obligations.excludedCodelists.map(RestrictedName.bare))
        for name in asked.union(demanded) { try context.requireHeld(restricted: name) }
        return context.catalog.restricted.subtracting(asked).union(demanded)
    }

    // MARK: - Log

    /// A person in the log and in the control store: by a key of this node, never by number.
    func pseudonym(of number: NHSNumber) -> String {
        let key = SymmetricKey(data: context.vault.derive(label: "direct care person"))
        let code = HMAC<Crypto.SHA256>.authenticationCode(for: Data(number.digits.utf8), using: key)
        return Hexadecimal.encode(Array(code.prefix(16)))
    }

    private func audit(
        _ kind: AuditRecord.Kind, _ request: RecordRequest, _ number: NHSNumber, _ agreement: LiveAgreement?,
        _ note: DecisionNote?, _ more: [String: String]
    ) async throws -> LogEntry {
        var details = [
            "act": "record", "user": request.user, "role": request.role, "person": pseudonym(of: number),
            "agreement": agreement?.body.id ?? "", "break-glass": request.isBreakGlass ? "yes" : "no",
        ]
        if let note { details.merge(note.details) { $1 } }
        return try await context.audit.append(
            AuditRecord(kind: kind, at: now, details: details.merging(more) { $1 }))
    }
}
