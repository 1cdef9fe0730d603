internal import Audit
internal import Core
internal import Disclosure
internal import Exchange
internal import Logging
internal import Policy
internal import Query
internal import Store

/// Answers one question at one controller: THE place where the order of enforcement is written down.
///
/// Whatever is not refused in one step is handed to the next; nothing is run before `plan` has passed and nothing
/// leaves before `commit`. A refusal is a value with a rule and words that depend on no data.
struct Responder: Sendable {
    let context: NodeContext
    /// Whose certificate the connection bears.
    let peer: OrganisationCode

    func respond(to bytes: [UInt8]) async throws -> [UInt8] {
        let now = WireInstant(milliseconds: Clock.now)
        // 1. open, 2. sender's keys from the directory, 3. both signatures, recipient, expiry
        let opened = try Envelope.open(
            bytes, as: QueryRequest.self, expecting: context.expectation(from: peer),
            directory: context.directory, at: now)
        // 4. replay: the same question is not run twice
        let admission = try await context.replay.begin(
            sender: opened.sender, message: opened.body.queryID, digest: opened.digest,
            expiresAt: opened.message.expiresAt, at: now)
        switch admission {
        case .stored(let result):
            // Also what was answered before leaves under an agreement in force only.
            guard try await context.permitsNow(opened.body.agreementID) else {
                throw ExchangeError(.wrongRequest, "the agreement is not in force any more")
            }
            return result
        case .inProgress: throw NodeError(.busy, "this question is being answered already")
        case .execute: break
        }
        do {
            return try await context.running.run(
                opened.body.queryID, of: opened.sender, under: opened.body.agreementID
            ) {
                try await answer(opened, at: now)
            }
        } catch {
            if await isHalted(opened) {
                // In a task of its own: this one may be cancelled.
                return try await Task { try await commit(SiteOutcome(Self.halted), opened, at: now) }.value
            }
            try await note(opened, ended: error)
            throw error
        }
    }

    private static let halted = SiteRefusal(
        rule: "agreement-not-in-force",
        words: "the agreement was halted while the question was being answered")

    private func isHalted(_ opened: Opened<QueryRequest>) async -> Bool {
        let context = context
        return await Task { (try? await context.permitsNow(opened.body.agreementID)) == false }.value
    }

    /// A question that ended without an answer (cancelled, or the node's own fault) is recorded as well.
    private func note(_ opened: Opened<QueryRequest>, ended error: any Error) async throws {
        var outcome = SiteOutcome(failed: "no answer")
        outcome.refusal = SiteRefusal(
            rule: error is CancellationError ? "cancelled" : "failed", words: "no answer")
        outcome.take(nil, DecisionNote.id(opened.body.queryID, of: opened.sender, at: context.organisation))
        let (record, ended) = (outcome.record(opened), outcome)
        let context = context
        // In a task of its own: this one may be cancelled.
        try await Task {
            let entry = try await context.audit.append(record)
            try await context.asked.keep(opened.body, ended, as: entry.index, at: record.at)
            try await context.replay.abandon(sender: opened.sender, message: opened.body.queryID)
        }.value
    }

    private func answer(_ opened: Opened<QueryRequest>, at now: WireInstant) async throws -> [UInt8] {
        let started = ContinuousClock.now
        var outcome: SiteOutcome
        var decision: DecisionNote?
        var tables: [String] = []
        var words: [QuestionWords] = []
        var measured: String?
        do {
            let enforcement = Enforcement(
                context: context, request: opened.body, sender: opened.sender, now: now)
            // 5. agreement
            let agreement = try await enforcement.agreement()
            // 6. the fragments, parsed, bound and checked against the law again by this site
            let fragments = try enforcement.replan()
            tables = UsedNames(fragments).tables.sorted()
            words = fragments.map { QuestionWords($0, catalog: context.catalog) }
            // 7. policy, on the re-bound fragments: the decision and its obligations
            var permit = try enforcement.decide(fragments, under: agreement)
            decision = permit.note
            if !opened.body.isDryRun { try await context.recent.keep(opened.body, at: now) }
            // 8. opt-out lists: fresh, or no answer; the publication they are frozen with
            let frame = try await enforcement.frame(permit)
            // 9. what may not be released whatever the data say
            let control = try enforcement.control(permit, fragments)
            // A measure that recurs: approved by a person here, and asked as it was approved
            permit.period = try await enforcement.period(fragments, agreement)
            measured = permit.period.map { "approval \($0.number) as at \($0.asAt)" }
            // A dry run ends here: all that follows hangs on data.
            // 10. the ledger: an identical question has its answer, any other is charged before it runs
            outcome =
                opened.body.isDryRun
                ? try enforcement.planned(fragments, permit, frame, control)
                : try await enforcement.release(fragments, permit, frame, control, agreement)
        } catch let refusal as SiteRefusal {
            outcome = SiteOutcome(refusal)
            decision = decision ?? refusal.decision
        }
        outcome.evidence.timeBucketMilliseconds = Buckets.milliseconds(ContinuousClock.now - started)
        if outcome.outcome == .answered, try await !context.permitsNow(opened.body.agreementID) {
            outcome = SiteOutcome(Self.halted)
        }
        outcome.take(
            decision, DecisionNote.id(opened.body.queryID, of: opened.sender, at: context.organisation))
        outcome.words = words
        outcome.measured = measured
        outcome.tables = tables.map { "\($0) \(context.referenceDigest($0) ?? "")" }
        return try await commit(outcome, opened, at: now)
    }

