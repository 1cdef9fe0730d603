package import Core
import Crypto
import Foundation
import SwiftASN1
import X509

/// A node's TLS key with the self-signed certificate that names its organisation.
///
/// Peers pin the certificate through the directory, so it needs no authority above it.
package struct TLSIdentity: Sendable {
    /// PKCS #8 DER, P-256.
    package let privateKey: [UInt8]
    /// X.509 DER.
    package let certificate: [UInt8]

    /// Generates key and certificate; subject and issuer are `CN=ODS, O=ODS`.
    /// - Parameter hosts: names and addresses by which clients other than nodes reach it; nodes need none.
    package static func generate(
        organisation: OrganisationCode, from: WireInstant, until: WireInstant, hosts: [String] = []
    ) throws(ExchangeError) -> TLSIdentity {
        do {
            let key = P256.Signing.PrivateKey()
            let name = try DistinguishedName {
                OrganizationName(organisation.text)
                CommonName(organisation.text)
            }
            let certificate = try Certificate(
                version: .v3, serialNumber: Certificate.SerialNumber(),
                publicKey: Certificate.PublicKey(key.publicKey),
                notValidBefore: from.advanced(bySeconds: -Clocks.skewSeconds).date,
                notValidAfter: until.advanced(bySeconds: Clocks.skewSeconds).date, issuer: name,
                subject: name,
                signatureAlgorithm: .ecdsaWithSHA256,
                // No KeyUsage: with one that lacks keyCertSign, BoringSSL does not take the certificate for
                // its own trust anchor; with it, the node would be an authority.
                extensions: Certificate.Extensions {
                    Critical(BasicConstraints.notCertificateAuthority)
                    try ExtendedKeyUsage([.serverAuth, .clientAuth])
                    SubjectAlternativeNames(
                        [.dnsName("\(organisation.text.lowercased()).concordat.invalid")]
                            + hosts.map(Self.name))
                },
                issuerPrivateKey: Certificate.PrivateKey(key))
            var serializer = DER.Serializer()
            try serializer.serialize(certificate)
            return TLSIdentity(
                privateKey: Array(key.derRepresentation), certificate: serializer.serializedBytes)
        } catch {
            throw ExchangeError(.missingKey, "a TLS certificate cannot be made")
        }
    }
}

extension TLSIdentity {
    /// An address in numbers, or a name.
    private static func name(_ host: String) -> GeneralName {
        var four = in_addr()
        var six = in6_addr()
        if inet_pton(AF_INET, host, &four) == 1 {
            return .ipAddress(
                ASN1OctetString(contentBytes: withUnsafeBytes(of: &four) { ArraySlice(Array($0)) }))
        }
        if inet_pton(AF_INET6, host, &six) == 1 {
            return .ipAddress(
                ASN1OctetString(contentBytes: withUnsafeBytes(of: &six) { ArraySlice(Array($0)) }))
        }
        return .dnsName(host)
    }
}

extension WireInstant {
    fileprivate var date: Date { Date(timeIntervalSince1970: Double(milliseconds) / 1000) }
}
