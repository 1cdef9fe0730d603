package import Crypto
internal import Foundation

/// Gives every person a fixed record key of 0 to 255 under a secret of the site.
///
/// The sum of the record keys of the people in a cell, modulo 256, is its cell key (ONS/ABS cell-key method).
/// HMAC-SHA256 (RFC 2104), first byte: without the secret a cell key says nothing of who is in the cell.
package struct RecordKey: Sendable {
    private let keyed: HMAC<SHA256>

    /// - Parameter secret: at least 16 bytes, never leaves the site.
    package init(secret: SymmetricKey) {
        precondition(secret.bitCount >= 128, "the secret of the record keys is too short")
        keyed = HMAC<SHA256>(key: secret)
    }

    /// The record key of one person, by the identifier that the warehouse knows them by.
    package func key(of person: some StringProtocol) -> UInt8 {
        var hash = keyed
        var person = String(person)
        person.withUTF8 { hash.update(data: UnsafeRawBufferPointer($0)) }
        return hash.finalize().withUnsafeBytes { $0[0] }
    }

    /// The record keys of many people, in order.
    package func keys(of people: [String]) -> [UInt8] { people.map { key(of: $0) } }
}
