internal import Audit
package import Core
internal import Exchange
internal import Logging
package import NIOSSL
internal import Synchronization

extension NodeContext {
    /// TLS 1.3 for the federation's port. Who may come in is `admit`'s to say, at every handshake.
    package func serverTLS() throws -> TLSConfiguration {
        try TLSMaterial(keys: keys, directory: directory).serverConfiguration()
    }

    /// Which member presented these certificates, by the directory in force. A stranger, or a member whose key was
    /// revoked, is nobody, and is recorded in the log.
    package func admit(_ certificates: [NIOSSLCertificate]) async -> OrganisationCode? {
        do throws(ExchangeError) {
            guard let leaf = certificates.first else { throw ExchangeError(.unknownSender, "TLS") }
            return try directory.organisation(presenting: leaf, at: WireInstant(milliseconds: Clock.now))
        } catch {
            let bytes = certificates.first.flatMap { try? $0.toDERBytes() } ?? []
            await record(error, certificate: Digest(of: bytes))
            return nil
        }
    }

    private func record(_ error: ExchangeError, certificate: Digest) async {
        guard let unrecorded = strangers.mayRecord("\(error.code)", at: Clock.now) else { return }
        log.warning("refused a connection", metadata: ["code": "\(error.code)"])
        var details = ["code": "\(error.code)", "certificate": "\(certificate)"]
        if unrecorded > 0 { details["unrecorded"] = "\(unrecorded)" }
        _ = try? await audit.append(AuditRecord(kind: .refusedMessage, at: Clock.now, details: details))
    }
}

/// Keeps strangers from filling the log: so many records of each code a minute, and how many were left out with the
/// next. A code of its own: a revoked member is not hidden behind strangers.
final class StrangerRecords: Sendable {
    private struct State {
        var minute: Int64 = 0
        var recorded = 0
        var unrecorded = 0
    }

    private static let aMinute = 20
    private let states = Mutex<[String: State]>([:])

    /// How many were left out before this one; nil if this one is left out as well.
    func mayRecord(_ code: String, at now: Int64) -> Int? {
        states.withLock { states in
            var state = states[code] ?? State()
            defer { states[code] = state }
            if now / 60_000 != state.minute { (state.minute, state.recorded) = (now / 60_000, 0) }
            guard state.recorded < Self.aMinute else {
                state.unrecorded += 1
                return nil
            }
            let unrecorded = state.unrecorded
            (state.recorded, state.unrecorded) = (state.recorded + 1, 0)
            return unrecorded
        }
    }
}
