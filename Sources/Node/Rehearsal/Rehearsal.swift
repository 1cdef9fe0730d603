internal import Audit
internal import Catalog
internal import Core
internal import Disclosure
internal import Exchange
internal import Foundation
internal import Policy
internal import Query
internal import Store
internal import Warehouse

/// Shows a controller what would leave under an agreement, before it signs: questions go through the very steps that
/// an answer goes through, over its own published data. Nothing is charged, recorded in the ledger, or sent.
struct Rehearsal: Sendable {
    let context: NodeContext
    let agreement: Agreement

    private struct Asked {
        let origin: String
        let sql: [String]
    }

    /// - Parameters:
    ///   - queries: in an analyst's SQL; with the agreement's own examples.
    ///   - recent: so many of the latest questions for such a purpose that this controller was asked under other
    ///     agreements.
    /// - Throws: `NodeError` where this node is no controller of the agreement, or there is nothing to run.
    func run(queries: [String], recent: Int) async throws -> RehearsalReport {
        guard agreement.controllers.contains(context.organisation), context.warehouse != nil else {
            throw NodeError(
                .agreement,
                "\(context.organisation) is no controller of '\(agreement.id)': a controller rehearses on its own data"
            )
        }
        var questions: [RehearsalReport.Question] = []
        for (origin, list) in [("example", agreement.examples ?? []), ("given", queries)] {
            for sql in list { questions.append(try await rehearse(sql, origin)) }
        }
        for asked in try recentQuestions(recent) { questions.append(try await rehearse(asked)) }
        guard !questions.isEmpty else {
            throw NodeError(
                .agreement,
                "there is nothing to rehearse: give --query, or --recent, or write examples into the agreement"
            )
        }
        _ = try await context.audit.append(
            AuditRecord(
                kind: .administration, at: Clock.now,
                details: [
                    "act": "rehearsal", "agreement": agreement.id, "version": String(agreement.version),
                    "questions": String(questions.count),
                    "permitted": String(questions.count { $0.isPermitted }),
                ]))
        return RehearsalReport(
            agreement: agreement.id, version: agreement.version, controller: context.organisation.text,
            snapshot: try context.publications.current()?.id,
            waitsForPerson: agreement.pendingReview, questions: questions)
    }

    private func recentQuestions(_ most: Int) throws -> [Asked] {
        guard most > 0 else { return [] }
        let purposes = try context.policy.current().engine.purposes
        return try context.recent.latest(except: agreement.id)
            .filter { asked in
                guard let purpose = Purpose(asked.purpose) else { return false }
                return purposes.isWithin(purpose, agreement.purpose)
            }
            .prefix(most).map { Asked(origin: "asked under \($0.agreement)", sql: $0.fragments.map(\.sql)) }
    }

    /// An analyst's statement: what this site would be asked of it.
    private func rehearse(_ sql: String, _ origin: String) async throws -> RehearsalReport.Question {
        do {
            let plan = try Coordinator(context: context).plan(
                sql, at: WireInstant(milliseconds: Clock.now))
            guard !plan.fragments.isEmpty else {
                return .init(origin: origin, sql: [sql], rule: "none", reason: "it asks no site anything")
            }
            return try await rehearse(Asked(origin: origin, sql: plan.fragments.map(\.sql)), as: sql)
        } catch let fault as QuestionFault {
            return .init(origin: origin, sql: [sql], rule: "statement", reason: fault.fault.message)
        }
    }

