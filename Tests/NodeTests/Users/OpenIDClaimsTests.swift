import Foundation
import Store
import Testing

@testable import Node

/// What is believed of an ID token whose signature is right.
@Suite struct OpenIDClaimsTests {
    private static let now = 1_800_000_000

    private static func settings(acr: String = "", amr: String = "") -> OpenIDSettings {
        var settings = OpenIDSettings()
        (settings.issuer, settings.clientID) = ("https://id.example", "concordat")
        (settings.acr, settings.amr) = (acr, amr)
        return settings
    }

    private static let good: [String: JSONTree] = [
        "iss": "https://id.example", "aud": "concordat", "sub": "1", "nonce": "n",
        "exp": .integer(Int64(now + 300)), "iat": .integer(Int64(now)),
    ]

    struct Case: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let change: [String: JSONTree?]
        let isFine: Bool

        init(_ words: String, _ change: [String: JSONTree?], isFine: Bool = false) {
            (testDescription, self.change, self.isFine) = (words, change, isFine)
        }
    }

    private static let cases = [
        Case("as it should be", [:], isFine: true),
        Case("one audience of a list", ["aud": ["concordat"]], isFine: true),
        Case(
            "clocks differ", ["exp": .integer(Int64(now - 30)), "iat": .integer(Int64(now + 30))],
            isFine: true),
        Case("two audiences and the party", ["aud": ["concordat", "x"], "azp": "concordat"], isFine: true),
        Case("two audiences and no party", ["aud": ["concordat", "x"]]),
        Case("another party", ["azp": "x"]), Case("another issuer", ["iss": "https://id.example/"]),
        Case("another audience", ["aud": "x"]), Case("no audience", ["aud": nil]),
        Case("expired", ["exp": .integer(Int64(now - 61))]), Case("no end", ["exp": nil]),
        Case("of tomorrow", ["iat": .integer(Int64(now + 61))]), Case("of no time", ["iat": nil]),
        Case("not yet", ["nbf": .integer(Int64(now + 61))]), Case("another nonce", ["nonce": "m"]),
        Case("no nonce", ["nonce": nil]), Case("no subject", ["sub": ""]),
    ]

    @Test(arguments: cases) func aTokenIsForThisSignInOrNone(_ trial: Case) throws {
        let members = Self.good.merging(trial.change.compactMapValues(\.self)) { $1 }
            .filter { name, _ in trial.change[name].map { $0 != nil } ?? true }
        let claims = OpenIDClaims(.object(members))
        let found = Result { try claims.check(Self.settings(), nonce: "n", at: Self.now) }
        #expect(((try? found.get()) != nil) == trial.isFine)
    }

    @Test func howPeopleSignedInIsDemanded() throws {
        let claims = OpenIDClaims(["acr": "AAL2", "amr": ["pwd", "mfa"]])
        for (acr, amr, isFine) in [
            ("", "", true), ("AAL2", "", true), ("AAL3, AAL2", "mfa", true), ("AAL3", "", false),
            ("", "mfa, pwd", true), ("", "mfa, hwk", false),
        ] {
            let found = Result { try claims.checkContext(Self.settings(acr: acr, amr: amr)) }
            #expect(((try? found.get()) != nil) == isFine, "\(acr) \(amr)")
        }
    }

    @Test func claimsAreFoundAlongPaths() throws {
        let claims = OpenIDClaims([
            "roles": ["a", "b"], "name": "ann", "nhsid_nrbac_roles": [["role_code": "R8000"], ["other": 1]],
            "https://example.org/roles": ["c"], "realm_access": ["roles": ["d"]],
        ])
        #expect(claims.values("roles") == ["a", "b"])
        #expect(claims.values("name") == ["ann"])
        #expect(claims.values("nhsid_nrbac_roles.role_code") == ["R8000"])
        #expect(claims.values("https://example.org/roles") == ["c"])
        #expect(claims.values("realm_access.roles") == ["d"])
        #expect(claims.values("none.of.it") == [])
        // Another person's claims are not taken for this one's.
        let mine = OpenIDClaims(["sub": "1"])
        #expect(mine.joined(with: ["sub": "1", "roles": ["a"]]).values("roles") == ["a"])
        #expect(mine.joined(with: ["sub": "2", "roles": ["a"]]).values("roles") == [])
    }
}
