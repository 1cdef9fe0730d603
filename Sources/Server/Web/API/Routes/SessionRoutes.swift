internal import Core
internal import Hummingbird
internal import Node
internal import Store

/// Signing in and out, who one is, and one's tokens.
enum SessionRoutes {
    static let all = [signIn, show, signOut, me, tokens, makeToken, revokeToken]

    private static let signIn = APIRoute(
        method: .post, path: "/session", operation: "signIn",
        summary: "Sign in with user and password; sets the session's cookie.", access: .open,
        body: .object([("user", .text(min: 1, max: 63)), ("password", .text(min: 1, max: 256))]),
        outcomes: [.ok("Signed in.", .named("Session"))]
    ) { call in
        if let seconds = call.house.signIns.take(call.address) { throw Problem.tooMany(seconds: seconds) }
        let opened = try await call.house.desk.signIn(
            call.body["user"]?.text ?? "", password: call.body["password"]?.text ?? "",
            from: call.address, replacing: SessionCookie.secret(call.request))
        guard let opened else { throw Problem.wrongSignIn }
        var answer = try page(opened.caller, opened.secret, call.house)
        answer.headers[.setCookie] = SessionCookie.set(opened.secret, hours: call.house.settings.sessionHours)
        return answer
    }

    private static let show = APIRoute(
        method: .get, path: "/session", operation: "showSession",
        summary: "Who is signed in, and the token that changes are sent with.", access: .session,
        outcomes: [.ok("The session.", .named("Session"))]
    ) { call in
        try page(try call.caller, SessionCookie.secret(call.request) ?? "", call.house)
    }

    private static let signOut = APIRoute(
        method: .delete, path: "/session", operation: "signOut", summary: "End the session.",
        access: .session, outcomes: [.init(status: .noContent, words: "Signed out.")]
    ) { call in
        try await call.house.desk.signOut(
            SessionCookie.secret(call.request) ?? "", try call.caller, from: call.address)
        var answer = APIAnswer.nothing
        answer.headers[.setCookie] = SessionCookie.removed
        return answer
    }

    private static func page(_ caller: Caller, _ secret: String, _ house: WebHouse) throws -> APIAnswer {
        try .json([
            "user": .text(caller.user.name), "roles": roles(caller),
            "change_token": .text(house.desk.changeToken(session: secret)),
        ])
    }

    private static func roles(_ caller: Caller) -> JSONTree {
        .array(caller.roles.sorted().map(JSONTree.text))
    }

    private static let me = APIRoute(
        method: .get, path: "/me", operation: "me", summary: "Who one is, by session or token.",
        access: .anybody,
        outcomes: [.ok("You.", .named("Me"))]
    ) { call in
        let caller = try call.caller
        var scopes: JSONTree = .null
        if case .token(_, let found) = caller.means {
            scopes = .array(found.map(\.rawValue).sorted().map(JSONTree.text))
        }
        return try .json([
            "user": .text(caller.user.name), "roles": roles(caller), "scopes": scopes,
            "organisation": .text(call.house.context.organisation.text),
        ])
    }

    // MARK: Tokens

    private static let tokens = APIRoute(
        method: .get, path: "/tokens", operation: "listTokens", summary: "One's own tokens, newest first.",
        access: .session, query: APIPage.parameters,
        outcomes: [
            .ok(
                "A page of tokens.",
                APIPage.schema([
                    "id", "name", "user", "scopes", "made", "until", "used", "state",
                ]))
        ]
    ) { call in
        try APIPage.of(try await call.run(.token(.list(user: try call.caller.user.name))), call)
    }

    private static let makeToken = APIRoute(
        method: .post, path: "/tokens", operation: "createToken",
        summary: "Make a token for oneself; it is shown this once.", access: .session,
        body: .object([
            ("name", .text(min: 1, max: 63)),
            ("scopes", .array(.oneOf(TokenScope.allCases.map(\.rawValue)), max: 50)),
            ("days", .integer(1...366)),
        ]),
        outcomes: [.init(status: .created, words: "The token.", bodies: [APIAnswer.json: .named("Token")])]
    ) { call in
        let reply = try await call.run(
            .token(
                .create(
                    name: call.body["name"]?.text ?? "", user: try call.caller.user.name,
                    scopes: call.body["scopes"]?.elements.compactMap(\.text) ?? [],
                    days: call.body["days"]?.integer ?? 0)))
        guard case .listing(let columns, let rows) = reply, let row = rows.first else {
            throw APIFailure.anotherReply
        }
        let members = zip(columns, row.map(JSONTree.text))
        return try .json(.object(Dictionary(members) { first, _ in first }), .created)
    }

    private static let revokeToken = APIRoute(
        method: .delete, path: "/tokens/{id}", operation: "revokeToken", summary: "Revoke one's own token.",
        access: .session,
        items: [.init(name: "id", schema: .integer(1...Int(Int32.max)), summary: "The token's number.")],
        outcomes: [.init(status: .noContent, words: "Revoked.")]
    ) { call in
        _ = try await call.run(
            .token(.revoke(id: Int64(call.number("id")), user: try call.caller.user.name)))
        return .nothing
    }
}
