internal import Foundation
internal import Hummingbird
internal import Node
internal import Store

/// Who sent a request, and whether they may.
struct Authentication: Sendable {
    let house: WebHouse
    let request: Request
    let address: String

    /// - Returns: nil only where the route is open and nobody is known.
    /// - Throws: `Problem`.
    func caller(for route: APIRoute) async throws -> Caller? {
        if case .open = route.access {
            try limit("address \(address)")
            try checkOrigin(route)
            return nil
        }
        guard let caller = try await known() else {
            try limit("address \(address)")
            throw Problem.unauthenticated
        }
        try limit("user \(caller.user.name)")
        try await check(caller, route)
        if route.isChange, caller.means == .session { try checkChange(route) }
        return caller
    }

    /// By token where one is sent, else by session.
    private func known() async throws -> Caller? {
        if let header = request.headers[.authorization] {
            let parts = header.split(separator: " ", maxSplits: 1)
            guard parts.count == 2, parts[0].lowercased() == "bearer" else { return nil }
            return try await house.desk.caller(token: String(parts[1]))
        }
        guard let secret = SessionCookie.secret(request) else { return nil }
        return try await house.desk.caller(session: secret)
    }

    private func limit(_ name: String) throws {
        if let seconds = house.requests.take(name) { throw Problem.tooMany(seconds: seconds) }
    }

    private func check(_ caller: Caller, _ route: APIRoute) async throws {
        let words: String
        switch (route.access, caller.means) {
        case (.open, _), (.anybody, _), (.session, .session): return
        case (.session, .token): words = "a token cannot do this: sign in"
        case (.roles(let roles, let scope), let means):
            let needed = roles.map(\.rawValue).sorted().joined(separator: " or ")
            if caller.roles.isDisjoint(with: roles.map(\.rawValue)) {
                words = "this is for \(needed)"
            } else if case .token(_, let scopes) = means, !scopes.contains(scope) {
                words = "the token has not the scope \(scope.rawValue)"
            } else {
                return
            }
        }
        if route.isPrivileged {
            try await house.desk.record(route.operation, of: caller, isAllowed: false, from: address)
        }
        throw Problem("role", .forbidden, "you may not do this", detail: words)
    }

    // MARK: Changes by cookie

    private func checkChange(_ route: APIRoute) throws {
        try checkOrigin(route)
        guard let name = HTTPField.Name("X-CSRF-Token"), let given = request.headers[name],
            let secret = SessionCookie.secret(request), house.desk.isChangeToken(given, session: secret)
        else { throw Problem.foreignPage }
    }

    /// Browsers say from whose page a change comes (Fetch, 3.2; Fetch Metadata); other clients need not.
    private func checkOrigin(_ route: APIRoute) throws {
        guard route.isChange else { return }
        if let origin = request.headers[.origin] {
            let own = request.head.authority.map { "https://\($0)" }
            guard origin == own || origin == house.settings.origin else { throw Problem.foreignPage }
        }
        if let name = HTTPField.Name("Sec-Fetch-Site"), let site = request.headers[name] {
            guard ["same-origin", "none"].contains(site) else { throw Problem.foreignPage }
        }
    }
}
