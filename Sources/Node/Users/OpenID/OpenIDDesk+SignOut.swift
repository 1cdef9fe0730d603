internal import Core
internal import Store

extension OpenIDDesk {
    /// What a browser takes to the provider, so that the person is signed out there as well.
    package struct Farewell: Sendable {
        package let address: String
        /// Sent as a form: the ID token among them stands in no address, and so in nobody's log or history.
        package let fields: [(name: String, value: String)]
        /// Comes back with the browser.
        package let state: String
    }

    package static let left = "/signed-out"

    /// What leads to the provider's own sign-out (OpenID Connect RP-Initiated Logout 1.0, 2).
    ///
    /// The session here has ended before, whatever comes of this.
    /// - Parameter token: the ID token that the session began with.
    /// - Returns: nil where signing out ends here, or the provider has no such place or is not heard.
    package func farewell(_ token: String) async -> Farewell? {
        guard settings.leavesAtProvider, let address = await provider.leaving() else { return nil }
        let state = SecretText.make()
        return Farewell(
            address: address,
            fields: [
                ("id_token_hint", token), ("client_id", settings.clientID),
                ("post_logout_redirect_uri", web.origin + Self.left), ("state", state),
            ], state: state)
    }

    package static func isSame(_ state: String, _ remembered: String) -> Bool {
        !state.isEmpty && SecretText.isSame(state, remembered)
    }
}
