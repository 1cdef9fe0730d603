package import Core
import Crypto
import Foundation

/// A message sealed to one recipient key: HPKE base mode, single shot (RFC 9180), with X-Wing.
///
/// `info` binds protocol, suite, document type, sender and recipient; the whole header is authenticated. What
/// is sealed is a frame of one DSSE envelope and its attachments, padded with zeros to a size bucket. The
/// header is not secret and not trusted: `Envelope` compares it with the signed body.
package struct SealedMessage: Hashable, Sendable {
    /// What a relay, and the node before it opens a message, may see.
    package struct Header: Hashable, Sendable {
        package let suite: Suite
        package let type: DocumentType
        package let sender: OrganisationCode
        package let recipient: OrganisationCode
        package let recipientKey: KeyID
        package let expiresAt: WireInstant
        /// The payload digest of the request that this answers.
        package let requestDigest: Digest?
    }

    package let header: Header
    let encapsulatedKey: [UInt8]
    let ciphertext: [UInt8]

    private static let magic = Array("CNCD".utf8)
    private static let ciphersuite = HPKE.Ciphersuite.XWingMLKEM768X25519_SHA256_AES_GCM_256

    /// Seals `content` to `key`.
    static func seal(_ content: [UInt8], header: Header, to key: SealingPublicKey) throws(ExchangeError)
        -> Self
    {
        do {
            var sender = try HPKE.Sender(
                recipientKey: key.key, ciphersuite: ciphersuite, info: Data(header.info))
            let ciphertext = try sender.seal(content, authenticating: header.bytes)
            return Self(
                header: header, encapsulatedKey: Array(sender.encapsulatedKey), ciphertext: Array(ciphertext))
        } catch {
            throw ExchangeError(.malformed, "the message cannot be sealed")
        }
    }

    /// Opens with the private key; nothing is said about who sealed it.
    func open(with key: SealingPrivateKey) throws(ExchangeError) -> [UInt8] {
        do {
            var recipient = try HPKE.Recipient(
                privateKey: key.key, ciphersuite: Self.ciphersuite, info: Data(header.info),
                encapsulatedKey: Data(encapsulatedKey))
            return Array(try recipient.open(ciphertext, authenticating: header.bytes))
        } catch {
            throw ExchangeError(.changedByte, "the message does not open with its recipient's key")
        }
    }

    /// The message as it travels.
    package var bytes: [UInt8] {
        var writer = ByteWriter(capacity: ciphertext.count + encapsulatedKey.count + 1024)
        writer.append(raw: Self.magic)
        writer.append(short: header.bytes)
        writer.append(short: encapsulatedKey)
        writer.append(long: ciphertext)
        return writer.bytes
    }

    /// - Throws: `tooLarge`, `unknownSuite`, `malformed`.
    package init(parsing bytes: [UInt8], limits: WireLimits = .standard) throws(ExchangeError) {
        guard bytes.count <= limits.bytes else { throw ExchangeError(.tooLarge, "sealed message") }
        var reader = ByteReader(bytes)
        guard try reader.raw(Self.magic.count) == Self.magic else {
            throw ExchangeError(.malformed, "not a sealed message")
        }
        header = try Header(parsing: try reader.short())
        encapsulatedKey = try reader.short()
        ciphertext = try reader.long()
        guard reader.remaining == 0 else { throw ExchangeError(.malformed, "bytes after the message") }
    }

    private init(header: Header, encapsulatedKey: [UInt8], ciphertext: [UInt8]) {
        self.header = header
        self.encapsulatedKey = encapsulatedKey
        self.ciphertext = ciphertext
    }
}

extension SealedMessage.Header {
    /// HPKE `info`, every field with its length before it.
    fileprivate var info: [UInt8] {
        var writer = ByteWriter()
        for field in ["concordat/1", suite.rawValue, type.rawValue, sender.text, recipient.text] {
            writer.append(short: field)
        }
        return writer.bytes
    }

    /// The header as it travels, which is HPKE `aad`.
    fileprivate var bytes: [UInt8] {
        var writer = ByteWriter()
        for field in [suite.rawValue, type.rawValue, sender.text, recipient.text, recipientKey.text] {
            writer.append(short: field)
        }
        writer.append(expiresAt.milliseconds)
        writer.append(short: requestDigest?.bytes ?? [])
        return writer.bytes
    }

    fileprivate init(parsing bytes: [UInt8]) throws(ExchangeError) {
        var reader = ByteReader(bytes)
        guard let suite = Suite(rawValue: try reader.shortText()) else { throw ExchangeError(.unknownSuite) }
        guard let type = DocumentType(rawValue: try reader.shortText()) else {
            throw ExchangeError(.wrongType, "unknown document type")
        }
        guard let sender = OrganisationCode(try reader.shortText()),
            let recipient = OrganisationCode(try reader.shortText())
        else { throw ExchangeError(.malformed, "not an organisation") }
        let recipientKey = KeyID(unchecked: try reader.shortText())
        let expiresAt = WireInstant(milliseconds: try reader.number(Int64.self))
        let digest = try reader.short()
        guard reader.remaining == 0, digest.isEmpty || digest.count == Digest.byteCount else {
            throw ExchangeError(.malformed, "header")
        }
        self.init(
            suite: suite, type: type, sender: sender, recipient: recipient, recipientKey: recipientKey,
            expiresAt: expiresAt, requestDigest: Digest(bytes: digest))
    }
}

/// Sizes that sealed content is padded to, so that a size says little.
package enum SizeBucket {
    private static let smallest = 8 << 10

    /// The smallest bucket that holds `count` bytes: 8, 12, 16, 24, 32, 48 … KiB.
    package static func holding(_ count: Int) -> Int {
        var bucket = smallest
        while bucket < count {
            if bucket + bucket / 2 >= count { return bucket + bucket / 2 }
            bucket *= 2
        }
        return bucket
    }
}

/// What is sealed: one envelope, the attachments that its payload names by digest, and padding.
struct SealedContent {
    let envelope: [UInt8]
    let attachments: [[UInt8]]

    private static let mostAttachments = 4096

    init(envelope: [UInt8], attachments: [[UInt8]]) {
        self.envelope = envelope
        self.attachments = attachments
    }

    var padded: [UInt8] {
        let content = envelope.count + attachments.reduce(0) { $0 + $1.count + 4 } + 6
        var writer = ByteWriter(capacity: SizeBucket.holding(content))
        writer.append(long: envelope)
        writer.append(UInt16(attachments.count))
        for attachment in attachments { writer.append(long: attachment) }
        writer.append(zeros: SizeBucket.holding(writer.bytes.count) - writer.bytes.count)
        return writer.bytes
    }

    init(parsing bytes: [UInt8]) throws(ExchangeError) {
        var reader = ByteReader(bytes)
        envelope = try reader.long()
        let count = Int(try reader.number(UInt16.self))
        guard count <= Self.mostAttachments else { throw ExchangeError(.tooLarge, "attachments") }
        var attachments: [[UInt8]] = []
        for _ in 0..<count { attachments.append(try reader.long()) }
        self.attachments = attachments
        let isPadding = bytes.withUnsafeBytes { $0[reader.offset...].allSatisfy { $0 == 0 } }
        guard isPadding else {
            throw ExchangeError(.malformed, "padding is not zero")
        }
    }
}
