internal import Foundation
internal import Hummingbird
internal import Node

/// One thing that the console shows or does. The table of them (`ConsoleSections`) is all that there is.
struct ConsolePage: Sendable {
    let method: HTTPRequest.Method
    /// From the root, with `{name}` for what varies.
    let path: String
    /// By which the log names it.
    let operation: String
    /// Sessions only: `.open`, `.session` or `.people`.
    let access: APIRoute.Access
    /// Whether the log bears who wanted it: set for every page that changes something for others.
    var isPrivileged = false
    let handle: @Sendable (ConsoleCall) async throws -> ConsoleAnswer

    var right: WebRight {
        WebRight(operation: operation, access: access, isPrivileged: isPrivileged, isChange: method != .get)
    }

    /// A page to look at.
    static func show(
        _ path: String, _ operation: String, _ access: APIRoute.Access,
        _ handle: @escaping @Sendable (ConsoleCall) async throws -> ConsoleAnswer
    ) -> ConsolePage {
        ConsolePage(method: .get, path: path, operation: operation, access: access, handle: handle)
    }

    /// A form that is sent.
    static func act(
        _ path: String, _ operation: String, _ access: APIRoute.Access, isPrivileged: Bool = true,
        _ handle: @escaping @Sendable (ConsoleCall) async throws -> ConsoleAnswer
    ) -> ConsolePage {
        ConsolePage(
            method: .post, path: path, operation: operation, access: access, isPrivileged: isPrivileged,
            handle: handle)
    }
}

/// Pages that belong together, for the same people: an entry of the navigation.
struct ConsoleSection: Sendable {
    struct Tab: Sendable {
        let name: String
        let path: String
    }

    let name: String
    let roles: Set<APIRoute.Role>
    /// What stands below the section's name; the first is where its name leads.
    let tabs: [Tab]
    let pages: [ConsolePage]
}

/// A request for a page that has passed what the page asks for.
struct ConsoleCall: Sendable {
    let house: WebHouse
    let request: Request
    /// nil only where a page is open.
    let signedIn: Caller?
    let address: String
    let items: [String: String]
    let query: ConsoleForm
    /// Empty where nothing was sent.
    let form: ConsoleForm

    /// - Throws: `Problem` where nobody signed in.
    var caller: Caller {
        get throws {
            guard let signedIn else { throw Problem.unauthenticated }
            return signedIn
        }
    }

    func item(_ name: String) -> String { items[name] ?? "" }

    /// Has the node do what the command line would have it do, by the same policies.
    func run(_ command: NodeCommand) async throws -> NodeReply {
        try await CommandRunner(context: house.context, isServing: true, user: try caller.user)
            .carryOut(command)
    }
}

/// What a request for a page came to.
enum ConsoleAnswer: Sendable {
    /// A template of `Pages/` with what stands in it.
    case page(String, title: String, ConsoleValues, status: HTTPResponse.Status = .ok)
    /// After a change: go there, and say there what was done.
    case away(String, saying: String? = nil, cookie: String? = nil)
    /// Signed out here; the page leads to the provider, to be signed out there.
    case onward(OpenIDDesk.Farewell)
    case file([UInt8], type: String, name: String)
}

/// What stands in a page: names and values of one kind or another. Values are escaped where they are written.
struct ConsoleValues: Sendable, ExpressibleByDictionaryLiteral {
    var members: [String: any Sendable]

    init(dictionaryLiteral elements: (String, (any Sendable)?)...) {
        members = [:]
        for (name, value) in elements where value != nil { members[name] = value }
    }

    subscript(name: String) -> (any Sendable)? {
        get { members[name] }
        set { members[name] = newValue }
    }
}
