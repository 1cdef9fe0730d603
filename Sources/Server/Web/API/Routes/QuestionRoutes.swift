internal import Core
internal import Hummingbird
internal import Node

/// Questions: begun, followed, broken off; answers and receipts.
enum QuestionRoutes {
    static let all = [begin, list, show, cancel, follow, result, receipt, receipts, explain]

    private static let analysts = APIRoute.Access.roles([.analyst], .questions)
    private static let item = [
        APIRoute.Parameter(name: "id", schema: .text(min: 36, max: 36), summary: "The question.")
    ]

    private static let begin = APIRoute(
        method: .post, path: "/queries", operation: "beginQuery",
        summary: "Ask a question of every site of an agreement; it runs on by itself.", access: analysts,
        body: .named("Question"),
        outcomes: [
            .init(
                status: .accepted, words: "It runs: 'Location' has it.",
                bodies: [APIAnswer.json: .named("Query")])
        ]
    ) { call in
        let run = try await call.house.questions.begin(try question(call.body, of: try call.caller))
        var answer = try APIAnswer.encoded(QueryPage(run), .accepted)
        answer.headers[.location] = "\(APIRoute.root)/queries/\(run.id)"
        return answer
    }

    /// A question as a body has it.
    static func question(_ body: JSONTree, of caller: Caller) throws -> Question {
        guard let require = Requirement(body["require"]?.text ?? "all") else {
            throw Problem.invalid("/require is all, any or quorum=N", at: "/require")
        }
        var question = Question(
            sql: body["sql"]?.text ?? "", agreement: body["agreement"]?.text ?? "",
            purpose: body["purpose"]?.text, require: require,
            deadlineSeconds: body["deadline_seconds"]?.integer ?? 60, user: caller.user.name)
        question.maximumAgeDays = body["max_age_days"]?.integer
        return question
    }

    private static let list = APIRoute(
        method: .get, path: "/queries", operation: "listQueries",
        summary: "One's own questions of the last hour, newest first.", access: analysts,
        query: APIPage.parameters,
        outcomes: [
            .ok("A page of questions.", APIPage.schema(of: .named("Query")))
        ]
    ) { call in
        let runs = await call.house.questions.runs(of: try call.caller.user.name)
        return try APIPage.of(runs.map { try ScriptJSON.tree(QueryPage($0)) }, call)
    }

    private static let show = APIRoute(
        method: .get, path: "/queries/{id}", operation: "showQuery", summary: "How far a question has come.",
        access: analysts, items: item,
        outcomes: [.ok("The question.", .named("Query"))]
    ) { call in
        try APIAnswer.encoded(QueryPage(try await run(call)))
    }

    private static func run(_ call: APICall) async throws -> QuestionRun {
        let user = try call.caller.user.name
        guard let run = await call.house.questions.run(call.item("id"), of: user) else {
            throw Problem.notFound
        }
        return run
    }

    private static let cancel = APIRoute(
        method: .delete, path: "/queries/{id}", operation: "cancelQuery",
        summary: "Break a question off, at the sites as well; forget one that has ended.", access: analysts,
        items: item, outcomes: [.init(status: .noContent, words: "Broken off, or forgotten.")]
    ) { call in
        let user = try call.caller.user.name
        guard await call.house.questions.cancel(call.item("id"), of: user) else { throw Problem.notFound }
        return .nothing
    }

    private static let follow = APIRoute(
        method: .get, path: "/queries/{id}/events", operation: "followQuery",
        summary: "Follow a question: 'asked', 'site' for each site as it answers, 'ended'.",
        access: analysts, items: item,
        outcomes: [
            .init(
                status: .ok, words: "Events as they happen; 'Last-Event-ID' goes on after one.",
                bodies: ["text/event-stream": .text])
        ]
    ) { call in
        let user = try call.caller.user.name
        let last = HTTPField.Name("Last-Event-ID").flatMap { call.request.headers[$0] }.flatMap { Int($0) }
        guard
            let events = await call.house.questions.follow(call.item("id"), of: user, after: last)
        else { throw Problem.notFound }
        return APIAnswer(body: .events(QueryEvents.lines(events)))
    }

    private static let result = APIRoute(
        method: .get, path: "/queries/{id}/result", operation: "queryResult",
        summary: "The rows of an answer. JSON comes a page at a time, CSV and Parquet whole.",
        access: analysts, items: item,
        query: [
            .init(
                name: "format", schema: .oneOf(ResultFormat.allCases.map(\.rawValue)),
                summary: "As what; by 'Accept' if left out."),
            .init(
                name: "limit", schema: .integer(1...10_000),
                summary: "Rows of a page of JSON; 1000 if left out."),
            .init(
                name: "cursor", schema: .text(min: 1, max: 20),
                summary: "Where to go on: `next` of the page before."),
        ],
        outcomes: [
            .init(
                status: .ok, words: "Rows.",
                bodies: [
                    APIAnswer.json: .named("Result"), ResultFormat.csv.type: .text,
                    ResultFormat.parquet.type: .text,
                ])
        ]
    ) { call in
        let answer = try ended(try await run(call))
        switch ResultFormat(call) {
        case .json: return try ResultPage.of(answer, call)
        case .csv:
            return APIAnswer(body: .text(ResultFile.csv(answer.table), type: ResultFormat.csv.type))
        case .parquet:
            let bytes = try await ResultFile.parquet(answer.table, in: call.house.context)
            return APIAnswer(body: .bytes(bytes, type: ResultFormat.parquet.type))
        }
    }

    private static let receipt = APIRoute(
        method: .get, path: "/queries/{id}/receipt", operation: "queryReceipt",
        summary: "The evidence that comes with an answer.", access: analysts, items: item,
        outcomes: [.ok("The receipt.")]
    ) { call in
        try APIAnswer.encoded(try ended(try await run(call)).receipt)
    }

    private static func ended(_ run: QuestionRun) throws -> Answer {
        if let fault = run.fault { throw Problem.of(fault.fault, sites: fault.sites) }
        guard let answer = run.answer else {
            throw Problem("running", .conflict, "the question is still running", retryAfter: 1)
        }
        return answer
    }

    private static let receipts = APIRoute(
        method: .get, path: "/receipts", operation: "listReceipts",
        summary: "Receipts of one's own questions, by whatever door they were asked; newest first.",
        access: analysts, query: APIPage.parameters,
        outcomes: [
            .ok("A page of receipts.", APIPage.schema(of: .anything))
        ]
    ) { call in
        let receipts = try await call.house.context.keptReceipts(of: try call.caller.user.name)
        return try APIPage.of(receipts.map { try ScriptJSON.tree($0) }, call)
    }

    private static let explain = APIRoute(
        method: .post, path: "/explain", operation: "explainQuery",
        summary: "What each site would be asked, and what would be done with the answers; asks nobody.",
        access: analysts, body: .object([("sql", .text(min: 1, max: 65_536))]),
        outcomes: [.ok("The plan.")]
    ) { call in
        .json(try await call.run(.explain(sql: call.body["sql"]?.text ?? "", json: true)).document)
    }
}
