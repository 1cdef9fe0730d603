internal import Audit
internal import Core
internal import Exchange
internal import Foundation
internal import Policy
internal import Query
internal import Statistics

/// Turns one question into requests for the sites of an agreement, and their answers into one.
struct Coordinator: Sendable {
    let context: NodeContext

    /// - Parameter heard: is told who is asked, and then what each of them did.
    /// - Throws: `QuestionFault` where there is no answer: the statement's fault, refusals, or too few sites.
    func ask(
        _ question: Question, heard: @escaping @Sendable (QuestionProgress) -> Void = { _ in }
    ) async throws -> Answer {
        let now = WireInstant(milliseconds: Clock.now)
        let plan = try plan(question, at: now)
        let session = try await open(question, plan, at: now)
        var replies: [SiteReply] = []
        // A statement about reference tables alone asks nobody.
        if !plan.fragments.isEmpty {
            heard(.asked(session.participants.map(\.text)))
            replies = try await SiteCalls(context: context, session: session, heard: heard).ask()
            if let days = question.maximumAgeDays { replies = replies.map { $0.within(days: days) } }
            try check(replies, question.require)
        }
        var linked: LinkedReply?
        if session.isLinked {
            do {
                linked = try await LinkerCall(context: context, session: session).ask(replies)
            } catch let fault as QuestionFault {
                throw QuestionFault(fault.fault, sites: replies.map { $0.receipt })
            }
        }
        do {
            let merged = try Merging(
                session: session, replies: replies, linked: linked, catalog: context.catalog
            ).blocks()
            let withholds =
                replies.contains { $0.receipt.disclosure?.profile != "none" }
                || linked.map { $0.receipt.profile != "none" } ?? false
            let statistics = StatisticTables(
                plan: plan, blocks: merged.blocks,
                sites: replies.map { reply in
                    reply.receipt.outcome == .answered ? reply.releases.compactMap(\.self) : nil
                }, isAbsentEmpty: !withholds)
            let result = try await context.merge.run(
                plan, blocks: merged.blocks, statistics: statistics.tables(), withholds: withholds)
            for index in replies.indices { replies[index].forgetReleases() }
            let receipt = ReceiptBuilder(session: session, context: context).receipt(
                replies, linked: linked, bounds: merged.bounds + statistics.notes())
            try await record(session, replies)
            return Answer(table: result.table, withheld: result.withheld, receipt: receipt)
        } catch let fault as SQLFault {
            throw QuestionFault(fault, sites: replies.map { $0.receipt })
        }
    }

    /// Whether it could be asked: a query, and not EXPLAIN, that can be cut for sites.
    /// - Throws: `QuestionFault`.
    func check(_ sql: String) throws {
        do throws(SQLFault) {
            if case .explain = try SQLParser.parse(sql) {
                throw SQLFault(
                    .featureNotSupported, "EXPLAIN is no question",
                    hint: "leave EXPLAIN out, or ask for the plan alone")
            }
        } catch {
            throw QuestionFault(error)
        }
        _ = try plan(sql, at: WireInstant(milliseconds: Clock.now))
    }

    func plan(_ question: Question, at now: WireInstant) throws -> FederatedPlan {
        guard let measure = question.measure else { return try plan(question.sql, at: now) }
        do throws(SQLFault) {
            return try MeasureText.plan(measure, catalog: context.catalog)
        } catch {
            throw QuestionFault(error)
        }
    }

    func plan(_ sql: String, at now: WireInstant) throws -> FederatedPlan {
        do {
            let catalog = context.released.added(to: context.catalog)
            let statement = try Binder(catalog: catalog, now: now.milliseconds * 1_000).bind(sql)
            let planner = FederatedPlanner(catalog: catalog, today: Int(Clock.days(now.milliseconds)))
            switch statement {
            case .select(let query), .explain(let query, _):
                let plan = try planner.plan(query)
                try ReleasedTables.check(plan)
                return plan
            }
        } catch {
            throw QuestionFault(error)
        }
    }

    func open(
        _ question: Question, _ plan: FederatedPlan, at now: WireInstant, isDryRun: Bool = false
    ) async throws -> QuestionSession {
        func refuse(_ message: String, _ hint: String) -> QuestionFault {
            QuestionFault(SQLFault(.insufficientPrivilege, message, hint: hint))
        }
        guard let agreement = try await context.agreement(question.agreement, at: now) else {
            throw refuse(
                "no agreement '\(question.agreement)' is known here", "see 'concordat agreement list'")
        }
        guard agreement.body.requester == context.organisation else {
            throw refuse("'\(question.agreement)' has another requester than this node", "ask at that node")
        }
        guard agreement.body.releaseForm == .site else {
            throw QuestionFault(
                SQLFault(
                    .featureNotSupported, "the release form 'merged' is not supported yet",
                    hint: "sign an agreement with the release form 'site'"))
        }
        let name = question.purpose ?? agreement.body.purpose.name
        guard let purpose = Purpose(name), try context.policy.current().engine.purposes.contains(purpose)
        else {
            throw refuse("the purpose is not in the hierarchy of purposes", "see Policies/purposes.yaml")
        }
        return try QuestionSession(
            question: question, plan: plan, agreement: agreement, purpose: purpose, context: context,
            now: now,
            isDryRun: isDryRun)
    }

    /// - Throws: where the sites that answered are fewer than the question requires.
    private func check(_ replies: [SiteReply], _ require: Requirement) throws {
        let answered = replies.count { $0.receipt.outcome == .answered }
        guard !require.isMet(answered: answered, asked: replies.count) else { return }
        let sites = replies.map { $0.receipt }
        let refused = sites.count { $0.outcome == .refused }
        let words =
            refused == sites.count
            ? "every site refused"
            : "\(answered) of \(sites.count) sites answered, and the question requires \(require.text)"
        throw QuestionFault(
            SQLFault(
                refused == sites.count ? .insufficientPrivilege : .connectionFailure, words,
                hint: refused == sites.count
                    ? "each site's rule is named below"
                    : "ask again, or take what there is with --require any or quorum=N"), sites: sites)
    }

    func record(_ session: QuestionSession, _ replies: [SiteReply]) async throws {
        _ = try await context.audit.append(
            AuditRecord(
                kind: .decision, at: Clock.now,
                details: [
                    "query": session.queryID,
                    "asked": session.participants.map(\.text).joined(separator: " "),
                    "agreement": session.agreement.body.id, "purpose": session.purpose.name,
                    "question": session.questionDigest.description,
                    "answered": replies.filter { $0.receipt.outcome == .answered }.map(\.receipt.site)
                        .joined(separator: " "),
                ]))
    }
}
