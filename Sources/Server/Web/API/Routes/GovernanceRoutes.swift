internal import Hummingbird
internal import Node

/// Agreements, what was decided under them, what left, and what waits for a person.
enum GovernanceRoutes {
    static let all =
        [agreements, agreement, decisions, releases, reviews, review]
        + [
            halt("suspend", "Suspend an agreement at this node, at once.") {
                .agreement(.suspend(id: $0, reason: $1))
            },
            halt("resume", "Take a suspension back.") { .agreement(.resume(id: $0, reason: $1)) },
            halt("revoke", "Revoke an agreement, at once and for good.") {
                .revokeAgreement(id: $0, reason: $1)
            },
        ] + [approve, decline]

    private static let everybody = Set(APIRoute.Role.allCases)
    private static let readers: Set<APIRoute.Role> = [.governance, .auditor]
    private static let item = [
        APIRoute.Parameter(name: "id", schema: .text(min: 1, max: 64), summary: "The agreement's name.")
    ]
    private static let number = [
        APIRoute.Parameter(
            name: "number", schema: .integer(1...Int(Int32.max)), summary: "The release that waits.")
    ]

    private static let agreements = APIRoute(
        method: .get, path: "/agreements", operation: "listAgreements",
        summary: "Agreements that the node knows, and their states.", access: .roles(everybody, .agreements),
        query: APIPage.parameters,
        outcomes: [
            .ok(
                "A page of agreements.",
                APIPage.schema([
                    "id", "version", "title", "purpose", "requester", "controllers", "profile", "until",
                    "state", "halted", "notice",
                ]))
        ]
    ) { call in
        try APIPage.of(try await call.run(.listAgreements), call)
    }

    private static let types: [AgreementForm: String] = [
        .json: APIAnswer.json, .yaml: "application/yaml", .text: "text/plain; charset=utf-8",
        .html: "text/html; charset=utf-8",
    ]

    private static let agreement = APIRoute(
        method: .get, path: "/agreements/{id}", operation: "showAgreement",
        summary: "An agreement: the text that is signed, or one to read.",
        access: .roles(everybody, .agreements), items: item,
        query: [
            .init(
                name: "form", schema: .oneOf(AgreementForm.allCases.map(\.rawValue)),
                summary: "As what; json if left out.")
        ],
        outcomes: [
            .init(
                status: .ok, words: "The agreement.",
                bodies: [
                    APIAnswer.json: .anything, "application/yaml": .anything, "text/plain": .text,
                    "text/html": .text,
                ])
        ]
    ) { call in
        let form = call.query["form"]?.text.flatMap(AgreementForm.init) ?? .json
        let text = try await call.run(
            .agreement(.print(.known(id: call.item("id"), version: nil), as: form))
        ).document
        return APIAnswer(body: .text(text, type: types[form] ?? APIAnswer.json))
    }

    private static func halt(
        _ act: String, _ summary: String, _ command: @escaping @Sendable (String, String) -> NodeCommand
    ) -> APIRoute {
        APIRoute(
            method: .post, path: "/agreements/{id}/\(act)", operation: "\(act)Agreement", summary: summary,
            access: .roles([.governance], .agreementsWrite), isPrivileged: true, items: item,
            body: .object([("reason", .text(min: 1, max: 500))]),
            outcomes: [.ok("Done.", .named("Done"))]
        ) { call in
            try .json(
                try await call.run(command(call.item("id"), call.body["reason"]?.text ?? "")).done)
        }
    }

    // MARK: What was decided, and what left

    private static let decisions = log(
        "/decisions", "listDecisions", "What was asked and decided here, newest first.",
        ["decision", "release"])
    private static let releases = log(
        "/releases", "listReleases", "What left the building, newest first.", ["release"])

    private static func log(
        _ path: String, _ operation: String, _ summary: String, _ kinds: [String]
    ) -> APIRoute {
        APIRoute(
            method: .get, path: path, operation: operation, summary: summary,
            access: .roles(readers, .releases), query: AuditRoutes.paging,
            outcomes: [AuditRoutes.entriesOutcome]
        ) { call in
            try await AuditRoutes.entries(kinds, call)
        }
    }

    // MARK: What waits for a person

    private static let reviews = APIRoute(
        method: .get, path: "/reviews", operation: "listReviews",
        summary: "Releases that wait for a person, or did.", access: .roles(readers, .releases),
        query: APIPage.parameters,
        outcomes: [
            .ok(
                "A page of releases.",
                APIPage.schema([
                    "id", "agreement", "version", "requester", "purpose", "asked", "state", "reason",
                ]))
        ]
    ) { call in
        try APIPage.of(try await call.run(.review(.list)), call)
    }

    private static let review = APIRoute(
        method: .get, path: "/reviews/{number}", operation: "showReview",
        summary: "A release that waits: what was asked and what would leave.",
        access: .roles([.governance], .releases), isPrivileged: true, items: number,
        outcomes: [.ok("The release.")]
    ) { call in
        .json(try await call.run(.review(.show(id: Int64(call.number("number")), json: true))).document)
    }

    private static let approve = APIRoute(
        method: .post, path: "/reviews/{number}/approve", operation: "approveReview",
        summary: "Let a release go, when its question is asked again.",
        access: .roles([.governance], .releasesWrite), isPrivileged: true, items: number,
        outcomes: [.ok("Done.", .named("Done"))]
    ) { call in
        try .json(try await call.run(.review(.approve(id: Int64(call.number("number"))))).done)
    }

    private static let decline = APIRoute(
        method: .post, path: "/reviews/{number}/decline", operation: "declineReview",
        summary: "Do not let a release go.", access: .roles([.governance], .releasesWrite),
        isPrivileged: true, items: number, body: .object([("reason", .text(min: 1, max: 500))]),
        outcomes: [.ok("Done.", .named("Done"))]
    ) { call in
        try .json(
            try await call.run(
                .review(
                    .decline(id: Int64(call.number("number")), reason: call.body["reason"]?.text ?? ""))
            ).done)
    }
}
