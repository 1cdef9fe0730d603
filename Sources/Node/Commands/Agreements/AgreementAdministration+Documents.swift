internal import Catalog
internal import Core
internal import Disclosure
internal import Exchange
internal import Foundation
internal import Policy

extension AgreementAdministration {
    func perform(_ command: AgreementCommand) async throws -> NodeReply {
        switch command {
        case .amend(let id, let yaml): return .document(try await amend(id, yaml))
        case .suspend(let id, let reason): return .done(try await halt(id, .suspended, reason))
        case .resume(let id, let reason): return .done(try await halt(id, .resumed, reason))
        case .print(let source, let form): return .document(try await print(source, form))
        case .compare(let id, let from, let to, let draft, let json):
            let difference = try await compare(id, from: from, to: to, draft: draft)
            return .document(json ? try ScriptJSON.encode(difference.document) : difference.text)
        case .rehearse(let source, let queries, let recent, let json):
            let agreement = try await agreement(source)
            let report = try await Rehearsal(context: context, agreement: agreement).run(
                queries: queries, recent: recent)
            return .document(json ? try ScriptJSON.encode(report) : report.text)
        }
    }

    func show(_ id: String) async throws -> NodeReply {
        .document(try await print(.known(id: id, version: nil), .json))
    }

    /// - Throws: `NodeError` where it is not known, `AgreementFault` where a text is none.
    func agreement(_ source: AgreementSource) async throws -> Agreement {
        switch source {
        case .known(let id, let version): return try await known(id, version)
        case .text(let text): return try Self.isEnvelope(text) ? read(text).1 : Agreement(yaml: text)
        }
    }

    /// A file that goes round is JSON with a document in it.
    private static func isEnvelope(_ text: String) -> Bool {
        (try? JSON.decode(Envelope.self, from: Array(text.utf8))) != nil
    }

    private func known(_ id: String, _ version: Int?) async throws -> Agreement {
        let versions = try await context.agreements.versions(id)
        let day = CivilDate(days: Int(Clock.days(Clock.now)))
        guard let version else {
            guard let current = try await context.agreements.current(id, for: context.organisation, on: day)
            else {
                throw NodeError(
                    .agreement, "no agreement '\(id)' is known here; see 'concordat agreement list'")
            }
            return current.agreement
        }
        guard let record = versions.first(where: { $0.agreement.version == version }) else {
            throw NodeError(.agreement, "no version \(version) of '\(id)' is known here")
        }
        return record.agreement
    }

    /// The next version: the same name between the same; the one before stays in force until all have signed this one.
    private func amend(_ id: String, _ yaml: String) async throws -> String {
        guard let newest = try await context.agreements.versions(id).last?.agreement else {
            throw NodeError(.agreement, "no agreement '\(id)' is known here; see 'concordat agreement list'")
        }
        let next = try Agreement(yaml: yaml)
        guard next.id == id else {
            throw AgreementFault("id", "is '\(next.id)': an amendment keeps the name '\(id)'")
        }
        guard next.requester == newest.requester else {
            throw AgreementFault("requester", "is another: that is a new agreement, with another id")
        }
        guard next.version > newest.version else {
            throw AgreementFault(
                "version", "must be above \(newest.version): write version: \(newest.version + 1)")
        }
        return try draft(yaml)
    }

    private func compare(_ id: String, from: Int?, to: Int?, draft: String?) async throws
        -> AgreementDifference
    {
        let versions = try await context.agreements.versions(id).map(\.agreement)
        guard let newest = versions.last else {
            throw NodeError(.agreement, "no agreement '\(id)' is known here; see 'concordat agreement list'")
        }
        let new: Agreement
        if let draft {
            new = try await agreement(.text(draft))
        } else {
            new = try await known(id, to ?? newest.version)
        }
        let before = from ?? versions.last { $0.version < new.version }?.version
        guard let before else {
            throw NodeError(.agreement, "'\(id)' has no version before \(new.version) here")
        }
        let old = try await known(id, before)
        return AgreementDifference(from: old, to: new)
    }

