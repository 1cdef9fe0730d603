internal import Crypto
internal import Foundation
internal import NIOSSL
internal import Node
internal import Store
internal import SwiftASN1
internal import X509

/// TLS for PostgreSQL's clients: 1.2 or later, always; a client's certificate where authorities are configured.
struct SQLTransport: Sendable {
    let context: NIOSSLContext
    /// `tls-server-end-point` of the certificate (RFC 5929, 4.1), to which SCRAM may be bound; nil where the
    /// signature's algorithm has no hash.
    let endpoint: [UInt8]?

    init(_ certificate: DoorCertificate, authorities: [UInt8]?) throws {
        let chain = try NIOSSLCertificate.fromPEMBytes(certificate.certificates)
        guard let own = chain.first else {
            throw NodeError(.configuration, "'sql.certificate' in concordat.yaml holds no certificate")
        }
        let key = try NIOSSLPrivateKey(bytes: certificate.key, format: certificate.isPEM ? .pem : .der)
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: chain.map { .certificate($0) }, privateKey: .privateKey(key))
        configuration.minimumTLSVersion = .tlsv12
        configuration.applicationProtocols = [Self.applicationProtocol]
        if let authorities {
            configuration.trustRoots = .certificates(try NIOSSLCertificate.fromPEMBytes(authorities))
            configuration.certificateVerification = .optionalVerification
        }
        context = try NIOSSLContext(configuration: configuration)
        endpoint = try Self.endpoint(try own.toDERBytes())
    }

    /// What a client that begins with TLS at once must name (PostgreSQL 17).
    static let applicationProtocol = "postgresql"

    private static func endpoint(_ der: [UInt8]) throws -> [UInt8]? {
        switch try X509.Certificate(derEncoded: der).signatureAlgorithm {
        case .ecdsaWithSHA256, .sha256WithRSAEncryption, .sha1WithRSAEncryption:
            Array(SHA256.hash(data: der))
        case .ecdsaWithSHA384, .sha384WithRSAEncryption: Array(SHA384.hash(data: der))
        case .ecdsaWithSHA512, .sha512WithRSAEncryption: Array(SHA512.hash(data: der))
        default: nil
        }
    }

    /// The common name of a certificate that was verified.
    static func commonName(_ certificate: NIOSSLCertificate) -> String? {
        guard let der = try? certificate.toDERBytes(), let read = try? X509.Certificate(derEncoded: der)
        else {
            return nil
        }
        let names = read.subject.flatMap { $0.map(\.self) }.filter {
            $0.type == .RDNAttributeType.commonName
        }
        // Two names would let a client choose.
        return names.count == 1 ? String(describing: names[0].value) : nil
    }
}
