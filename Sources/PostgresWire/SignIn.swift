internal import Core

/// Who a client says it is, and what it wants to use.
package struct StartupRequest: Hashable, Sendable {
    package let user: String
    package let database: String
    /// Settings of the session: `application_name`, `options` and the like.
    package let settings: [String: String]
}

/// What a session begins with, besides the client: made by the caller, so that transcripts are the same each time.
package struct SessionSeed: Sendable {
    let process: Int32
    /// Of 32 bytes; those who speak protocol 3.0 get the first four.
    let secret: [UInt8]
    /// The server's part of the SCRAM nonce: printable, without commas.
    let nonce: String
    /// `tls-server-end-point` of the connection; nil without TLS or where the certificate has none.
    let endpoint: [UInt8]?

    package init(process: Int32, secret: [UInt8], nonce: String, endpoint: [UInt8]?) {
        self.process = process
        self.secret = secret
        self.nonce = nonce
        self.endpoint = endpoint
    }
}

/// Signing in: startup, then SCRAM or the connection's own certificate.
struct SignIn: Sendable {
    enum Step: Sendable {
        case startup
        /// The caller looks the user up.
        case lookUp(StartupRequest)
        case mechanism(StartupRequest, SCRAMVerifier)
        case proof(StartupRequest, SCRAMExchange)
        /// The caller says whether this person may come in; the text is the server's last word of SCRAM.
        case settling(StartupRequest, final: String?)
    }

    var step = Step.startup
    /// Minor version of protocol 3 that is spoken.
    private(set) var minor = 0

    /// The newest minor version that is spoken; 3.1 was never made.
    static func spoken(_ minor: Int) -> Int { minor >= 2 ? 2 : 0 }

    mutating func startup(
        _ minor: Int, _ parameters: [String: String]
    ) throws(SQLFault) -> [SessionStateMachine.Action] {
        self.minor = Self.spoken(minor)
        var actions: [SessionStateMachine.Action] = []
        let unknown = parameters.keys.filter { $0.hasPrefix("_pq_.") }.sorted()
        if self.minor != minor || !unknown.isEmpty {
            actions.append(.send(.negotiateProtocolVersion(minor: self.minor, unknown: unknown)))
        }
        guard let user = parameters["user"], !user.isEmpty else {
            throw SQLFault(
                SQLState(rawValue: "28000"), "no PostgreSQL user name specified in startup packet")
        }
        guard parameters["replication"].map({ ["false", "off", "no", "0"].contains($0) }) ?? true else {
            throw SQLFault(.featureNotSupported, "replication is not supported")
        }
        var settings = parameters.filter { !$0.key.hasPrefix("_pq_.") }
        for name in ["user", "database", "replication"] { settings[name] = nil }
        let database = parameters["database"].flatMap { $0.isEmpty ? nil : $0 } ?? user
        let request = StartupRequest(user: user, database: database, settings: settings)
        step = .lookUp(request)
        return actions + [.lookUp(request)]
    }

    /// `SASLInitialResponse`, then `SASLResponse`.
    mutating func answer(
        _ bytes: [UInt8], seed: SessionSeed
    ) throws(SignInFault) -> [SessionStateMachine.Action] {
        do {
            switch step {
            case .mechanism(let request, let verifier):
                var reader = WireReader(bytes)
                let mechanism = try reader.string()
                let message = try reader.take(try reader.int32())
                try reader.finish()
                var exchange = SCRAMExchange(verifier: verifier, nonce: seed.nonce, endpoint: seed.endpoint)
                let answer = try exchange.first(try Self.text(message), mechanism: mechanism)
                step = .proof(request, exchange)
                return [.send(.authenticationSASLContinue(answer))]
            case .proof(let request, let exchange):
                let final = try exchange.final(try Self.text(bytes))
                step = .settling(request, final: final)
                return [.settle(request)]
            default: throw FrameError.badLength
            }
        } catch let fault as SCRAMExchange.Fault {
            throw SignInFault(fault)
        } catch {
            throw .malformed
        }
    }

    private static func text(_ bytes: [UInt8]) throws(FrameError) -> String {
        guard let text = String(validating: bytes, as: UTF8.self) else { throw .notUTF8 }
        return text
    }
}

/// Why somebody is not let in.
package enum SignInFault: Error, Hashable, Sendable {
    case malformed
    /// Or no such user, or one that is locked: nobody is told which.
    case wrongPassword
    case channelBinding

    init(_ fault: SCRAMExchange.Fault) {
        self =
            switch fault {
            case .malformed: .malformed
            case .wrongProof: .wrongPassword
            case .channelBinding: .channelBinding
            }
    }
}