    private func print(_ source: AgreementSource, _ form: AgreementForm) async throws -> String {
        let agreement = try await agreement(source)
        switch form {
        case .json: return String(decoding: try agreement.canonicalJSON(), as: UTF8.self)
        case .yaml: return try agreement.yaml()
        case .html: return AgreementPage(agreement, try await facts(agreement, source)).html
        case .text: return AgreementPage(agreement, try await facts(agreement, source)).text
        case .reading:
            return try ScriptJSON.encode(
                ReadingText(AgreementPage(agreement, try await facts(agreement, source))))
        }
    }

    private func facts(_ agreement: Agreement, _ source: AgreementSource) async throws -> AgreementPage.Facts
    {
        let organisations = agreement.parties.union([agreement.linker].compactMap(\.self))
        let members = context.directory.current?.members ?? []
        let columns = agreement.datasets.map { name, columns in
            let known = context.catalog.datasets[name]?.columns.map(\.name) ?? []
            return (name, columns.contains("*") && !known.isEmpty ? known : columns)
        }
        let day = CivilDate(days: Int(Clock.days(Clock.now)))
        let record = try await context.agreements.versions(agreement.id).first { $0.agreement == agreement }
        return AgreementPage.Facts(
            names: members.reduce(into: [:]) { names, member in
                if organisations.contains(member.organisation) { names[member.organisation] = member.name }
            },
            columns: Dictionary(columns) { first, _ in first },
            profileRules: DisclosureProfile.named(agreement.disclosureProfile)?.rulesInWords
                ?? ["as the profile of that name says"],
            digest: try agreement.digest.description, signatures: try await signatures(agreement, source),
            state: record?.stateInWords(for: context.organisation, on: day) ?? "a draft",
            halts: try await context.agreements.halts(agreement.id))
    }

    /// Electronic signatures that verify, oldest first.
    private func signatures(
        _ agreement: Agreement, _ source: AgreementSource
    ) async throws -> [AgreementPage.Signature] {
        let now = WireInstant(milliseconds: Clock.now)
        var documents: [SignedDocument] = []
        if case .text(let text) = source {
            if Self.isEnvelope(text) { documents = [try read(text).0.document] }
        } else {
            let kept = try await context.agreements.signatures(agreement.id, version: agreement.version)
            documents = try kept.values.map { try SignedDocument(parsing: Array($0)) }
        }
        let valid = documents.flatMap { $0.validSigners(in: context.directory, for: .agreement, at: now) }
        let latest = Dictionary(valid.map { ($0.organisation, $0) }) {
            $0.signedAt < $1.signedAt ? $1 : $0
        }
        return latest.values.filter { agreement.parties.contains($0.organisation) }
            .sorted { ($0.signedAt, $0.organisation) < ($1.signedAt, $1.organisation) }
            .map {
                AgreementPage.Signature(
                    organisation: $0.organisation, role: $0.role, at: Clock.text($0.signedAt.milliseconds))
            }
    }
}

extension DisclosureProfile {
    /// For people who have never heard of profiles.
    fileprivate var rulesInWords: [String] {
        guard withholds || perturbs else {
            return ["Nothing is withheld or changed: for made-up people only."]
        }
        var rules = ["No number stands for fewer than \(minimumPeople) people: smaller ones are withheld."]
        if complement {
            rules.append("Where a number is of some people of a group, the others must be as many.")
        }
        if dominance != nil {
            rules.append("A number that one or two people make up for the most part is withheld.")
        }
        rules.append("A further number is withheld where it would tell one that is withheld.")
        if case .table(let table) = noise {
            rules.append("Numbers are changed by the published table \(table.name).")
        }
        if case .cellKey(let deviation) = noise {
            rules.append(
                "Numbers are changed by chance, by about \(Int(deviation.rounded())) people, the same way each time."
            )
        }
        if roundingBase > 1 { rules.append("Numbers are rounded to the nearest \(roundingBase).") }
        rules.append("A number that is withheld cannot be told from zero.")
        return rules
    }
}