    private func commit(
        _ answered: SiteOutcome, _ opened: Opened<QueryRequest>, at now: WireInstant
    ) async throws -> [UInt8] {
        var outcome = answered
        // 11. commit: the log's leaf is durable before anything leaves
        let record = outcome.record(opened)
        let entry = try await context.audit.append(record)
        try await context.asked.keep(opened.body, outcome, as: entry.index, at: record.at)
        outcome.evidence.audit = .init(entry)
        outcome.evidence.synthetic = context.configuration.isSynthetic
        // 12. sign, 13. seal to the question's one-time key
        let sealed = try seal(outcome, opened, at: now)
        // Halting an agreement cancels the questions under it: nothing leaves after that.
        try Task.checkCancellation()
        try await context.replay.complete(
            sender: opened.sender, message: opened.body.queryID, result: sealed)
        context.log.info(
            "answered a question",
            metadata: [
                "query": "\(opened.body.queryID)", "requester": "\(opened.sender)",
                "outcome": "\(outcome.outcome.rawValue)",
            ])
        return sealed
    }

    private func seal(
        _ outcome: SiteOutcome, _ opened: Opened<QueryRequest>, at now: WireInstant
    ) throws -> [UInt8] {
        let result = QueryResult(
            queryID: opened.body.queryID, requestDigest: opened.digest, outcome: outcome.outcome,
            refusal: outcome.refusal.map { .init(rule: $0.rule, words: $0.words) },
            releases: outcome.releases.map { $0.map(WireReleasedBlock.init) }, evidence: outcome.evidence,
            linkerAttachments: Array(outcome.linkerMessages.indices))
        return try Envelope.seal(
            result, attachments: outcome.linkerMessages,
            addressing: .init(
                from: context.organisation, to: opened.sender, key: opened.body.responseKey, issuedAt: now,
                expiresAt: opened.message.expiresAt, answering: opened.digest),
            signedBy: context.keys.query
        ).bytes
    }
}

/// Why a controller does not answer: which rule, in words that reveal no data.
struct SiteRefusal: Error {
    let rule: String
    let words: String
    var determining: [String] = []
    /// What the policies decided; nil where they were not asked.
    var decision: DecisionNote?
}

/// What a controller answers, before it is sealed.
struct SiteOutcome: Sendable {
    var outcome: QueryResult.Outcome
    var refusal: SiteRefusal?
    var releases: [ReleasedBlock?] = []
    var evidence = Evidence()
    /// Sealed states for the linker: opaque to the requester.
    var linkerMessages: [[UInt8]] = []
    /// Reference tables, codelists and terminologies that the fragments read, each with its digest.
    var tables: [String] = []
    /// What was asked and what leaves, for people at the controller; a part each.
    var words: [QuestionWords] = []
    var left: [LeftTable] = []
    /// Of a measure: the approval's number and the period.
    var measured: String?
    private(set) var decision: DecisionNote?

    init(_ refusal: SiteRefusal) {
        outcome = .refused
        self.refusal = refusal
        evidence.determiningPolicies = refusal.determining
    }

    init(failed words: String) {
        outcome = .failed
        refusal = SiteRefusal(rule: "warehouse", words: words)
    }

    init(planned evidence: Evidence) {
        outcome = .planned
        self.evidence = evidence
    }

    init(releases: [ReleasedBlock?], evidence: Evidence, linkerMessages: [[UInt8]]) {
        outcome = .answered
        self.releases = releases
        self.evidence = evidence
        self.linkerMessages = linkerMessages
    }

    /// What the policies decided, nil where they were not asked, and the name of it.
    mutating func take(_ decision: DecisionNote?, _ id: String) {
        self.decision = decision
        evidence.decisionID = id
        evidence.policyVersion = decision?.policyVersion
        evidence.policyDigest = decision?.policyDigest
    }

    /// The leaf: who asked what under which rules, by digests and names, and how much left.
    func record(_ opened: Opened<QueryRequest>) -> AuditRecord {
        var details = [
            "query": opened.body.queryID, "requester": opened.sender.text, "user": opened.body.user,
            "agreement": opened.body.agreementID, "purpose": opened.body.purpose.name,
            "question": opened.body.questionDigest.description, "outcome": outcome.rawValue,
            "policies": (decision?.determining.sorted() ?? evidence.determiningPolicies).joined(
                separator: " "),
        ]
        if let measured { details["measure"] = measured }
        if let id = evidence.decisionID { details["decision"] = id }
        if let decision { details.merge(decision.details) { $1 } }
        if !tables.isEmpty { details["tables"] = tables.joined(separator: "; ") }
        if let refusal { details["rule"] = refusal.rule }
        if let snapshot = evidence.snapshot { details["snapshot"] = snapshot.id }
        if let disclosure = evidence.disclosure {
            details["profile"] = disclosure.profile
            details["cells"] = String(disclosure.cellsReleased)
        }
        return AuditRecord(kind: outcome == .answered ? .release : .decision, at: Clock.now, details: details)
    }
}

extension Evidence.AuditCommitment {
    init(_ entry: LogEntry) {
        self.init(
            index: Int64(entry.index), leafHash: Hexadecimal.encode(entry.leafHash.bytes), checkpoint: nil)
    }
}

/// Times and sizes leave in coarse steps only.
enum Buckets {
    private static let steps = [50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 30_000, 60_000, 300_000]

    /// The smallest step that is not shorter.
    static func milliseconds(_ duration: Duration) -> Int {
        let exact = duration / .milliseconds(1)
        return steps.first { Double($0) >= exact } ?? 3_600_000
    }
}
