import Core
import Crypto
import Foundation
import Testing

@testable import PostgresWire

@Suite struct SignInTests {
    /// RFC 7677, 3: user "user", password "pencil".
    private static let salted: [UInt8] = [
        0xC4, 0xA4, 0x95, 0x10, 0x32, 0x3A, 0xB4, 0xF9, 0x52, 0xCA, 0xC1, 0xFA, 0x99, 0x44, 0x19, 0x39, 0xE7,
        0x8E,
        0xA7, 0x4D, 0x6B, 0xE8, 0x1D, 0xDF, 0x70, 0x96, 0xE8, 0x75, 0x13, 0xDC, 0x61, 0x5D,
    ]
    private static var verifier: SCRAMVerifier {
        SCRAMVerifier(
            salt: Array(Data(base64Encoded: "W22ZaJ0SNY7soEsUEjb6gQ==") ?? Data()), iterations: 4_096,
            saltedPassword: salted)
    }
    private static let nonce = "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0"
    private static let first = "n,,n=user,r=rOprNGfwEbeRWgbNEkqO"
    private static let serverFirst =
        "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096"
    private static let final =
        "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ="
    private static let serverFinal = "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4="

    private func session(endpoint: [UInt8]? = nil) -> SessionStateMachine {
        SessionStateMachine(
            seed: SessionSeed(process: 7, secret: Array(0..<32), nonce: Self.nonce, endpoint: endpoint))
    }

    private func initial(_ message: String, _ mechanism: String = "SCRAM-SHA-256") -> FrontendMessage {
        let body = Array(message.utf8)
        return .authentication(
            Array(mechanism.utf8) + [0] + withUnsafeBytes(of: UInt32(body.count).bigEndian) { Array($0) }
                + body)
    }

