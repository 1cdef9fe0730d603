internal import Catalog
internal import Core
internal import Disclosure
internal import Exchange
internal import Foundation
internal import Logging
internal import Policy
internal import Query
internal import Store
internal import Warehouse

extension Enforcement {
    /// Runs the canonical fragments on the publication, applies disclosure control, and prepares what leaves.
    func release(
        _ fragments: [Fragment], _ permit: Permit, _ frame: Frame, _ profile: DisclosureProfile,
        _ agreement: LiveAgreement
    ) async throws -> SiteOutcome {
        let plans = try canonical(fragments, frame, profile)
        let key = ledgerKey(fragments, plans, frame, profile)
        do {
            guard let period = permit.period else {
                return try await release(fragments, plans, permit, frame, profile, agreement, key)
            }
            return try await release(period, fragments, plans, permit, frame, profile, agreement, key)
        } catch is Deadline.Passed {
            return SiteOutcome(failed: "the controller's time limit ran out")
        } catch let error as EngineError where error.code != .cancelled {
            context.log.error(
                "the warehouse failed", metadata: ["error": "\(error)", "query": "\(request.queryID)"])
            return SiteOutcome(failed: "the controller's warehouse could not answer")
        }
    }

    private func release(
        _ fragments: [Fragment], _ plans: [CanonicalFragment], _ permit: Permit, _ frame: Frame,
        _ profile: DisclosureProfile, _ agreement: LiveAgreement, _ key: ReleaseLedger.Key
    ) async throws -> SiteOutcome {
        let isLinked = request.fragments.contains(where: \.linked)
        if !isLinked, let stored = try await context.ledger.stored(key) {
            return outcome(stored, fragments, permit, frame, messages: [])
        }
        try await prepare(frame)
        try await hold(fragments, plans, permit, frame, profile, agreement, key)
        try await charge(permit, agreement, profile, as: "\(request.queryID) \(request.questionDigest)")
        let ran = try await run(fragments, plans, frame, profile, agreement)
        try permit.holds(at: WireInstant(milliseconds: Clock.now))
        try await context.ledger.record(
            ran.releases, for: key, query: request.queryID, at: Date(), counted: try counted(fragments, frame)
        )
        return outcome(ran.releases, fragments, permit, frame, messages: ran.messages)
    }

    /// One period of a measure: what was released for it, or what is released now, for good.
    private func release(
        _ period: MeasuredPeriod, _ fragments: [Fragment], _ plans: [CanonicalFragment], _ permit: Permit,
        _ frame: Frame, _ profile: DisclosureProfile, _ agreement: LiveAgreement, _ key: ReleaseLedger.Key
    ) async throws -> SiteOutcome {
        if let before = try await released(period, fragments, permit, frame) { return before }
        try checkPublished(period, frame)
        let fresh: SiteOutcome
        func entry(_ outcome: SiteOutcome) throws -> ReleaseLedger.Period.Entry {
            .init(period.release, evidence: Data(try JSON.encode(outcome.evidence)))
        }
        if let stored = try await context.ledger.stored(key) {
            fresh = outcome(stored, fragments, permit, frame, messages: [])
            try await context.ledger.keep(try entry(fresh), as: key, at: Date())
        } else {
            try await prepare(frame)
            // The agreement's cap is for what nobody looked at; a stricter one of the policies holds here too.
            if let cap = permit.obligations.releaseCap, cap != agreement.body.releaseCap {
                try await charge(
                    permit, agreement, profile, as: "\(request.queryID) \(request.questionDigest)")
            }
            let ran = try await run(fragments, plans, frame, profile, agreement)
            try permit.holds(at: WireInstant(milliseconds: Clock.now))
            try checkApproved(period)
            fresh = outcome(ran.releases, fragments, permit, frame, messages: [])
            try await context.ledger.record(
                ran.releases, for: key, query: request.queryID, at: Date(),
                counted: try counted(fragments, frame), period: try entry(fresh))
        }
        // Of two that ran at once the first stands.
        return try await released(period, fragments, permit, frame) ?? fresh
    }

    func canonical(
        _ fragments: [Fragment], _ frame: Frame, _ profile: DisclosureProfile
    ) throws -> [CanonicalFragment] {
        do {
            return try fragments.map {
                try CanonicalFragment(
                    $0, physical: physical(frame), obligations: frame.enforced, clamp: profile.perturbs,
                    detail: profile.withholds ? .full : .plain, people: profile.minimumPeople)
            }
        } catch {
            throw SiteRefusal(
                rule: "law", words: (error as? SQLFault)?.message ?? "the fragment cannot be run")
        }
    }

