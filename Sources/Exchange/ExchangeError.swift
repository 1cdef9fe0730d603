/// Why a message, key, document or peer was not accepted.
///
/// The description holds the code and fixed words only: no value that came from a message.
package struct ExchangeError: Error, Hashable, Sendable, CustomStringConvertible {
    /// One code a cause, so that each refusal can be recorded and counted apart.
    package enum Code: String, Codable, Sendable, CaseIterable {
        /// The sealed bytes, or an attachment, are not what the sender sealed or signed.
        case changedByte
        case badSignature
        /// One of the two signatures that the suite asks for is not there.
        case missingSignature
        case wrongRecipient
        case expired
        case notYetValid
        case unknownSender
        case revoked
        /// A message id that was used before, with another payload.
        case replay
        case wrongType
        /// An answer to another question than the one asked.
        case wrongRequest
        case unknownSuite
        case tooLarge
        case malformed
        /// The directory is older than the one known, expired, or signed by too few stewards.
        case directoryRollback
        case directoryExpired
        case belowThreshold
        /// The organisation does not have the role that the message asks of it.
        case wrongRole
        case missingKey
        /// The peer cannot be reached, or its TLS certificate is not the directory's.
        case unreachable
        case deadlineExceeded
        case tooManyRequests
        /// The peer answered with a problem and no sealed result.
        case peerProblem
    }

    package let code: Code
    /// Fixed words that say what was looked at.
    package let context: String

    package init(_ code: Code, _ context: StaticString = "") {
        self.code = code
        self.context = "\(context)"
    }

    package var description: String { context.isEmpty ? code.rawValue : "\(code.rawValue): \(context)" }
}
