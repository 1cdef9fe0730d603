internal import Core
internal import Hummingbird
internal import Node

/// Measures that recur: one's own, and those that other organisations put before this one.
enum MeasureRoutes {
    static let all = [list, show, create, run, remove, proposals, proposal, approve, decline]

    private static let read = APIRoute.Access.roles([.analyst], .saved)
    private static let write = APIRoute.Access.roles([.analyst], .savedWrite)
    private static let item = [
        APIRoute.Parameter(
            name: "name", schema: .text(pattern: "^[a-z][a-z0-9_]{0,62}$"),
            summary: "The measure's name, which is a table's of the schema released.")
    ]
    private static let number = [
        APIRoute.Parameter(
            name: "number", schema: .integer(1...Int(Int32.max)),
            summary: "The measure that was put before us.")
    ]
    private static let columns = [
        "id", "name", "requester", "agreement", "every", "first", "state", "periods", "question",
    ]
    private static let day = Schema.text(pattern: "^[0-9]{4}-[0-9]{2}-[0-9]{2}$")

    // MARK: Ours

    private static let list = APIRoute(
        method: .get, path: "/measures", operation: "listMeasures", summary: "The node's own measures.",
        access: read, query: APIPage.parameters,
        outcomes: [.ok("A page of measures.", APIPage.schema(columns))]
    ) { call in
        try APIPage.of(try await call.run(.measure(.list(.ours))), call)
    }

    private static let show = APIRoute(
        method: .get, path: "/measures/{name}", operation: "showMeasure",
        summary: "A measure with its periods.", access: read, items: item, outcomes: [.ok("The measure.")]
    ) { call in
        .json(try await call.run(.measure(.show(.ours(call.item("name")), json: true))).document)
    }

    private static let create = APIRoute(
        method: .put, path: "/measures/{name}", operation: "createMeasure",
        summary: "Make a measure, and put it before its controllers.", access: write, isPrivileged: true,
        items: item, body: .named("Measure"), outcomes: [.ok("Made.", .named("Done"))]
    ) { call in
        let question = try QuestionRoutes.question(call.body, of: try call.caller)
        guard let every = call.body["every"]?.text.flatMap(MeasureCadence.init) else {
            throw Problem.invalid("/every is day, week, month, quarter or year", at: "/every")
        }
        return try .json(
            try await call.run(
                .measure(
                    .create(
                        name: call.item("name"), question, every: every,
                        from: try date(call.body["from"], "/from"), comment: call.body["comment"]?.text))
            ).done)
    }

    private static let run = APIRoute(
        method: .post, path: "/measures/{name}/run", operation: "runMeasure",
        summary: "Ask for a period; the last that has ended if none is named.", access: write,
        isPrivileged: true, items: item, body: .object([("as_at", day)], optional: ["as_at"]),
        outcomes: [.ok("The answer.", .named("Answer"))]
    ) { call in
        let reply = try await call.run(
            .measure(
                .run(
                    name: call.item("name"), asAt: try date(call.body["as_at"], "/as_at"),
                    user: try call.caller.user.name)))
        guard case .answer(let answer) = reply else { throw APIFailure.anotherReply }
        return try .encoded(answer)
    }

    private static let remove = APIRoute(
        method: .delete, path: "/measures/{name}", operation: "removeMeasure",
        summary: "Forget a measure with what was released to it.", access: write, isPrivileged: true,
        items: item, outcomes: [.init(status: .noContent, words: "Removed.")]
    ) { call in
        _ = try await call.run(.measure(.remove(name: call.item("name"))))
        return .nothing
    }

    /// - Throws: `Problem` for a day that does not exist.
    private static func date(_ value: JSONTree?, _ pointer: String) throws -> CivilDate? {
        guard let text = value?.text else { return nil }
        guard let date = CivilDate(text) else {
            throw Problem.invalid("\(pointer) is no day that exists", at: pointer)
        }
        return date
    }

    // MARK: Put before us

    private static let proposals = APIRoute(
        method: .get, path: "/measure-proposals", operation: "listMeasureProposals",
        summary: "Measures that other organisations put before this one.",
        access: .roles([.governance, .auditor], .releases), query: APIPage.parameters,
        outcomes: [.ok("A page of measures.", APIPage.schema(columns))]
    ) { call in
        try APIPage.of(try await call.run(.measure(.list(.theirs))), call)
    }

    private static let proposal = APIRoute(
        method: .get, path: "/measure-proposals/{number}", operation: "showMeasureProposal",
        summary: "A measure that was put before us: its text, in English, and its periods.",
        access: .roles([.governance], .releases), items: number, outcomes: [.ok("The measure.")]
    ) { call in
        .json(
            try await call.run(.measure(.show(.theirs(String(call.number("number"))), json: true))).document)
    }

    private static let approve = APIRoute(
        method: .post, path: "/measure-proposals/{number}/approve", operation: "approveMeasure",
        summary: "Let every period of a measure be released, once each.",
        access: .roles([.governance], .releasesWrite), isPrivileged: true, items: number,
        outcomes: [.ok("Done.", .named("Done"))]
    ) { call in
        try .json(try await call.run(.measure(.approve(name: String(call.number("number"))))).done)
    }

    private static let decline = APIRoute(
        method: .post, path: "/measure-proposals/{number}/decline", operation: "declineMeasure",
        summary: "Do not let a measure be released, or no longer.",
        access: .roles([.governance], .releasesWrite), isPrivileged: true, items: number,
        body: .object([("reason", .text(min: 1, max: 500))]), outcomes: [.ok("Done.", .named("Done"))]
    ) { call in
        try .json(
            try await call.run(
                .measure(
                    .decline(
                        name: String(call.number("number")), reason: call.body["reason"]?.text ?? ""))
            ).done)
    }
}
