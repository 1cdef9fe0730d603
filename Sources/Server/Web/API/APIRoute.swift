internal import Foundation
internal import Hummingbird
internal import Node

/// One thing that can be done over HTTP. The table of them is what is served, what is checked and what is published.
struct APIRoute: Sendable {
    /// A role of a person at this node, in the words of the command line.
    enum Role: String, Sendable, CaseIterable {
        case analyst, governance, `operator`, auditor
    }

    enum Access: Sendable {
        /// Without signing in.
        case open
        /// Whoever signed in, with a session and not with a token.
        case session
        /// Whoever signed in, or has a token of any scope.
        case anybody
        /// Whoever has one of the roles; a token must bear the scope as well.
        case roles(Set<Role>, TokenScope)
        /// Whoever has one of the roles, with a session and not with a token.
        case people(Set<Role>)
    }

    struct Parameter: Sendable {
        let name: String
        let schema: Schema
        let summary: String
    }

    struct Outcome: Sendable {
        let status: HTTPResponse.Status
        let words: String
        /// Media type -> shape; empty: no body.
        var bodies: [String: Schema] = [:]

        static func ok(_ words: String, _ schema: Schema = .anything) -> Outcome {
            Outcome(status: .ok, words: words, bodies: [APIAnswer.json: schema])
        }
    }

    let method: HTTPRequest.Method
    /// Below `/api/v1`, with `{name}` for what varies.
    let path: String
    /// By which clients and the log name it.
    let operation: String
    let summary: String
    let access: Access
    /// Whether the log bears who wanted it.
    var isPrivileged = false
    /// Whether people's browsers come here by themselves: then what went wrong is a page.
    var isForBrowsers = false
    /// What varies in the path.
    var items: [Parameter] = []
    var query: [Parameter] = []
    var body: Schema?
    let outcomes: [Outcome]
    let handle: @Sendable (APICall) async throws -> APIAnswer

    static let root = "/api/v1"

    var isChange: Bool { method != .get }

    var right: WebRight {
        WebRight(operation: operation, access: access, isPrivileged: isPrivileged, isChange: isChange)
    }
}

/// A request that has passed what its route asks for.
struct APICall: Sendable {
    let house: WebHouse
    let request: Request
    /// nil only where a route is open.
    let signedIn: Caller?
    let address: String
    let items: [String: JSONTree]
    let query: [String: JSONTree]
    let body: JSONTree

    /// - Throws: `Problem` where nobody signed in.
    var caller: Caller {
        get throws {
            guard let signedIn else { throw Problem.unauthenticated }
            return signedIn
        }
    }

    func item(_ name: String) -> String { items[name]?.text ?? "" }
    func number(_ name: String) -> Int { items[name]?.integer ?? 0 }

    /// Has the node do what the command line would have it do.
    func run(_ command: NodeCommand) async throws -> NodeReply {
        try await CommandRunner(context: house.context, isServing: true, user: try caller.user)
            .carryOut(command)
    }
}

/// What a request came to.
struct APIAnswer: Sendable {
    enum Body: Sendable {
        case none
        case text(String, type: String)
        case bytes([UInt8], type: String)
        case events(AsyncStream<String>)
    }

    var status: HTTPResponse.Status = .ok
    var headers: HTTPFields = [:]
    var body = Body.none

    static let json = "application/json"

    static func json(_ text: String, _ status: HTTPResponse.Status = .ok) -> APIAnswer {
        APIAnswer(status: status, body: .text(text, type: json))
    }

    static func json(_ tree: JSONTree, _ status: HTTPResponse.Status = .ok) throws -> APIAnswer {
        json(try tree.written(), status)
    }

    static func encoded(_ value: some Encodable, _ status: HTTPResponse.Status = .ok) throws -> APIAnswer {
        json(try ScriptJSON.encode(value), status)
    }

    static let nothing = APIAnswer(status: .noContent)
}
