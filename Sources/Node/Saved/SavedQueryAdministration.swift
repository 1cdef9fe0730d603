internal import Catalog
internal import Core
internal import Exchange
internal import Foundation

/// Keeps questions, asks them again, and shows what was released to them as tables.
struct SavedQueryAdministration: Sendable {
    let context: NodeContext

    func perform(_ command: SavedQueryCommand) async throws -> NodeReply {
        switch command {
        case .add(let name, let question, let comment): return try await add(name, question, comment)
        case .list: return .listing(columns: Self.listed, rows: try context.saved.all().map(Self.line))
        case .show(let name): return .document(try show(name))
        case .run(let name, let user): return .answer(try await run(name, as: user))
        case .remove(let name):
            guard try await context.saved.remove(name) else { throw unknown(name) }
            context.released.remove(name)
            return .done("'\(name)' is no longer saved, and released.\(name) is gone")
        }
    }

    private func add(_ name: String, _ question: Question, _ comment: String?) async throws -> NodeReply {
        guard name.wholeMatch(of: /[a-z][a-z0-9_]{0,62}/) != nil else {
            throw NodeError(
                .input,
                "a saved query's name is a table's name: small letters, digits and _, beginning with a letter"
            )
        }
        // What cannot be asked is not worth keeping; who may ask it, each controller decides when it is asked.
        _ = try Coordinator(context: context).plan(question.sql, at: WireInstant(milliseconds: Clock.now))
        guard try await context.saved.keep(name, question, comment: comment, at: Clock.now) else {
            throw NodeError(.input, "released.\(name) is taken by a measure: choose another name")
        }
        return .done("'\(name)' is saved: 'concordat saved run \(name)' makes the table released.\(name)")
    }

    /// Asks a saved question and keeps what is released to it.
    func run(_ name: String, as user: String? = nil) async throws -> Answer {
        let query = try query(name)
        var question = query.question
        question.user = user ?? question.user
        let answer = try await Coordinator(context: context).ask(question)
        let now = Clock.now
        try await context.saved.keep(answer, of: name, at: now)
        let fresh = SavedQuery(
            name: name, question: query.question, comment: query.comment, ranAt: now, answer: answer)
        try await context.show(fresh)
        return answer
    }

    private func query(_ name: String) throws -> SavedQuery {
        guard let query = try context.saved.all().first(where: { $0.name == name }) else {
            throw unknown(name)
        }
        return query
    }

    private func unknown(_ name: String) -> NodeError {
        NodeError(.input, "no query is saved as '\(name)': see 'concordat saved list'")
    }

    private static let listed = ["name", "agreement", "purpose", "ran", "rows", "question"]

    private static func line(_ query: SavedQuery) -> [String] {
        [
            query.name, query.question.agreement, query.question.purpose ?? "",
            query.ranAt.map { Clock.text($0) } ?? "never", query.answer.map { "\($0.table.rowCount)" } ?? "",
            query.question.sql,
        ]
    }

    private struct Shown: Encodable {
        let name: String
        let comment: String?
        let table: String
        let sql: String
        let agreement: String
        let purpose: String?
        let require: String
        let ranAt: String?
        let result: Answer?
    }

    private func show(_ name: String) throws -> String {
        let query = try query(name)
        return try ScriptJSON.encode(
            Shown(
                name: name, comment: query.comment, table: "released.\(name)", sql: query.question.sql,
                agreement: query.question.agreement, purpose: query.question.purpose,
                require: query.question.require.text, ranAt: query.ranAt.map { Clock.text($0) },
                result: query.answer))
    }
}
