internal import Crypto
internal import Foundation

/// Secrets that the node makes for clients: kept as digests, since each has 256 bits that nobody can guess.
enum SecretText {
    private static let size = 32

    /// 43 characters that a header, a cookie or an address can carry (RFC 4648, 5).
    static func make() -> String {
        var generator = SystemRandomNumberGenerator()
        return Base64URL.encode((0..<size).map { _ in UInt8.random(in: 0...255, using: &generator) })
    }

    /// What is kept of a secret.
    static func digest(_ secret: String) -> Data { Data(SHA256.hash(data: Array(secret.utf8))) }

    /// Whether two texts are the same, in a time that depends on their lengths alone.
    static func isSame(_ left: String, _ right: String) -> Bool {
        let (left, right) = (Array(left.utf8), Array(right.utf8))
        guard left.count == right.count else { return false }
        return zip(left, right).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
    }
}
