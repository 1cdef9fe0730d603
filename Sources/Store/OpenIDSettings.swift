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
    /// PEM file of the authorities of the provider's certificate; empty: the machine's own.
    package var authorities = ""

    package init() {}

    static let key = "openid"

    private enum Line: String, SettingsLine {
        static let block = OpenIDSettings.key

        case issuer, clientID, clientSecretFile, scopes, nameClaim, rolesClaim, roles, acr, amr, authorities
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
        scopes = block.text(.scopes, scopes)
        nameClaim = block.text(.nameClaim, nameClaim)
        rolesClaim = block.text(.rolesClaim, rolesClaim)
        roles = block.text(.roles)
        acr = block.text(.acr)
        amr = block.text(.amr)
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

    /// Whether it is asked over a network.
    package var isLocal: Bool {
        ["http://127.0.0.1:", "http://localhost:", "http://[::1]:"].contains { issuer.hasPrefix($0) }
    }

    func validate(_ web: WebSettings?) throws(StoreError) {
        let require = SettingsBlock<Line>.require
        try require(
            issuer.hasPrefix("https://") || isLocal, .issuer,
            "write an address that begins with https://, as the provider's tokens have it.")
        try require(web != nil, .issuer, "people sign in at 'web': write that block as well.")
        try require(!clientID.isEmpty, .clientID, "write what the provider calls this node.")
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
            "  clientSecretFile: \(quoted(shown.clientSecretFile))", "  scopes: \(quoted(shown.scopes))",
            "  # The claims with people's names and roles, and which value makes which role here.",
            "  nameClaim: \(quoted(shown.nameClaim))", "  rolesClaim: \(quoted(shown.rolesClaim))",
            "  roles: \(quoted(shown.roles))",
            "  # How people must have signed in: one of 'acr', all of 'amr'; empty: any way.",
            "  acr: \(quoted(shown.acr))", "  amr: \(quoted(shown.amr))",
            "  authorities: \(quoted(shown.authorities))",
        ]
        return SettingsBlock<Line>.written(
            "Whose word about people is taken at 'web': a provider of OpenID Connect.", lines,
            isThere: settings != nil)
    }
}
