internal import Audit
internal import Core
internal import Disclosure
internal import Exchange
internal import Foundation
internal import Policy
internal import Store

/// Gathers what a controller tells a person who asks about their data.
struct PersonReportAdministration: Sendable {
    let context: NodeContext

    /// - Throws: `NodeError` where nothing is known about the person; it does not say the number.
    func report(_ text: String, as format: PersonReportFormat, records: Bool) async throws -> String {
        let number = try PersonNumber.read(text, at: context)
        let report = try await gather(number, records: records)
        // Before anything is shown; about whom is nobody's business who reads the log.
        _ = try await context.audit.append(
            AuditRecord(
                kind: .administration, at: Clock.now,
                details: [
                    "act": "person-report", "format": format.rawValue, "records": records ? "yes" : "no",
                ]))
        switch format {
        case .json: return String(decoding: try JSON.encode(report), as: UTF8.self)
        case .text: return PersonLetter(report).letter.text
        case .html: return PersonLetter(report).letter.page
        case .reading: return try ScriptJSON.encode(ReadingText(PersonLetter(report).letter))
        }
    }

    private func gather(_ number: NHSNumber, records: Bool) async throws -> PersonReport {
        let held = PersonRecords(warehouse: try context.controllersWarehouse(), number: number)
        let objections = try await context.objections.all().filter { $0.number == number.digits }
        let person = try await held.personID()
        guard person != nil || !objections.isEmpty else {
            guard try await held.bearers() == 0 else {
                throw NodeError(
                    .input,
                    "records here bear this NHS number, but it is not verified or is in conflict, so nobody's record "
                        + "is shown for it: see 'concordat identity list'")
            }
            throw NodeError(.input, "nothing is held here about a person with this NHS number")
        }
        let configuration = context.configuration
        let former = person == nil ? [] : try await held.formerIDs(person ?? 0)
        let releases = try await self.releases(person, former: former)
        let holdings = person == nil ? [] : try await held.holdings(person ?? 0)
        let identifiers = person == nil ? [] : try await held.localIdentifiers(person ?? 0)
        return PersonReport(
            madeOn: Self.day(Clock.now / 1000), controller: organisation(context.organisation),
            contact: configuration.contact, retention: configuration.retentionNotice,
            isSynthetic: configuration.isSynthetic, nhsNumber: number.digits, localIdentifiers: identifiers,
            holdings: holdings.map { holding in
                .init(
                    dataset: holding.dataset, records: holding.records, earliest: holding.earliest,
                    latest: holding.latest,
                    sources: holding.sources.compactMap(OrganisationCode.init).map(organisation))
            }, inPublicationOf: try await published(person, held),
            setAside: try setAside(number, identifiers), objections: try await notes(of: objections),
            optOuts: try await optOuts(held), uses: try await uses(objections), releases: releases.known,
            releasesNotKnown: releases.notKnown, releasesKeptFor: configuration.countedRetentionDays,
            records: records && person != nil ? try await held.records(person ?? 0) : nil)
    }

    private func published(_ person: Int64?, _ held: PersonRecords) async throws -> String? {
        guard let person, let publication = try context.publications.current(),
            try await held.isPublished(person, in: publication)
        else { return nil }
        return Self.day(publication.publishedAt / 1000)
    }

    /// Records in the quarantine that bear the number, or a reference to the patient by a name of theirs.
    private func setAside(_ number: NHSNumber, _ identifiers: [String]) throws -> Int {
        let marks = ([number.digits] + identifiers.map { "Patient/\($0)\"" }).map { Data($0.utf8) }
        var count = 0
        try QuarantineJournal(directory: context.home.layout.quarantineDirectory).forEach { entry in
            guard let bytes = entry.bytes else { return }
            if marks.contains(where: { bytes.range(of: $0) != nil }) { count += 1 }
        }
        return count
    }