    private func rehearse(_ asked: Asked, as sql: String? = nil) async throws -> RehearsalReport.Question {
        let now = WireInstant(milliseconds: Clock.now)
        let request = try request(asked.sql, at: now)
        let enforcement = Enforcement(
            context: context, request: request, sender: agreement.requester, now: now)
        let live = LiveAgreement(
            record: AgreementRecord(rehearsing: agreement), digest: try agreement.digest)
        let texts = sql.map { [$0] } ?? asked.sql
        let words = asked.sql.compactMap(context.inWords)
        do {
            // As `Responder.answer` does it, but for the agreement, the ledger and the commit.
            let fragments = try enforcement.replan()
            let permit = try enforcement.decide(fragments, under: live)
            let frame = try await enforcement.frame(permit)
            let profile = try enforcement.control(permit, fragments)
            let plans = try enforcement.canonical(fragments, frame, profile)
            try await enforcement.prepare(frame)
            let preview = try await enforcement.preview(fragments, plans, profile, frame)
            return .init(
                origin: asked.origin, sql: texts, words: words, reason: permit.decision.reason,
                policies: permit.decision.determining,
                conditions: RehearsalReport.conditions(permit.obligations),
                profile: profile.name, minimumPeople: profile.minimumPeople,
                optOuts: try await optOuts(frame, profile),
                toLinker: request.fragments.contains(where: \.linked) ? agreement.linker?.text : nil,
                tables: preview.tables)
        } catch let refusal as SiteRefusal {
            return .init(
                origin: asked.origin, sql: texts, words: words, rule: refusal.rule, reason: refusal.words,
                policies: refusal.determining)
        } catch is Deadline.Passed {
            return .init(
                origin: asked.origin, sql: texts, rule: "warehouse", reason: "the time limit ran out")
        }
    }

    /// What the requester's node would send, with this node's own catalog.
    private func request(_ sql: [String], at now: WireInstant) throws -> QueryRequest {
        let canLink =
            agreement.permits(.link) && agreement.linker != nil && agreement.controllers.count > 1
        let bound = sql.map { text in
            try? SiteReplan.fragment(sql: text, catalog: context.catalog, now: now.milliseconds * 1_000)
        }
        let fragments = zip(sql, bound).map { text, fragment in
            RequestFragment(
                sql: text,
                linked: canLink && fragment?.shapes.contains { $0.kind == .distinctPeople } == true)
        }
        guard let catalog = Digest(hexadecimal: context.catalog.digest) else {
            throw NodeError(.configuration, "the catalog has no digest")
        }
        let references = UsedNames(bound.compactMap(\.self)).tables.reduce(into: [:]) { digests, name in
            digests[name] = context.referenceDigest(name).flatMap(Digest.init(hexadecimal:))
        }
        return QueryRequest(
            queryID: "rehearsal", requester: agreement.requester, user: "rehearsal",
            agreementID: agreement.id, agreementDigest: try agreement.digest, purpose: agreement.purpose,
            fragments: fragments, releaseForm: agreement.releaseForm,
            participants: agreement.controllers.sorted(),
            linker: fragments.contains(where: \.linked) ? agreement.linker : nil, catalogDigest: catalog,
            referenceDigests: references,
            deadlineMilliseconds: context.configuration.queryTimeoutSeconds * 1000,
            nowMicroseconds: now.milliseconds * 1_000, responseKey: try SealingPrivateKey().publicKey)
    }

    /// The lists that apply, and how many people of the publication each leaves out, under the same rules as an answer.
    private func optOuts(
        _ frame: Enforcement.Frame, _ profile: DisclosureProfile
    ) async throws -> [RehearsalReport.OptOut] {
        guard let warehouse = context.warehouse else { return [] }
        var result: [RehearsalReport.OptOut] = []
        for list in frame.optOutLists {
            guard let scheme = OptOutScheme(rawValue: list.scheme) else { continue }
            let schema = frame.publication.schema
            let left = try await warehouse.engine.withSession { session in
                try await session.query(
                    """
                    SELECT count(*) FROM \(schema).person p WHERE NOT EXISTS (
                      SELECT 1 FROM \(schema).\(SiteSchema.allowed(scheme)) a WHERE a.person_id = p.person_id)
                    """)
            }
            result.append(
                .init(
                    scheme: list.scheme, listedAt: Clock.text(list.listedAt.milliseconds),
                    peopleLeftOut: Self.controlled(Int(left.row(0)[0].number ?? 0), profile)))
        }
        return result
    }

    /// At least ten, in steps of five at least, whatever the agreement's profile.
    private static func controlled(_ count: Int, _ profile: DisclosureProfile) -> String {
        let least = max(10, profile.minimumPeople)
        let step = max(5, profile.roundingBase)
        return count < least ? "fewer than \(least)" : "about \((count + step / 2) / step * step)"
    }
}
