package import Core

extension SessionStateMachine {
    /// The user's verifier, or a mock where there is no such user: nobody can tell which from what follows.
    package mutating func found(_ verifier: SCRAMVerifier) -> [Action] {
        guard case .signingIn(var signIn) = state, case .lookUp(let request) = signIn.step else { return [] }
        signIn.step = .mechanism(request, verifier)
        state = .signingIn(signIn)
        return [.send(.authenticationSASL(SCRAMExchange.mechanisms(endpoint: seed.endpoint))), .flush]
    }

    /// The connection's certificate is this user's: no password is asked.
    package mutating func foundCertificate() -> [Action] {
        guard case .signingIn(var signIn) = state, case .lookUp(let request) = signIn.step else { return [] }
        signIn.step = .settling(request, final: nil)
        state = .signingIn(signIn)
        return [.settle(request)]
    }

    /// The person may come in.
    /// - Parameter greeting: settings that clients are told at the beginning.
    package mutating func admit(greeting: [SessionSetting]) -> [Action] {
        guard case .signingIn(let signIn) = state, case .settling(_, let final) = signIn.step else {
            return []
        }
        state = .idle
        let secret = signIn.minor >= 2 ? seed.secret : Array(seed.secret.prefix(4))
        return (final.map { [.send(.authenticationSASLFinal($0))] } ?? [])
            + [.send(.authenticationOk)] + told(greeting)
            + [
                .send(.backendKeyData(process: seed.process, secret: secret)), .send(.readyForQuery(.idle)),
                .flush,
            ]
    }

    /// The person may not come in.
    package mutating func refuse() -> [Action] {
        guard case .signingIn(let signIn) = state else { return [] }
        switch signIn.step {
        case .lookUp(let request), .settling(let request, _):
            return end(Self.refusal(.wrongPassword, request.user))
        default: return []
        }
    }

    mutating func receive(_ message: FrontendMessage, _ signIn: SignIn) -> [Action] {
        var signIn = signIn
        switch (signIn.step, message) {
        case (_, .terminate):
            state = .closed
            return [.close]
        case (.startup, .cancelRequest(let process, let secret)):
            state = .closed
            return [.cancel(process: process, secret: secret), .close]
        case (.startup, .startup(let minor, let parameters)):
            do throws(SQLFault) {
                let actions = try signIn.startup(minor, parameters)
                state = .signingIn(signIn)
                return actions
            } catch {
                return end(error)
            }
        case (.mechanism(let request, _), .authentication(let bytes)),
            (.proof(let request, _), .authentication(let bytes)):
            return answer(bytes, signIn, request)
        default: return end(SQLFault(.protocolViolation, "the message is out of place"))
        }
    }

    private mutating func answer(_ bytes: [UInt8], _ signIn: SignIn, _ request: StartupRequest) -> [Action] {
        var signIn = signIn
        do throws(SignInFault) {
            let actions = try signIn.answer(bytes, seed: seed)
            state = .signingIn(signIn)
            return actions + [.flush]
        } catch {
            return [.failed(request, error)] + end(Self.refusal(error, request.user))
        }
    }

    private static func refusal(_ fault: SignInFault, _ user: String) -> SQLFault {
        switch fault {
        case .wrongPassword:
            SQLFault(SQLState(rawValue: "28P01"), "password authentication failed for user \"\(user)\"")
        case .malformed: SQLFault(.protocolViolation, "malformed SCRAM message")
        case .channelBinding:
            SQLFault(
                SQLState(rawValue: "28000"), "SCRAM channel binding check failed",
                hint: "the connection ends elsewhere than at this node: look for a proxy between")
        }
    }
}

extension SQLState {
    static let protocolViolation = SQLState(rawValue: "08P01")
}