    func physical(_ frame: Frame) -> SitePhysical {
        SitePhysical(
            schema: frame.publication.schema, site: context.organisation,
            dialect: context.warehouse?.dialect(of: frame.publication.id) == .postgresql
                ? .postgresql : .duckdb,
            order: Dictionary(
                uniqueKeysWithValues: context.catalog.datasets.values.map {
                    ($0.name, SiteWarehouse.order($0))
                }))
    }

    /// The same canonical text with the same states, linked alike, over the same publication and the same reference
    /// tables and codelists, with the same control is the same question. (Texts alone do not tell people from rows where each has one.)
    private func ledgerKey(
        _ fragments: [Fragment], _ plans: [CanonicalFragment], _ frame: Frame, _ profile: DisclosureProfile
    ) -> ReleaseLedger.Key {
        let parts = zip(fragments, zip(plans, request.fragments)).map { fragment, pair in
            "\(pair.0.sql)\u{0}\(fragment.shapes)\u{0}\(pair.1.linked)"
        }
        let tables = UsedNames(fragments).tables.sorted().map { "\($0) \(context.referenceDigest($0) ?? "")" }
        let text = (parts + tables + ["\(profile)"]).joined(separator: "\u{0}")
        return ReleaseLedger.Key(
            controller: context.organisation.text, agreement: request.agreementID,
            snapshot: String(frame.publication.id), digest: Digest(of: Array(text.utf8)).description)
    }

    /// The cap is the smallest of the agreement's and the policies'.
    /// A requester has a budget of its own over all agreements, where anything is withheld at all.
    /// - Parameter query: what is charged; the same again is charged once.
    func charge(
        _ permit: Permit, _ agreement: LiveAgreement, _ profile: DisclosureProfile, as query: String
    ) async throws {
        let budget = profile.withholds ? context.configuration.requesterBudget : 0
        let rate = agreement.body.cadence?.questions
        let charge = try await context.ledger.charge(
            controller: context.organisation.text, agreement: request.agreementID, requester: sender.text,
            query: query, cap: permit.obligations.releaseCap,
            rate: rate.map { .init(most: $0.most, seconds: Int64($0.per.days) * 86_400) },
            budget: budget > 0 ? .init(most: budget, seconds: 365 * 86_400) : nil, at: Date())
        switch charge {
        case .charged: break
        case .full:
            throw SiteRefusal(
                rule: "budget", words: "the releases that agreement and policies allow are used up")
        case .spent:
            throw SiteRefusal(
                rule: "budget",
                words: "this controller answers one requester \(budget) questions in 365 days, and has")
        case .tooSoon:
            let words = rate.map { "\($0.most) in any \($0.per.rawValue)" } ?? ""
            throw SiteRefusal(
                rule: "cadence", words: "the agreement allows so many questions and no more: \(words)")
        }
    }

    private func run(
        _ fragments: [Fragment], _ plans: [CanonicalFragment], _ frame: Frame, _ profile: DisclosureProfile,
        _ agreement: LiveAgreement
    ) async throws -> (releases: [StoredRelease], messages: [[UInt8]]) {
        guard let warehouse = context.warehouse else { return ([], []) }
        let limit = min(request.deadlineMilliseconds, context.configuration.queryTimeoutSeconds * 1000)
        return try await Deadline.run(.milliseconds(max(1, limit))) {
            try await context.gate.pass {
                let engine = try await warehouse.questions(about: frame.publication.id)
                return try await engine.withSession { session in
                    var blocks: [CellBlock] = []
                    var states: [LinkedStates.Fragment] = []
                    for (index, plan) in plans.enumerated() {
                        let cells = try plan.decode(try await session.query(plan.sql))
                        if request.fragments[index].linked {
                            let cohort = try CohortQuery(
                                fragments[index], physical: physical(frame), obligations: frame.enforced)
                            let people = try cohort.decode(try await session.query(cohort.sql))
                            states.append(.init(index: index, cells: cells, cohort: people))
                        }
                        blocks.append(cells)
                    }
                    let releases = released(blocks, fragments, profile)
                    let messages = try await LinkedStates(enforcement: self).sealed(
                        states, profile, agreement)
                    return (releases, messages)
                }
            }
        }
    }

