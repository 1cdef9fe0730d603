internal import Hummingbird
internal import Node

/// The node's log: its head, its entries with their proofs, and whether it is sound.
enum AuditRoutes {
    static let all = [head, list, entry, verify]

    private static let access = APIRoute.Access.roles([.auditor, .governance], .audit)

    private static let head = APIRoute(
        method: .get, path: "/audit/head", operation: "auditHead", summary: "The signed head of the log.",
        access: access,
        outcomes: [.ok("The head.", .named("LogHead"))]
    ) { call in
        .json(try await call.run(.inquire(.logHead)).document)
    }

    /// A cursor of the log is the index of the last entry that was sent.
    static let paging = [
        APIPage.parameters[0],
        APIRoute.Parameter(
            name: "cursor", schema: .text(pattern: "^[0-9]{1,15}$"),
            summary: "Where to go on: `next` of the page before."),
    ]
    static let entriesOutcome = APIRoute.Outcome(
        status: .ok, words: "A page of entries.",
        bodies: [APIAnswer.json: APIPage.schema(of: .named("LogEntry"))])

    private static let list = APIRoute(
        method: .get, path: "/audit/entries", operation: "listAuditEntries",
        summary: "Entries of the log, newest first.", access: access,
        query: paging + [
            .init(
                name: "kind",
                schema: .oneOf([
                    "decision", "release", "ingest", "publish", "agreement", "key", "signIn", "optOutList",
                    "refusedMessage", "administration",
                ]), summary: "Of one kind; all if left out.")
        ],
        outcomes: [entriesOutcome]
    ) { call in
        try await entries([call.query["kind"]?.text].compactMap(\.self), call)
    }

    static func entries(_ kinds: [String], _ call: APICall) async throws -> APIAnswer {
        let limit = call.query["limit"]?.integer ?? APIPage.usual
        let before = call.query["cursor"]?.text.flatMap { Int($0) }
        let text = try await call.run(
            .inquire(.logEntries(kinds: kinds, before: before, limit: limit))
        ).document
        let items = try JSONTree.parse(text.utf8).elements
        let last = items.last?["index"]?.integer ?? 0
        let next: JSONTree = items.count == limit && last > 0 ? .text(String(last)) : .null
        return try .json(["items": .array(items), "next": next])
    }

    private static let entry = APIRoute(
        method: .get, path: "/audit/entries/{index}", operation: "showAuditEntry",
        summary: "One entry, with the proof that it is in the log.", access: access,
        items: [.init(name: "index", schema: .integer(0...Int(Int32.max)), summary: "Its place in the log.")],
        outcomes: [
            .ok("The entry.", .named("ProvenLogEntry"))
        ]
    ) { call in
        .json(try await call.run(.inquire(.logEntry(call.number("index")))).document)
    }

    private static let verify = APIRoute(
        method: .post, path: "/audit/verification", operation: "verifyAudit",
        summary: "Hash every record again and check the signed head.", access: access, isPrivileged: true,
        outcomes: [
            .ok("What was found.", .named("Verification"))
        ]
    ) { call in
        switch try await call.run(.verifyAudit) {
        case .done(let words): try .json(["sound": true, "words": .text(words)])
        case .failed(let words): try .json(["sound": false, "words": .text(words)])
        default: throw APIFailure.anotherReply
        }
    }
}
