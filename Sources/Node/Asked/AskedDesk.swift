internal import Audit
internal import Core
internal import Exchange
internal import Foundation
internal import Policy
internal import Query

/// Shows people at a controller what it was asked.
struct AskedDesk: Sendable {
    let context: NodeContext

    static let mostOnPage = 200
    /// Of an export.
    static let mostExported = 100_000
    /// So many are unsealed at a time.
    private static let piece = 200

    func page(_ search: AskedSearch) async throws -> AskedPage {
        let names = try await Names(context)
        let limit = max(1, min(search.limit, Self.mostOnPage))
        let found = try await find(search, most: limit + 1, names)
        return AskedPage(
            items: found.prefix(limit).map { names.question($0) },
            next: found.count > limit ? found[limit - 1].entry : nil,
            keptSince: try await context.asked.since().map(Clock.text))
    }

    /// - Throws: `NodeError` where there is none.
    func question(_ entry: Int) async throws -> AskedQuestion {
        guard let found = try await context.asked.entry(entry) else {
            throw NodeError(
                .input,
                "no question is kept under log entry \(entry): it is older, or something else was written")
        }
        return try await Names(context).question(found)
    }

    /// For the data protection officer; the log bears that it was made, and of which time.
    func export(_ search: AskedSearch, _ form: AskedExportForm) async throws -> String {
        let names = try await Names(context)
        let found = try await find(search, most: Self.mostExported + 1, names)
        guard found.count <= Self.mostExported else {
            throw NodeError(
                .input, "these are more than \(Self.mostExported) questions: export fewer days at a time")
        }
        let questions = found.reversed().map { names.question($0) }
        var details = [
            "act": "questions-exported", "format": form.rawValue, "questions": String(questions.count),
        ]
        details["from"] = search.from.map { Civil.formatDate($0) }
        details["until"] = search.until.map { Civil.formatDate($0) }
        _ = try await context.audit.append(
            AuditRecord(kind: .administration, at: Clock.now, details: details))
        return form == .csv ? AskedRegister.csv(questions) : try ScriptJSON.encode(questions)
    }

    /// Newest first.
    private func find(_ search: AskedSearch, most: Int, _ names: Names) async throws -> [QuestionBook.Entry] {
        let words = (search.words ?? "").lowercased().split(whereSeparator: \.isWhitespace).map(String.init)
        var (found, before): ([QuestionBook.Entry], Int?) = ([], search.before)
        while found.count < most {
            let piece = try await context.asked.entries(search, before: before, limit: Self.piece)
            found += piece.filter { entry in
                let text = names.searchable(entry)
                return words.allSatisfy(text.contains)
            }
            guard piece.count == Self.piece, let last = piece.last else { break }
            before = last.entry
        }
        return Array(found.prefix(most))
    }
}

extension AskedDesk {
    /// What codes stand for at this node.
    private struct Names {
        private let organisations: [String: String]
        private let agreements: [String: String]
        private let purposes: PurposeHierarchy?

        init(_ context: NodeContext) async throws {
            organisations = Dictionary(
                (context.directory.current?.members ?? []).map { ($0.organisation.text, $0.name) }
            ) { first, _ in first }
            agreements = Dictionary(
                try await context.agreements.list().map { ($0.agreement.id, $0.agreement.title) }
            ) { $1 }
            purposes = try? context.policy.current().engine.purposes
        }

        private func title(_ purpose: String) -> String? {
            guard let purposes, let purpose = Purpose(purpose), purposes.contains(purpose) else { return nil }
            return purposes.title(of: purpose)
        }

        func searchable(_ entry: QuestionBook.Entry) -> String {
            let named = [entry.requester, organisations[entry.requester], entry.agreement]
            let titled = [
                agreements[entry.agreement], entry.purpose, title(entry.purpose), entry.sealed.person,
            ]
            return
                (entry.sealed.fragments.map(\.sql) + entry.sealed.words.map(\.sentence)
                + (named + titled).compactMap(\.self)).joined(separator: "\n").lowercased()
        }

        func question(_ entry: QuestionBook.Entry) -> AskedQuestion {
            let sealed = entry.sealed
            let parts = sealed.fragments.enumerated().map { place, fragment in
                AskedQuestion.Part(
                    sql: fragment.sql,
                    words: sealed.words.indices.contains(place) ? sealed.words[place].sentence : nil,
                    left: sealed.left.indices.contains(place) ? sealed.left[place] : nil,
                    isLinked: fragment.linked)
            }
            return AskedQuestion(
                entry: entry.entry, at: Clock.text(entry.at), requester: entry.requester,
                requesterName: organisations[entry.requester], person: sealed.person,
                agreement: entry.agreement, agreementTitle: agreements[entry.agreement],
                purpose: entry.purpose, purposeTitle: title(entry.purpose), outcome: entry.outcome,
                rule: sealed.rule, reason: sealed.reason, parts: parts, linker: sealed.linker,
                conditions: sealed.conditions, decision: sealed.decision, profile: sealed.profile,
                publication: sealed.publication, publishedAt: sealed.publishedAt.map(Clock.text))
        }
    }
}