    @Test func theExchangeOfTheStandardSignsIn() {
        var session = session()
        #expect(
            words(session.receive(.startup(minor: 0, parameters: ["user": "user", "database": "demo"]))) == [
                "lookUp user demo"
            ])
        #expect(words(session.found(Self.verifier)) == ["authenticationSASL([\"SCRAM-SHA-256\"])"])
        #expect(
            words(session.receive(initial(Self.first))) == [
                "authenticationSASLContinue(\"\(Self.serverFirst)\")"
            ])
        #expect(words(session.receive(.authentication(Array(Self.final.utf8)))) == ["settle user"])
        #expect(
            words(session.admit(greeting: [SessionSetting("server_encoding", "UTF8")])) == [
                "authenticationSASLFinal(\"\(Self.serverFinal)\")", "authenticationOk",
                "ParameterStatus server_encoding=UTF8", "BackendKeyData 7 4", "ReadyForQuery idle",
            ])
    }

    @Test func aRefusalAfterTheRightPasswordReadsLikeAWrongOne() {
        var locked = session()
        _ = locked.receive(.startup(minor: 0, parameters: ["user": "user"]))
        _ = locked.found(Self.verifier)
        _ = locked.receive(initial(Self.first))
        _ = locked.receive(.authentication(Array(Self.final.utf8)))
        let refused = locked.refuse()

        var wrong = session()
        _ = wrong.receive(.startup(minor: 0, parameters: ["user": "user"]))
        let mock = SCRAMVerifier(
            salt: Self.verifier.salt, iterations: 4_096, storedKey: Array(repeating: 1, count: 32),
            serverKey: [])
        _ = wrong.found(mock)
        _ = wrong.receive(initial(Self.first))
        let actions = wrong.receive(.authentication(Array(Self.final.utf8)))
        #expect(words(actions) == ["failed user wrongPassword", "Fatal 28P01", "close"])
        #expect(Array(actions.dropFirst()) == refused)
    }

    /// Client's first message, its mechanism, whether the server offers binding; what ends it.
    @Test(
        arguments: [
            ("y,,n=,r=abc", "SCRAM-SHA-256", true, "channelBinding"),
            ("y,,n=,r=abc", "SCRAM-SHA-256", false, nil), ("n,,n=,r=abc", "SCRAM-SHA-256", true, nil),
            ("p=tls-server-end-point,,n=,r=abc", "SCRAM-SHA-256-PLUS", true, nil),
            ("p=tls-unique,,n=,r=abc", "SCRAM-SHA-256-PLUS", true, "malformed"),
            ("p=tls-server-end-point,,n=,r=abc", "SCRAM-SHA-256-PLUS", false, "channelBinding"),
            ("n,,n=,r=", "SCRAM-SHA-256", false, "malformed"), ("", "SCRAM-SHA-256", false, "malformed"),
            ("n,,n=,r=abc", "PLAIN", false, "malformed"),
        ] as [(String, String, Bool, String?)])
    func bindingsAreAsOffered(_ message: String, _ mechanism: String, _ offered: Bool, _ fault: String?) {
        var session = session(endpoint: offered ? [1, 2, 3] : nil)
        _ = session.receive(.startup(minor: 0, parameters: ["user": "ann"]))
        _ = session.found(Self.verifier)
        let lines = words(session.receive(initial(message, mechanism)))
        if let fault {
            #expect(lines.first == "failed ann \(fault)" && lines.last == "close")
        } else {
            #expect(lines.count == 1 && lines[0].hasPrefix("authenticationSASLContinue"))
        }
    }

    @Test(arguments: [(0, nil, 4), (2, nil, 32), (1, 0, 4), (9_999, 2, 32)] as [(Int, Int?, Int)])
    func protocolVersionsAreNegotiated(_ minor: Int, _ spoken: Int?, _ secret: Int) {
        var session = session()
        let lines = words(session.receive(.startup(minor: minor, parameters: ["user": "ann"])))
        let negotiated = spoken.map { ["negotiateProtocolVersion(minor: \($0), unknown: [])"] } ?? []
        #expect(lines == negotiated + ["lookUp ann ann"])
        _ = session.foundCertificate()
        #expect(words(session.admit(greeting: [])).contains("BackendKeyData 7 \(secret)"))
    }

    @Test func optionsThatAreNotKnownAreNamed() {
        var session = session()
        let lines = words(session.receive(.startup(minor: 0, parameters: ["user": "ann", "_pq_.new": "1"])))
        #expect(lines == ["negotiateProtocolVersion(minor: 0, unknown: [\"_pq_.new\"])", "lookUp ann ann"])
    }

    @Test func nothingIsAnsweredBeforeSigningIn() {
        var session = session()
        #expect(words(session.receive(.query("SELECT 1"))) == ["Fatal 08P01", "close"])
        #expect(session.receive(.sync) == [])
        var nameless = self.session()
        #expect(words(nameless.receive(.startup(minor: 0, parameters: [:]))) == ["Fatal 28000", "close"])
    }

    @Test func cancelIsPassedOn() {
        var session = session()
        #expect(
            words(session.receive(.cancelRequest(process: 4, secret: [1, 2, 3, 4]))) == [
                "cancel 4 [1, 2, 3, 4]", "close",
            ])
    }
}

@Suite struct EncryptionNegotiationTests {
    typealias Action = EncryptionNegotiation.Action

    private static let ssl: [UInt8] = [0, 0, 0, 8, 0x04, 0xD2, 0x16, 0x2F]
    private static let gss: [UInt8] = [0, 0, 0, 8, 0x04, 0xD2, 0x16, 0x30]

    @Test(
        arguments: [
            ([ssl], [.reply(0x53), .startTLS([], isDirect: false)]),
            ([gss, ssl], [.reply(0x4E), .reply(0x53), .startTLS([], isDirect: false)]),
            (
                [Array(ssl.prefix(3)), Array(ssl.dropFirst(3))],
                [.reply(0x53), .startTLS([], isDirect: false)]
            ),
            ([[0x16, 3, 1]], [.startTLS([0x16, 3, 1], isDirect: true)]),
            ([gss, [0x16, 3]], [.reply(0x4E), .startTLS([0x16, 3], isDirect: true)]),
            ([startupFrame], [.goOnInTheClear(startupFrame)]),
            // What stands behind SSLRequest in the same breath was put there by somebody else.
            ([ssl + [0x16]], [.close]), ([ssl + startupFrame], [.close]),
            ([gss, gss, gss], [.reply(0x4E), .reply(0x4E), .close]), ([[]], []),
        ] as [([[UInt8]], [Action])])
    func asks(_ pieces: [[UInt8]], _ expected: [Action]) {
        var negotiation = EncryptionNegotiation()
        #expect(pieces.flatMap { negotiation.receive($0) } == expected)
    }
}
