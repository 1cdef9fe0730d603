/// A provider of OpenID Connect at which people sign in: the block `openid` of `concordat.yaml`.
///
///     openid:
///       issuer: "https://login.microsoftonline.com/TENANT/v2.0"
///       clientID: "…"
///       clientSecretFile: "openid.secret"
///       roles: "analyst=Concordat.Analyst, governance=Concordat.Governance"
///
/// The environment overrides a line: `CONCORDAT_OPENID_CLIENT_SECRET_FILE=/run/secrets/openid`.
package struct OpenIDSettings: Hashable, Codable, Sendable {
    /// As the provider's own tokens have it; https, except on this machine itself.
    package var issuer = ""
    package var clientID = ""
    /// A file in the home, or anywhere by a whole path, whose first line is the client's secret; empty: a public client.
    package var clientSecretFile = ""
    /// How the node shows there who it is: `client_secret`, or `private_key_jwt` (RFC 7523) with a key of its vault;
    /// empty: by secret where a file of one is named, else as a public client.
    package var clientAuthentication = ""
    /// What to ask for, with blanks between.
    package var scopes = "openid profile email"
    /// The claim that names people here (`preferred_username` of Entra ID, `nhsid_useruid` of CIS2).
    package var nameClaim = "preferred_username"
    /// The claim with their roles; a path with dots through objects and arrays (`roles`, `nhsid_nrbac_roles.role_code`).
    package var rolesClaim = "roles"
    /// `analyst=VALUE, governance=VALUE`: a role of this node for a value of the claim; a role may stand more than once.
    package var roles = ""
    /// One of these authentication contexts is demanded (`acr`), commas between; empty: any.
    package var acr = ""
    /// All of these methods are demanded (`amr`), commas between, such as mfa; empty: any.
    package var amr = ""
    /// Where signing out leads: `provider`, so that people are signed out there as well where it can be asked, or `here`.
    package var signOut = "provider"
    /// PEM file of the authorities of the provider's certificate; empty: the machine's own.
    package var authorities = ""

    package init() {}

    static let key = "openid"

    private enum Line: String, SettingsLine {
        static let block = OpenIDSettings.key

        case issuer, clientID, clientSecretFile, clientAuthentication, scopes, nameClaim, rolesClaim, roles,
            acr, amr
        case signOut, authorities
    }

    /// - Returns: nil where neither file nor environment names an issuer.
    static func read(yaml: [UInt8], environment: [String: String]) throws -> OpenIDSettings? {
        let block = try SettingsBlock<Line>(
            example: "issuer: https://…", yaml: yaml, environment: environment)
        guard block.has(.issuer) else {
            guard block.isEmpty else {
                throw SettingsBlock<Line>.fault(.issuer, "write the provider's issuer.")
            }
            return nil
        }
        return OpenIDSettings(block)
    }

    private init(_ block: SettingsBlock<Line>) {
        issuer = block.text(.issuer)
        clientID = block.text(.clientID)
        clientSecretFile = block.text(.clientSecretFile)
        clientAuthentication = block.text(.clientAuthentication)
        scopes = block.text(.scopes, scopes)
        nameClaim = block.text(.nameClaim, nameClaim)
        rolesClaim = block.text(.rolesClaim, rolesClaim)
        roles = block.text(.roles)
        acr = block.text(.acr)
        amr = block.text(.amr)
        signOut = block.text(.signOut, signOut)
        authorities = block.text(.authorities)
    }

    /// A list as it is written: commas between.
    package static func list(_ text: String) -> [String] {
        text.split(separator: ",").map { String($0.trimmingPrefix { $0 == " " }) }.map { item in
            var item = item
            while item.last == " " { item.removeLast() }
            return item
        }.filter { !$0.isEmpty }
    }

    /// Value of the claim -> words for roles.
    package var roleNames: [String: [String]] {
        pairs.reduce(into: [:]) { names, pair in names[pair.value, default: []].append(pair.role) }
    }

    /// What `roles` says; empty where a pair is none.
    private var pairs: [(role: String, value: String)] {
        let parts = Self.list(roles).map { pair in
            pair.split(separator: "=", maxSplits: 1).flatMap { Self.list(String($0)) }
        }
        guard parts.allSatisfy({ $0.count == 2 }) else { return [] }
        return parts.map { ($0[0], $0[1]) }
    }

    /// Whether the node signs who it is with a key, in the place of a secret that two know.
    package var signsWithKey: Bool { clientAuthentication == Self.byKey }

    private static let bySecret = "client_secret"
    private static let byKey = "private_key_jwt"

    package var leavesAtProvider: Bool { signOut == "provider" }

    /// Whether the provider is on this machine: then it need not be asked by https.
    package var isLocal: Bool { Self.isLocal(issuer) }

    /// Whether an address is of this machine itself, without encryption.
    package static func isLocal(_ address: String) -> Bool {
        ["http://127.0.0.1:", "http://localhost:", "http://[::1]:"].contains { start in
            // Digits up to the path: what stands before an @ is no host.
            guard address.hasPrefix(start) else { return false }
            let port = address.dropFirst(start.count).prefix { $0 != "/" && $0 != "?" }
            return !port.isEmpty && port.allSatisfy { $0.isASCII && $0.isNumber }
        }
    }

    func validate(_ web: WebSettings?) throws(StoreError) {
        let require = SettingsBlock<Line>.require
        try require(
            issuer.hasPrefix("https://") || isLocal, .issuer,
            "write an address that begins with https://, as the provider's tokens have it.")
        try require(web != nil, .issuer, "people sign in at 'web': write that block as well.")
        try require(!clientID.isEmpty, .clientID, "write what the provider calls this node.")
        try require(
            ["", Self.bySecret, Self.byKey].contains(clientAuthentication), .clientAuthentication,
            "write \(Self.bySecret) or \(Self.byKey), or leave it out.")
        try require(
            clientAuthentication != Self.bySecret || !clientSecretFile.isEmpty, .clientSecretFile,
            "name the file with the client's secret.")
        try require(
            !signsWithKey || clientSecretFile.isEmpty, .clientSecretFile,
            "leave it out: with \(Self.byKey) the node signs with a key ('concordat openid key new').")
        try require(
            ["provider", "here"].contains(signOut), .signOut,
            "write provider (people are signed out there as well) or here.")
        try require(
            scopes.split(separator: " ").contains("openid"), .scopes, "write openid among the scopes.")
        try require(!nameClaim.isEmpty, .nameClaim, "write the claim that names people.")
        let known = ["analyst", "governance", "operator", "auditor"]
        try require(
            !pairs.isEmpty && pairs.allSatisfy { known.contains($0.role) }, .roles,
            "write pairs such as analyst=VALUE with commas between; roles are \(known.joined(separator: ", "))."
        )
    }

    /// The block as `concordat init` writes it: commented out where there is none.
    static func yaml(_ settings: OpenIDSettings?) -> String {
        let shown = settings ?? OpenIDSettings()
        let quoted = NodeConfiguration.quoted
        let lines = [
            "  issuer: \(quoted(shown.issuer))", "  clientID: \(quoted(shown.clientID))",
            "  # A file in the home whose first line is the client's secret.",
            "  clientSecretFile: \(quoted(shown.clientSecretFile))",
            "  # client_secret, or private_key_jwt: with a key that 'concordat openid key new' makes.",
            "  clientAuthentication: \(quoted(shown.clientAuthentication))",
            "  scopes: \(quoted(shown.scopes))",
            "  # The claims with people's names and roles, and which value makes which role here.",
            "  nameClaim: \(quoted(shown.nameClaim))", "  rolesClaim: \(quoted(shown.rolesClaim))",
            "  roles: \(quoted(shown.roles))",
            "  # How people must have signed in: one of 'acr', all of 'amr'; empty: any way.",
            "  acr: \(quoted(shown.acr))", "  amr: \(quoted(shown.amr))",
            "  # Where signing out leads: provider (people are signed out there as well) or here.",
            "  signOut: \(quoted(shown.signOut))",
            "  authorities: \(quoted(shown.authorities))",
        ]
        return SettingsBlock<Line>.written(
            "Whose word about people is taken at 'web': a provider of OpenID Connect.", lines,
            isThere: settings != nil)
    }
}