    /// What the requester gets of all fragments of a question, which are one release.
    private func released(
        _ blocks: [CellBlock], _ fragments: [Fragment], _ profile: DisclosureProfile
    ) -> [StoredRelease] {
        let structure = fragments.releaseStructure(in: context.catalog)
        let released = DisclosureControl(profile: profile).release(blocks, structure: structure)
        return zip(zip(released, blocks), request.fragments).map { pair, asked in
            let block = asked.linked ? withoutPeople(pair.0.released) : pair.0.released
            return StoredRelease(
                block, summary: pair.0.summary, withheld: WithheldCount(block, of: pair.1))
        }
    }

    /// People that the linker counts are not released here as well.
    private func withoutPeople(_ block: ReleasedBlock) -> ReleasedBlock {
        let hidden = block.aggregates.map { aggregate in
            guard aggregate.shape.kind == .distinctPeople else { return aggregate }
            let nothing = aggregate.rows.count
            return ReleasedAggregate(
                shape: aggregate.shape, rows: Array(repeating: nil, count: nothing),
                sums: Array(repeating: nil, count: nothing))
        }
        // A cell of which only its people could have been released says nothing here.
        let kept =
            block.keys.columns.isEmpty
            ? Array(0..<block.keys.rowCount)
            : (0..<block.keys.rowCount).filter { row in hidden.contains { $0.rows[row] != nil } }
        return ReleasedBlock(
            keys: block.keys.rows(kept),
            aggregates: hidden.map { aggregate in
                ReleasedAggregate(
                    shape: aggregate.shape, rows: kept.map { aggregate.rows[$0] },
                    sums: kept.map { aggregate.sums[$0] })
            })
    }

    func outcome(
        _ releases: [StoredRelease], _ fragments: [Fragment], _ permit: Permit, _ frame: Frame,
        messages: [[UInt8]]
    ) -> SiteOutcome {
        let blocks = releases.map(\.block)
        var evidence = evidence(permit, frame)
        evidence.disclosure = .init(
            profile: releases.first?.summary.profile ?? "none",
            cellsReleased: blocks.reduce(0) { $0 + $1.keys.rowCount },
            valuesReleased: blocks.flatMap(\.aggregates).reduce(0) { $0 + $1.rows.count { $0 != nil } },
            valuesZeroOrWithheld: absent(blocks, fragments), bounds: bounds(releases))
        var outcome = SiteOutcome(releases: blocks, evidence: evidence, linkerMessages: messages)
        outcome.left = zip(fragments, releases).map(LeftTable.init)
        return outcome
    }

    /// Values of the public domain that are zero or withheld; nil where anything may be a key.
    private func absent(_ blocks: [ReleasedBlock], _ fragments: [Fragment]) -> Int? {
        let cells = fragments.releaseStructure(in: context.catalog).fragments.map(\.cells)
        return zip(blocks, cells).reduce(0) { total, pair in
            guard let total, let cells = pair.1 else { return nil }
            let shown = pair.0.aggregates.reduce(0) { $0 + $1.rows.count { $0 != nil } }
            return total + max(0, cells * pair.0.aggregates.count - shown)
        }
    }

    private func bounds(_ releases: [StoredRelease]) -> [Evidence.Bound] {
        releases.enumerated().flatMap { fragment, release in
            release.summary.errors.enumerated().map { aggregate, error in
                let kind = release.block.aggregates[aggregate].shape.kind
                return Evidence.Bound(
                    fragment: fragment, aggregate: aggregate,
                    error: kind == .count || kind == .distinctPeople ? error.count : error.sum,
                    withheld: Double(max(0, release.summary.minimumPeople - 1)))
            }
        }
    }
}

extension Obligations {
    /// For the receipt.
    var inWords: [String] {
        var words = honour.filter(\.isListed).map {
            "only people on the \($0.rawValue) allow-list are counted"
        }.sorted()
        if honour.contains(.objection) { words.append("nobody is counted whose objection was upheld") }
        if honour.contains(.studyConsent) {
            words.append("only people who consented to the study are counted")
        }
        if let minimumPeople { words.append("no number stands for fewer than \(minimumPeople) people") }
        if let releaseCap {
            words.append("no more than \(releaseCap) questions are answered under the agreement")
        }
        if let validUntil { words.append("the permission ends on \(validUntil)") }
        words += excludedCodelists.sorted().map { "episodes that bear a code of \($0) are left out" }
        return words
    }
}

extension Table {
    /// The rows at these places, in that order.
    func rows(_ places: [Int]) -> Table {
        if places.count == rowCount { return self }
        return Table(
            columns: columns.map { column in
                Column(
                    name: column.name,
                    vector: ColumnVector(type: column.type, values: places.map { column.vector[$0] }))
            }, rowCount: places.count)
    }
}
