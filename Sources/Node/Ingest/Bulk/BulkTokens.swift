internal import Foundation
internal import NIOHTTP1

/// How the node says who it is to one server; without it requests bear no token.
struct BulkClient: Codable, Hashable, Sendable {
    let id: String
    /// In the place of what the server's `smart-configuration` says.
    let tokenURL: String?
    /// In the place of the scopes that follow from the types.
    let scope: String?
    /// Id of one of the node's keys; nil: the newest that the server takes.
    let key: String?
}

/// Gets access tokens by SMART Backend Services and keeps one until it is about to expire.
///
/// Source: SMART App Launch 2.2.0, "Backend Services".
actor BulkTokens {
    private struct Token {
        let text: String
        let until: ContinuousClock.Instant
    }

    /// The server's `.well-known/smart-configuration`.
    private struct Configuration: Decodable {
        let tokenEndpoint: String
        let capabilities: [String]?
        let scopesSupported: [String]?
        let tokenEndpointAuthSigningAlgValuesSupported: [String]?

        /// Whether the server knows the scopes of SMART 1 only.
        var isOld: Bool {
            if let capabilities, capabilities.contains("permission-v2") { return false }
            if let capabilities, capabilities.contains("permission-v1") { return true }
            let scopes = (scopesSupported ?? []).filter { $0.hasPrefix("system/") }
            return !scopes.isEmpty && scopes.allSatisfy { $0.hasSuffix(".read") || $0.hasSuffix(".write") }
        }
    }

    private struct Granted: Decodable {
        let accessToken: String
        let tokenType: String
        let expiresIn: Int?
        let scope: String?
    }

    /// OAuth's names have underscores.
    private static var decoder: JSONDecoder {
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        return decoder
    }

    private let client: BulkClient?
    private let source: BulkSource
    private let connection: BulkConnection
    private let keyring: ClientKeyring
    private var configuration: Configuration?
    private var current: Token?
    private var asking: Task<Token, any Error>?
    /// Types whose records the server gives no access to, though they were asked for.
    private(set) var withheld: [String] = []

    init(client: BulkClient?, source: BulkSource, connection: BulkConnection, keyring: ClientKeyring) {
        (self.client, self.source, self.connection, self.keyring) = (client, source, connection, keyring)
    }

    /// Whether the node has a client id at this server.
    nonisolated var isAuthorised: Bool { client != nil }

    /// A token that is good for a while; nil where the node has no client id at this server.
    /// - Throws: `BulkError` of codes `key`, `refused`, `answer`, `address`, `unreachable`.
    func token() async throws -> String? {
        guard let client else { return nil }
        if let current, current.until > .now { return current.text }
        let task = asking ?? Task { try await ask(client) }
        asking = task
        do {
            let token = try await task.value
            asking = nil
            current = token
            return token.text
        } catch {
            asking = nil
            throw error
        }
    }

    /// A server did not take it: the next one is new.
    func forget(_ text: String) { if current?.text == text { current = nil } }

    private func ask(_ client: BulkClient) async throws -> Token {
        let endpoint = try await endpoint(client)
        let key = try key(client)
        let assertion = ClientAssertion(client: client.id, audience: endpoint.absoluteString, now: Date())
        let form = [
            ("grant_type", "client_credentials"), ("scope", scope(client)),
            ("client_assertion_type", ClientAssertion.type),
            ("client_assertion", try await key.sign(assertion)),
        ]
        let answer = try await connection.send(
            .init(
                method: .POST, url: endpoint, what: "the token endpoint", accept: "application/json",
                form: form))
        guard answer.status == 200 else {
            let code: BulkError.Code = (400..<500).contains(answer.status) ? .refused : .unreachable
            throw BulkError(
                code,
                "the token endpoint \(ServerWords.answered(answer.status, answer.body)): is client '\(client.id)' "
                    + "registered there with the key \(key.id)? ('concordat bulk key list')")
        }
        guard let granted = try? Self.decoder.decode(Granted.self, from: Data(answer.body)),
            granted.tokenType.lowercased() == "bearer", !granted.accessToken.isEmpty,
            granted.accessToken.utf8.allSatisfy({ (0x21...0x7E).contains($0) })
        else { throw BulkError(.answer, "the token endpoint gave no bearer token") }
        withheld = Self.withheld(source.types, granted: granted.scope)
        let lifetime = max(0, granted.expiresIn ?? 300)
        return Token(text: granted.accessToken, until: .now + .seconds(lifetime - min(30, lifetime / 2)))
    }

    private func endpoint(_ client: BulkClient) async throws -> URL {
        if let tokenURL = client.tokenURL {
            guard let url = URL(string: tokenURL) else {
                throw BulkError(.address, "'--token-url' takes the address of a token endpoint")
            }
            return url
        }
        let found = try await discover()
        guard let url = URL(string: found.tokenEndpoint) else {
            throw BulkError(
                .answer, "the server's smart-configuration names no token endpoint: use '--token-url'")
        }
        return url
    }

    private func discover() async throws -> Configuration {
        if let configuration { return configuration }
        guard let url = URL(string: source.base + "/.well-known/smart-configuration") else {
            throw BulkError(.address, "'--bulk' takes the base address of a FHIR server")
        }
        let answer = try await connection.send(
            .init(
                method: .GET, url: url, what: "the server's smart-configuration", accept: "application/json"))
        guard answer.status == 200,
            let found = try? Self.decoder.decode(Configuration.self, from: Data(answer.body))
        else {
            throw BulkError(
                answer.status >= 500 ? .unreachable : .address,
                "the server has no .well-known/smart-configuration that names a token endpoint (it answered "
                    + "\(answer.status)): name the endpoint by '--token-url'")
        }
        configuration = found
        return found
    }

    /// The key that is named, or the newest that the server takes.
    private func key(_ client: BulkClient) throws -> ClientKey {
        if let id = client.key {
            do { return try keyring.key(id) } catch let error as NodeError {
                throw BulkError(.key, error.description)
            }
        }
        let keys = try keyring.keys()
        let taken = configuration?.tokenEndpointAuthSigningAlgValuesSupported
        guard let last = keys.last(where: { taken?.contains($0.algorithm.rawValue) ?? true }) else {
            let wanted = taken.map { " for \($0.map(ServerWords.shown).joined(separator: " or "))" } ?? ""
            throw BulkError(
                .key,
                "the node has no key\(wanted): make one by 'concordat bulk key new' and register what it prints"
            )
        }
        return last
    }

    /// To read and to search the types that are asked for, and nothing else.
    private func scope(_ client: BulkClient) -> String {
        if let scope = client.scope { return scope }
        let rights = configuration?.isOld == true ? "read" : "rs"
        let types = source.types.isEmpty ? ["*"] : source.types
        return types.map { "system/\($0).\(rights)" }.joined(separator: " ")
    }

    /// Types that a grant leaves out; a server that does not say what it granted, granted what was asked.
    static func withheld(_ types: [String], granted: String?) -> [String] {
        guard let granted, !granted.isEmpty else { return [] }
        let readable = granted.split(separator: " ").compactMap { scope -> String? in
            guard scope.hasPrefix("system/"), let dot = scope.lastIndex(of: ".") else { return nil }
            let rights = scope[scope.index(after: dot)...].prefix { $0 != "?" }
            guard rights == "read" || rights == "*" || rights.contains("r") && rights != "write" else {
                return nil
            }
            return String(scope[..<dot].dropFirst("system/".count))
        }
        return readable.contains("*") ? [] : types.filter { !readable.contains($0) }
    }
}
