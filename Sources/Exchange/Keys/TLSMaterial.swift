package import Core
package import NIOSSL

/// What mutual TLS 1.3 needs, in NIOSSL's types: our chain and key, and the certificates of our peers.
package struct TLSMaterial: Sendable {
    package let certificateChain: [NIOSSLCertificateSource]
    package let privateKey: NIOSSLPrivateKeySource
    private let directory: PeerDirectory

    /// - Throws: `missingKey` if key or certificate cannot be read.
    package init(keys: NodeKeys, directory: PeerDirectory) throws(ExchangeError) {
        do {
            let certificate = try NIOSSLCertificate(
                bytes: keys.publicKeys.tlsCertificate.bytes, format: .der)
            certificateChain = [.certificate(certificate)]
            privateKey = .privateKey(try NIOSSLPrivateKey(bytes: keys.tlsPrivateKey, format: .der))
        } catch {
            throw ExchangeError(.missingKey, "TLS key or certificate")
        }
        self.directory = directory
    }

    /// TLS for a server of peers: TLS 1.3 only, a certificate of a member of the directory required.
    ///
    /// The roots are those of the directory of this moment. A server that outlives it asks
    /// `PeerDirectory.organisation(presenting:at:)` at every handshake instead of trusting them.
    package func serverConfiguration() throws(ExchangeError) -> TLSConfiguration {
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: certificateChain, privateKey: privateKey)
        configuration.minimumTLSVersion = .tlsv13
        configuration.certificateVerification = .noHostnameVerification
        configuration.trustRoots = .certificates(try Self.certificates(directory.current?.certificates ?? []))
        return configuration
    }

    /// TLS to one peer: only its own certificates of the directory are trusted, so that no other member of
    /// the federation can stand in its place. Certificates name organisations, not hosts.
    package func clientConfiguration(
        to peer: OrganisationCode, at now: WireInstant
    ) throws(ExchangeError) -> TLSConfiguration {
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.minimumTLSVersion = .tlsv13
        configuration.certificateVerification = .noHostnameVerification
        configuration.trustRoots = .certificates(
            try Self.certificates(try directory.keySets(of: peer, at: now).map(\.tlsCertificate)))
        configuration.certificateChain = certificateChain
        configuration.privateKey = privateKey
        return configuration
    }

    private static func certificates(_ encoded: [Base64Bytes]) throws(ExchangeError) -> [NIOSSLCertificate] {
        do {
            return try encoded.map { try NIOSSLCertificate(bytes: $0.bytes, format: .der) }
        } catch {
            throw ExchangeError(.malformed, "a TLS certificate of the directory")
        }
    }
}

extension PeerDirectory {
    /// Whose certificate a peer presented, by exact comparison.
    /// - Throws: `unknownSender` for a stranger's, `revoked`, `directoryExpired`.
    package func organisation(
        presenting certificate: NIOSSLCertificate, at now: WireInstant
    ) throws(ExchangeError) -> OrganisationCode {
        guard let bytes = try? certificate.toDERBytes() else { throw ExchangeError(.unknownSender, "TLS") }
        return try organisation(presenting: bytes, at: now)
    }
}
