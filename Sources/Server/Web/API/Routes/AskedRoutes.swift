internal import Core
internal import Hummingbird
internal import Node

/// What a controller was asked, with its exact text and what left: for whoever answers for that.
enum AskedRoutes {
    static let all = [list, one]

    private static let access = APIRoute.Access.roles([.governance], .releases)

    private static let list = APIRoute(
        method: .get, path: "/asked", operation: "listQuestions",
        summary: "What this controller was asked and what left, newest first.", access: access,
        query: AuditRoutes.paging + [
            .init(
                name: "words", schema: .text(min: 1, max: 200),
                summary:
                    "All of them occur in the question, its English, the agreement, the purpose or the requester."
            ),
            .init(name: "agreement", schema: .text(min: 1, max: 64), summary: "Under one agreement."),
            .init(
                name: "outcome", schema: .oneOf(AskedQuestion.Outcome.allCases.map(\.rawValue)),
                summary: "What became of it."),
            .init(name: "from", schema: .text(pattern: dayPattern), summary: "The first day, UTC."),
            .init(name: "until", schema: .text(pattern: dayPattern), summary: "The last day, UTC."),
        ], outcomes: [.ok("A page of questions.", APIPage.schema(of: .anything))]
    ) { call in
        let limit = call.query["limit"]?.integer ?? APIPage.usual
        let search = AskedSearch(
            words: call.query["words"]?.text, agreement: call.query["agreement"]?.text,
            outcome: call.query["outcome"]?.text.flatMap(AskedQuestion.Outcome.init),
            from: try day(call, "from"), until: try day(call, "until"),
            before: call.query["cursor"]?.text.flatMap { Int($0) }, limit: limit)
        let page = try JSONTree.parse(try await call.run(.inquire(.asked(search))).document.utf8)
        let next: JSONTree = page["next"]?.integer.map { .text(String($0)) } ?? .null
        return try .json(["items": .array(page["items"]?.elements ?? []), "next": next])
    }

    private static let dayPattern = "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"

    /// - Throws: `Problem` for a day that the calendar does not have.
    private static func day(_ call: APICall, _ name: String) throws -> Int? {
        guard let text = call.query[name]?.text else { return nil }
        guard let day = Civil.parseDate(text) else {
            throw Problem.invalid("\(name) is no day of the calendar", at: name)
        }
        return Int(day)
    }

    private static let one = APIRoute(
        method: .get, path: "/asked/{entry}", operation: "showQuestion",
        summary: "One question with its exact text and what left.", access: access,
        items: [
            .init(name: "entry", schema: .integer(0...Int(Int32.max)), summary: "Its place in the log.")
        ], outcomes: [.ok("The question.")]
    ) { call in
        .json(try await call.run(.inquire(.askedQuestion(entry: call.number("entry")))).document)
    }
}
