/// Tokens by which scripts come in the name of a user.
package enum TokenCommand: Codable, Sendable {
    /// - Parameter scopes: raw values of `TokenScope`.
    case create(name: String, user: String, scopes: [String], days: Int)
    /// nil: everybody's.
    case list(user: String?)
    /// - Parameter user: whose it must be; nil: anybody's.
    case revoke(id: Int64, user: String?)

    var isReading: Bool {
        if case .list = self { true } else { false }
    }
}
