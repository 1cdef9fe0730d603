internal import Foundation
internal import Hummingbird
internal import Node
internal import Store

/// Who sent a request, and whether they may.
struct Authentication: Sendable {
    let house: WebHouse
    let request: Request
    let address: String
    /// The token for changes that came in a form; nil: it stands in a header.
    var formToken: String?

    /// - Returns: nil only where the route is open and nobody is known.
    /// - Throws: `Problem`.
    func caller(for right: WebRight) async throws -> Caller? {
        if case .open = right.access {
            try limit("address \(address)")
            try checkOrigin(right)
            return nil
        }
        guard let caller = try await known() else {
            try limit("address \(address)")
            throw Problem.unauthenticated
        }
        try limit("user \(caller.user.name)")
        try await check(caller, right)
        if right.isChange, caller.means == .session { try checkChange(right) }
        return caller
    }

    /// By token where one is sent, else by session.
    func known() async throws -> Caller? {
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

    private func check(_ caller: Caller, _ right: WebRight) async throws {
        let words: String
        switch (right.access, caller.means) {
        case (.open, _), (.anybody, _), (.session, .session): return
        case (.session, .token), (.people, .token): words = "a token cannot do this: sign in"
        case (.people(let roles), .session):
            guard caller.roles.isDisjoint(with: roles.map(\.rawValue)) else { return }
            words = Self.refusal(roles)
        case (.roles(let roles, let scope), let means):
            if caller.roles.isDisjoint(with: roles.map(\.rawValue)) {
                words = Self.refusal(roles)
            } else if case .token(_, let scopes) = means, !scopes.contains(scope) {
                words = "the token has not the scope \(scope.rawValue)"
            } else {
                return
            }
        }
        if right.isPrivileged {
            try await house.desk.record(right.operation, of: caller, isAllowed: false, from: address)
        }
        throw Problem("role", .forbidden, "you may not do this", detail: words)
    }

    private static func refusal(_ roles: Set<APIRoute.Role>) -> String {
        "this is for \(roles.map(\.rawValue).sorted().joined(separator: " or "))"
    }

    // MARK: Changes by cookie

    private func checkChange(_ right: WebRight) throws {
        try checkOrigin(right)
        let header = HTTPField.Name("X-CSRF-Token").flatMap { request.headers[$0] }
        guard let given = formToken ?? header, let secret = SessionCookie.secret(request),
            house.desk.isChangeToken(given, session: secret)
        else { throw Problem.foreignPage }
    }

    /// Browsers say from whose page a change comes (Fetch, 3.2; Fetch Metadata); other clients need not.
    private func checkOrigin(_ right: WebRight) throws {
        guard right.isChange else { return }
        if let origin = request.headers[.origin] {
            let own = request.head.authority.map { "https://\($0)" }
            guard origin == own || origin == house.settings.origin else { throw Problem.foreignPage }
        }
        if let name = HTTPField.Name("Sec-Fetch-Site"), let site = request.headers[name] {
            guard ["same-origin", "none"].contains(site) else { throw Problem.foreignPage }
        }
    }
}
