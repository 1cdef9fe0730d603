internal import Foundation

/// Where something lies on the web: scheme, host and port.
struct WebOrigin: Hashable, Sendable, CustomStringConvertible {
    let scheme: String
    let host: String
    let port: Int

    /// nil for what is no address of http or https, or bears a user name.
    init?(_ url: URL) {
        guard let scheme = url.scheme?.lowercased(), scheme == "https" || scheme == "http",
            let host = url.host(percentEncoded: false)?.lowercased(), !host.isEmpty, url.user == nil
        else { return nil }
        self.scheme = scheme
        self.host = host.trimmingCharacters(in: CharacterSet(charactersIn: "[]"))
        port = url.port ?? (scheme == "https" ? 443 : 80)
    }

    /// This machine itself.
    var isLoopback: Bool {
        if host == "localhost" || host == "::1" { return true }
        let parts = host.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil }
    }

    var description: String { "\(scheme)://\(host.contains(":") ? "[\(host)]" : host):\(port)" }
}

/// Which addresses are asked at all, and which of them get the access token.
///
/// - https everywhere; plain http, and this machine's own addresses, only if the server that was named is on this
///   machine itself: no server elsewhere can make the node ask its own machine.
/// - The token goes to the server's own origin and to origins that the operator allowed, to no other.
struct BulkReach: Sendable {
    let server: WebOrigin
    let allowed: Set<WebOrigin>

    init(base: String, allowed: [String]) throws {
        guard let url = URL(string: base), let server = WebOrigin(url) else {
            throw BulkError(.address, "'--bulk' takes the base address of a FHIR server (https://…)")
        }
        self.server = server
        self.allowed = Set(
            try allowed.map { text in
                guard let url = URL(string: text), let origin = WebOrigin(url) else {
                    throw BulkError(
                        .address, "'--allow-origin' takes an origin such as https://files.example.org")
                }
                return origin
            })
        _ = try check(url, "the server")
        for origin in self.allowed where origin.scheme != "https" && !(origin.isLoopback && server.isLoopback)
        {
            throw BulkError(.address, "'--allow-origin' takes https only")
        }
    }

    /// - Parameter what: is named in the error.
    /// - Throws: `BulkError` of code `address`.
    @discardableResult
    func check(_ url: URL, _ what: String) throws -> WebOrigin {
        guard let origin = WebOrigin(url) else {
            throw BulkError(.address, "the address of \(what) is none of http or https")
        }
        if origin.isLoopback, !server.isLoopback {
            throw BulkError(
                .address, "the address of \(what) points to this machine itself: the server must not name it")
        }
        guard origin.scheme == "https" || origin.isLoopback else {
            throw BulkError(
                .address, "the address of \(what) is not https (\(origin)): records never go in the clear")
        }
        return origin
    }

    func mayHaveToken(_ url: URL) -> Bool {
        guard let origin = WebOrigin(url) else { return false }
        return origin == server || allowed.contains(origin)
    }

    /// For the next step of a person who meets an origin that was not allowed.
    static func remedy(_ url: URL) -> String {
        let origin = WebOrigin(url).map(\.description) ?? "it"
        return "if \(origin) belongs to the server, allow it: --allow-origin \(origin)"
    }
}

enum WebAddress {
    /// A base address in one form: lower-case host, no default port, no slash at the end.
    static func base(_ text: String) throws -> String {
        let trimmed = text.trimmingCharacters(in: .whitespaces)
        guard var parts = URLComponents(string: trimmed), let url = parts.url, WebOrigin(url) != nil,
            parts.query == nil, parts.fragment == nil
        else {
            throw BulkError(
                .address, "'--bulk' takes the base address of a FHIR server (https://…), without a query")
        }
        parts.scheme = parts.scheme?.lowercased()
        parts.host = parts.host?.lowercased()
        if parts.port == (parts.scheme == "https" ? 443 : 80) { parts.port = nil }
        while parts.path.hasSuffix("/") { parts.path.removeLast() }
        guard let text = parts.string else { throw BulkError(.address, "'--bulk' takes an address") }
        return text
    }
}
