internal import Hummingbird
internal import Node
internal import Store

/// Signing in at a provider of OpenID Connect, in a browser.
enum OpenIDRoutes {
    static let all = [begin, callback]

    private static let begin = APIRoute(
        method: .get, path: "/openid/begin", operation: "beginOpenID",
        summary: "Go to the provider to sign in; for browsers.", access: .open,
        isForBrowsers: true,
        outcomes: [
            .init(status: .seeOther, words: "Away to the provider."),
            .init(status: .notFound, words: "No provider is configured."),
        ]
    ) { call in
        guard let desk = call.house.openID else { throw Problem.notFound }
        if let seconds = call.house.signIns.take(call.address) { throw Problem.tooMany(seconds: seconds) }
        let departure = try await desk.begin()
        var answer = APIAnswer(status: .seeOther)
        answer.headers[.location] = departure.address
        answer.headers[.setCookie] = SessionCookie.remember(departure.memory)
        return answer
    }

    private static let callback = APIRoute(
        method: .get, path: "/openid/callback", operation: "finishOpenID",
        summary: "Back from the provider; sets the session's cookie.", access: .open,
        isForBrowsers: true,
        query: [
            "code", "state", "iss", "error", "error_description", "error_uri", "session_state", "client_info",
            "scope",
        ].map { name in
            .init(
                name: name, schema: .text(max: name == "code" ? 4_096 : 1_024),
                summary: "As the provider sends it.")
        },
        outcomes: [
            .init(status: .ok, words: "Signed in; the page leads on.", bodies: ["text/html": .text]),
            .init(status: .notFound, words: "No provider is configured."),
        ]
    ) { call in
        guard let desk = call.house.openID else { throw Problem.notFound }
        if let seconds = call.house.signIns.take(call.address) { throw Problem.tooMany(seconds: seconds) }
        guard call.query["error"] == nil else {
            throw Problem(
                "openid-provider", .forbidden, "you are not signed in", detail: "the provider refused")
        }
        let opened = try await desk.finish(
            code: call.query["code"]?.text ?? "", state: call.query["state"]?.text ?? "",
            issuer: call.query["iss"]?.text,
            memory: call.request.cookies[SessionCookie.away]?.value ?? "", from: call.address,
            replacing: SessionCookie.secret(call.request))
        var answer = APIAnswer(body: .text(page, type: "text/html; charset=utf-8"))
        answer.headers.append(
            HTTPField(
                name: .setCookie,
                value: SessionCookie.set(opened.secret, hours: call.house.settings.sessionHours)))
        answer.headers.append(HTTPField(name: .setCookie, value: SessionCookie.forget))
        return answer
    }

    /// A page of this node's own: from it on, requests are of this site, and the session's cookie goes with them.
    private static let page = """
        <!doctype html><html lang="en"><head><meta charset="utf-8"><title>Signed in</title>
        <meta http-equiv="refresh" content="0; url=/"></head>
        <body><p>You are signed in. <a href="/">Go on</a></p></body></html>
        """
}
