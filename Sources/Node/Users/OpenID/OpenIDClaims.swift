internal import Foundation
internal import JWTKit
internal import Policy
internal import Store

/// What a provider says of somebody, in an ID token whose signature has been verified.
struct OpenIDClaims: JWTPayload {
    let members: JSONTree

    init(from decoder: any Decoder) throws { members = try JSONTree(from: decoder) }

    init(_ members: JSONTree) { self.members = members }

    func encode(to encoder: any Encoder) throws { try members.encode(to: encoder) }

    /// The claims are checked by ``check(_:nonce:at:)``, which knows what they must be.
    func verify(using algorithm: some JWTAlgorithm) throws {}

    /// Clocks may differ by so many seconds.
    private static let skew = 60

    /// OpenID Connect Core 1.0, 3.1.3.7.
    /// - Parameter now: seconds since 1970.
    func check(_ settings: OpenIDSettings, nonce: String, at now: Int) throws(OpenIDError) {
        func require(_ isFine: Bool, _ words: String) throws(OpenIDError) {
            if !isFine { throw OpenIDError(.token, "the provider's token is not for this sign-in: \(words)") }
        }
        try require(members["iss"]?.text == settings.issuer, "another issuer")
        let audience = values("aud")
        try require(audience.contains(settings.clientID), "another audience")
        let party = members["azp"]?.text
        try require(
            party.map { $0 == settings.clientID } ?? (audience.count == 1), "another authorised party")
        try require((members["exp"]?.integer ?? 0) + Self.skew > now, "it has expired")
        try require((members["iat"]?.integer ?? .max) - Self.skew <= now, "it is of another time")
        try require((members["nbf"]?.integer ?? 0) - Self.skew <= now, "it is not valid yet")
        try require(members["nonce"]?.text == nonce, "another nonce")
        try require(members["sub"]?.text?.isEmpty == false, "no subject")
    }

    /// How the person signed in.
    func checkContext(_ settings: OpenIDSettings) throws(OpenIDError) {
        let contexts = OpenIDSettings.list(settings.acr)
        guard contexts.isEmpty || values("acr").contains(where: contexts.contains) else {
            throw OpenIDError(.context, "sign in at the provider in a stronger way: 'acr' is another")
        }
        let methods = OpenIDSettings.list(settings.amr)
        guard Set(values("amr")).isSuperset(of: methods) else {
            throw OpenIDError(.context, "sign in at the provider in a stronger way: 'amr' lacks a method")
        }
    }

    /// Texts at a path with dots, through objects and arrays.
    func values(_ path: String) -> [String] {
        // A claim may have dots in its own name, as those that are addresses have.
        if let whole = members[path] { return Self.texts(whole) }
        var found = [members]
        for step in path.split(separator: ".").map(String.init) {
            found = found.flatMap { $0.elements.isEmpty ? [$0] : $0.elements }.compactMap { $0[step] }
        }
        return found.flatMap(Self.texts)
    }

    private static func texts(_ tree: JSONTree) -> [String] {
        switch tree {
        case .text(let text): [text]
        case .array(let elements): elements.flatMap(texts)
        default: []
        }
    }

    /// Claims of another source about the same person fill in what is missing here.
    func joined(with other: JSONTree) -> OpenIDClaims {
        guard case .object(let mine) = members, case .object(let more) = other,
            more["sub"] == mine["sub"]
        else { return self }
        return OpenIDClaims(.object(mine.merging(more) { first, _ in first }))
    }
}
