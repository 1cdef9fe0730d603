internal import Core
internal import Exchange
internal import Foundation
package import Store

/// A certificate for people's clients, of SQL or of HTTP, with its key.
package struct DoorCertificate: Sendable {
    /// PEM, the server's own first.
    package let certificates: [UInt8]
    package let key: [UInt8]
    /// Whether `key` is PEM; DER if not.
    package let isPEM: Bool
}

extension NodeContext {
    private struct OwnCertificate: Codable {
        let names: [String]
        let until: Int64
        let certificate: [UInt8]
        let key: [UInt8]
    }

    /// What of a block of the configuration a certificate is made or read by.
    private struct Door {
        /// The block, and the name of what is kept: `sql`, `web`.
        let key: String
        let host: String
        let names: String
        let certificate: String
        let file: String

        init(_ settings: SQLSettings) {
            (key, host, names) = ("sql", settings.host, settings.names)
            (certificate, file) = (settings.certificate, settings.key)
        }

        init(_ settings: WebSettings) {
            (key, host) = ("web", settings.host)
            let name = settings.address.dropFirst("https://".count).split(separator: ":").first.map(
                String.init)
            names = [settings.names, name].compactMap(\.self).filter { !$0.isEmpty }.joined(separator: ",")
            (certificate, file) = (settings.certificate, settings.key)
        }
    }

    /// The certificate that is configured, or one that the node makes of its own: then it is written to `sql.crt` in
    /// the home, for clients to trust (`sslrootcert`).
    /// - Throws: `NodeError` naming a file that cannot be read.
    package func sqlCertificate(_ settings: SQLSettings) throws -> DoorCertificate {
        try certificate(Door(settings))
    }

    /// The same for clients of HTTP, in `web.crt`.
    package func webCertificate(_ settings: WebSettings) throws -> DoorCertificate {
        try certificate(Door(settings))
    }

    private func certificate(_ door: Door) throws -> DoorCertificate {
        if !door.certificate.isEmpty {
            return DoorCertificate(
                certificates: try file(door.certificate, "\(door.key).certificate"),
                key: try file(door.file, "\(door.key).key"), isPEM: true)
        }
        let own = try ownCertificate(for: Self.names(door), as: "\(door.key).tls")
        let pem = Self.pem(own.certificate)
        try PrivateFile.write(Array(pem.utf8), to: home.layout.root + "/\(door.key).crt")
        return DoorCertificate(certificates: Array(pem.utf8), key: own.key, isPEM: false)
    }

    /// Authorities of client certificates, as PEM; nil where there are none.
    package func sqlClientAuthorities(_ settings: SQLSettings) throws -> [UInt8]? {
        settings.clientCA.isEmpty ? nil : try file(settings.clientCA, "sql.clientCA")
    }

    func file(_ path: String, _ key: String) throws -> [UInt8] {
        let whole = path.hasPrefix("/") ? path : home.layout.root + "/" + path
        guard let data = FileManager.default.contents(atPath: whole), !data.isEmpty else {
            throw NodeError(.configuration, "'\(key)' in concordat.yaml: \(whole) cannot be read")
        }
        return Array(data)
    }

    private static func names(_ settings: Door) -> [String] {
        let given = settings.names.split { $0 == "," || $0 == " " }.map(String.init)
        let host = ["0.0.0.0", "::"].contains(settings.host) ? [] : [settings.host]
        var seen: Set<String> = []
        return (given + host + ["localhost", "127.0.0.1", "::1", ProcessInfo.processInfo.hostName])
            .filter { !$0.isEmpty && seen.insert($0).inserted }
    }

    /// The one that was made before, unless names have changed or its days are numbered.
    private func ownCertificate(for names: [String], as secret: String) throws -> OwnCertificate {
        let now = Clock.now
        let month: Int64 = 30 * 86_400_000
        if try vault.list().contains(secret) {
            let kept = try JSON.decode(OwnCertificate.self, from: try vault.load(name: secret))
            if kept.names == names, kept.until > now + month { return kept }
        }
        let until = now + 24 * month
        let identity = try TLSIdentity.generate(
            organisation: organisation, from: WireInstant(milliseconds: now),
            until: WireInstant(milliseconds: until), hosts: names)
        let own = OwnCertificate(
            names: names, until: until, certificate: identity.certificate, key: identity.privateKey)
        try vault.store(name: secret, secret: try JSON.encode(own))
        return own
    }

    private static func pem(_ der: [UInt8]) -> String {
        let lines = Data(der).base64EncodedString(options: [.lineLength64Characters, .endLineWithLineFeed])
        return "-----BEGIN CERTIFICATE-----\n\(lines)\n-----END CERTIFICATE-----\n"
    }
}
