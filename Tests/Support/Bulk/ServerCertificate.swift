import Foundation
import NIOSSL

/// A certificate for 127.0.0.1 that no machine trusts, in PEM files that openssl makes.
package struct ServerCertificate: Sendable {
    package struct Failure: Error, CustomStringConvertible {
        package let description: String
    }

    /// What a client is told to trust.
    package let path: String
    private let keyPath: String

    /// - Parameter directory: where the files are written.
    package init(in directory: String) throws {
        (path, keyPath) = (directory + "/server.pem", directory + "/server-key.pem")
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments =
            [
                "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
                "-nodes",
            ]
            + ["-keyout", keyPath, "-out", path, "-days", "2", "-subj", "/CN=bulk"]
            + ["-addext", "subjectAltName=IP:127.0.0.1"]
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw Failure(description: "openssl made no certificate: run Infra/setup.sh test")
        }
    }

    func configuration() throws -> TLSConfiguration {
        .makeServerConfiguration(
            certificateChain: try NIOSSLCertificate.fromPEMFile(path).map { .certificate($0) },
            privateKey: .privateKey(try NIOSSLPrivateKey(file: keyPath, format: .pem)))
    }
}
