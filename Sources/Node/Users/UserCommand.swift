/// The people who sign in at this node.
///
/// A password travels over the local socket only, which is the home's own user's. INVARIANT: it reaches no log.
package enum UserCommand: Codable, Sendable {
    /// - Parameter roles: `analyst`, `governance`, `operator` or `auditor`.
    case add(name: String, roles: [String], password: String)
    case list
    case show(name: String)
    case password(name: String, password: String)
    /// In the place of the roles before.
    case roles(name: String, roles: [String])
    case lock(name: String)
    case unlock(name: String)
    case remove(name: String)

    var isReading: Bool {
        switch self {
        case .list, .show: true
        default: false
        }
    }
}
