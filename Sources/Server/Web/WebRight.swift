/// What somebody needs to have something done over HTTP, by a route of the API or a page of the console.
struct WebRight: Sendable {
    /// By which the log names it.
    let operation: String
    let access: APIRoute.Access
    /// Whether the log bears who wanted it.
    let isPrivileged: Bool
    /// Whether it changes something: then it comes from a page of this node.
    let isChange: Bool
}