    private func notes(of objections: [Objection]) async throws -> [PersonReport.ObjectionNote] {
        let purposes = try context.policy.current().engine.purposes
        let titles = try await agreements().reduce(into: [:]) { $0[$1.agreement.id] = $1.agreement.title }
        return objections.map { objection in
            let about =
                switch objection.scope {
                case .all: "all uses beyond your own care"
                case .purpose(let purpose): "the purpose “\(purposes.title(of: purpose))”"
                case .agreement(let id): "the agreement “\(titles[id] ?? id)”"
                }
            return .init(
                id: objection.id, about: about, decision: objection.decision.rawValue,
                reason: objection.reason, recordedOn: Self.day(objection.recordedAt),
                withdrawnOn: objection.withdrawal.map { Self.day($0.at) })
        }
    }

    private func optOuts(_ held: PersonRecords) async throws -> [PersonReport.OptOutNote] {
        var notes: [PersonReport.OptOutNote] = []
        for scheme in OptOutScheme.listed {
            let entry = try await context.optOuts.current(scheme, of: context.organisation)
            notes.append(
                .init(
                    scheme: PersonWords.scheme(scheme),
                    listedOn: entry.map { Self.day(Int64($0.listedAt.timeIntervalSince1970)) },
                    mayBeCounted: entry == nil ? nil : try await held.isAllowed(scheme)))
        }
        return notes
    }

    /// The agreements in force with this controller, newest version of each.
    private func agreements() async throws -> [AgreementRecord] {
        let day = CivilDate(days: Int(Clock.days(Clock.now)))
        let all = try await context.agreements.list()
        return all.filter {
            $0.agreement.controllers.contains(context.organisation)
                && $0.state(for: context.organisation, on: day) == .inForce
        }
    }

    private func uses(_ objections: [Objection]) async throws -> [PersonReport.Use] {
        let policy = try context.policy.current().engine
        let purposes = policy.purposes
        return try await agreements().map { record in
            let agreement = record.agreement
            let gateway = agreement.legalContext.gateway
            let heard = agreement.actions.allSatisfy { action in
                policy.optOuts.rule(.objection, gateway: gateway, action: action) == .applies
            }
            let isObjectedTo =
                heard
                && objections.contains {
                    $0.isEffective
                        && $0.covers(agreement: agreement.id, purpose: agreement.purpose, in: purposes)
                }
            return .init(
                agreement: agreement.id, title: agreement.title,
                purpose: purposes.title(of: agreement.purpose),
                requester: organisation(agreement.requester), linker: agreement.linker.map(organisation),
                lawfulBasis: PersonWords.lawfulBasis(agreement.legalContext),
                until: agreement.validUntil.description, isObjectedTo: isObjectedTo)
        }
    }

    /// - Parameter former: what the person's records were counted as before, perhaps with those of somebody else.
    private func releases(
        _ person: Int64?, former: Set<Int64>
    ) async throws -> (known: [PersonReport.Release], notKnown: Int) {
        // Somebody who has never been in the data was counted in nothing.
        guard let person, let number = UInt32(exactly: person) else { return ([], 0) }
        _ = try await CohortSettlement(context: context).settle()
        let cohorts = context.ledger.cohorts
        let all = try await cohorts.releases(
            of: context.organisation.text, people: [number],
            formerly: former.compactMap(UInt32.init(exactly:)))
        let purposes = try context.policy.current().engine.purposes
        let known = all.filter { [.counted, .probablyCounted].contains($0.isCounted) }.map { release in
            PersonReport.Release(
                on: Self.day(release.releasedAt),
                requester: OrganisationCode(release.note.requester).map(organisation)
                    ?? .init(code: release.note.requester, name: release.note.requester),
                agreement: release.agreement,
                purpose: Purpose(release.note.purpose).map(purposes.title) ?? release.note.purpose,
                question: PersonWords.question(release.note), isCertain: release.isCounted == .counted)
        }
        let unnoted = try await cohorts.unnoted(of: context.organisation.text)
        return (known, all.count { $0.isCounted == .unknown } + unnoted)
    }

    private func organisation(_ code: OrganisationCode) -> PersonReport.Organisation {
        let name =
            code == context.organisation
            ? context.configuration.name : context.name(of: code)
        return .init(code: code.text, name: name)
    }

    private static func day(_ seconds: Int64) -> String {
        Civil.formatDate(Int(Clock.days(seconds * 1000)))
    }
}
