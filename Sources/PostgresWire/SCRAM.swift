internal import Crypto
internal import Foundation

/// What a server keeps of a password for SCRAM-SHA-256 (RFC 5802, 3): the password cannot be found from it, nor can
/// somebody who has it sign in.
package struct SCRAMVerifier: Hashable, Sendable {
    package let salt: [UInt8]
    package let iterations: Int
    package let storedKey: [UInt8]
    package let serverKey: [UInt8]

    package init(salt: [UInt8], iterations: Int, storedKey: [UInt8], serverKey: [UInt8]) {
        self.salt = salt
        self.iterations = iterations
        self.storedKey = storedKey
        self.serverKey = serverKey
    }

    /// - Parameter saltedPassword: PBKDF2 of the password with HMAC-SHA-256, 32 bytes.
    package init(salt: [UInt8], iterations: Int, saltedPassword: [UInt8]) {
        let clientKey = SCRAMExchange.hmac("Client Key", key: saltedPassword)
        self.init(
            salt: salt, iterations: iterations, storedKey: Array(SHA256.hash(data: clientKey)),
            serverKey: SCRAMExchange.hmac("Server Key", key: saltedPassword))
    }
}

/// The server's side of one SCRAM-SHA-256 exchange (RFC 5802, RFC 7677), without sockets or randomness of its own.
struct SCRAMExchange: Sendable {
    /// Why an exchange ended; only `wrongProof` is about the password.
    enum Fault: Error, Hashable {
        case malformed
        case wrongProof
        /// A binding to another connection than this one.
        case channelBinding
    }

    static let plain = "SCRAM-SHA-256"
    static let bound = "SCRAM-SHA-256-PLUS"

    private let verifier: SCRAMVerifier
    private let nonce: String
    /// `tls-server-end-point` of the connection (RFC 5929, 4); nil where it is not offered.
    private let endpoint: [UInt8]?
    private var header = ""
    private var bindsEndpoint = false
    private var clientFirst = ""
    private var serverFirst = ""
    private var wholeNonce = ""

    /// - Parameter nonce: printable, without commas.
    init(verifier: SCRAMVerifier, nonce: String, endpoint: [UInt8]?) {
        self.verifier = verifier
        self.nonce = nonce
        self.endpoint = endpoint
    }

    static func mechanisms(endpoint: [UInt8]?) -> [String] { endpoint == nil ? [plain] : [bound, plain] }

    /// `client-first-message` to `server-first-message`. The name in it is the startup's, as PostgreSQL has it.
    mutating func first(_ message: String, mechanism: String) throws(Fault) -> String {
        let parts = message.split(separator: ",", maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count == 3, parts[1].isEmpty || parts[1].hasPrefix("a=") else { throw .malformed }
        header = "\(parts[0]),\(parts[1]),"
        switch (mechanism, parts[0]) {
        case (Self.plain, "n"): break
        // "y": the client can bind, and believes that the server cannot. Then somebody has changed the offer.
        case (Self.plain, "y"): if endpoint != nil { throw .channelBinding }
        case (Self.bound, "p=tls-server-end-point"):
            guard endpoint != nil else { throw .channelBinding }
            bindsEndpoint = true
        default: throw .malformed
        }
        clientFirst = String(parts[2])
        let fields = clientFirst.split(separator: ",", omittingEmptySubsequences: false)
        guard fields.count >= 2, fields[0].hasPrefix("n="), fields[1].hasPrefix("r="), fields[1].count > 2
        else {
            throw .malformed
        }
        wholeNonce = fields[1].dropFirst(2) + nonce
        let salt = Data(verifier.salt).base64EncodedString()
        serverFirst = "r=\(wholeNonce),s=\(salt),i=\(verifier.iterations)"
        return serverFirst
    }

    /// `client-final-message` to `server-final-message`.
    func final(_ message: String) throws(Fault) -> String {
        guard let mark = message.range(of: ",p=", options: .backwards) else { throw .malformed }
        let withoutProof = message[..<mark.lowerBound]
        let fields = withoutProof.split(separator: ",", omittingEmptySubsequences: false)
        guard fields.count >= 2, fields[0].hasPrefix("c="), fields[1].hasPrefix("r="),
            let proof = Data(base64Encoded: String(message[mark.upperBound...])), proof.count == 32
        else { throw .malformed }
        let binding = Data(header.utf8) + (bindsEndpoint ? Data(endpoint ?? []) : Data())
        guard fields[0].dropFirst(2) == binding.base64EncodedString() else { throw .channelBinding }
        guard fields[1].dropFirst(2) == wholeNonce else { throw .malformed }
        let authMessage = "\(clientFirst),\(serverFirst),\(withoutProof)"
        let signature = Self.hmac(authMessage, key: verifier.storedKey)
        let clientKey = zip(proof, signature).map { $0 ^ $1 }
        guard Self.isSame(Array(SHA256.hash(data: clientKey)), verifier.storedKey) else { throw .wrongProof }
        return "v=" + Data(Self.hmac(authMessage, key: verifier.serverKey)).base64EncodedString()
    }

    static func hmac(_ message: String, key: [UInt8]) -> [UInt8] {
        Array(HMAC<SHA256>.authenticationCode(for: Array(message.utf8), using: SymmetricKey(data: key)))
    }

    /// In a time that does not depend on where they differ.
    private static func isSame(_ left: [UInt8], _ right: [UInt8]) -> Bool {
        left.count == right.count && zip(left, right).reduce(0) { $0 | ($1.0 ^ $1.1) } == 0
    }
}
