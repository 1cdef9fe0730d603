internal import Core
internal import Exchange
internal import Foundation
internal import NIOSSL
internal import Store

/// A member of the directory in force, and what this node last saw of it. Times are RFC 3339, UTC.
package struct PeerNote: Codable, Hashable, Sendable {
    /// How far away a member is, by a round trip over an open connection.
    package enum Latency: String, Codable, Sendable, CaseIterable {
        /// Below 50 ms.
        case fast
        /// Below 250 ms.
        case fair
        /// Below 1 s.
        case slow
        case verySlow = "very-slow"

        init(milliseconds: Int) {
            self =
                switch milliseconds {
                case ..<50: .fast
                case ..<250: .fair
                case ..<1_000: .slow
                default: .verySlow
                }
        }
    }

    /// Why a member was not reached.
    package enum Fault: String, Codable, Sendable, CaseIterable {
        /// No connection: down, another address, a firewall.
        case connection
        /// Who is there does not show the certificate of the directory, or does not take ours.
        case certificate
        /// No answer in time.
        case time
        /// An answer, but not a node's.
        case answer
        /// The directory here gives no certificate of it that holds today.
        case directory

        init(_ code: ExchangeError.Code) {
            self =
                switch code {
                case .unknownSender, .badSignature: .certificate
                case .deadlineExceeded: .time
                case .tooManyRequests, .peerProblem, .tooLarge: .answer
                case .revoked, .directoryExpired, .malformed, .missingKey: .directory
                default: .connection
                }
        }
    }

    /// How long a member is given to answer.
    package static let patienceSeconds = Int(PeerWatch.patience.components.seconds)

    package let organisation: String
    package let name: String
    package let roles: [String]
    package let endpoint: String
    package let isSynthetic: Bool
    /// The card that the directory has of it: from and until when its keys hold; the newest generation.
    package let cardFrom: String?
    package let cardUntil: String?
    /// Of the newest generation.
    package let certificateUntil: String?
    /// Days until the sooner of both.
    package let daysLeft: Int?
    /// Whether it was reached when it was last looked for; nil: it never was, or it is this node itself.
    package let isReached: Bool?
    package let roundTripMilliseconds: Int?
    package let latency: Latency?
    package let fault: Fault?
    package let checkedAt: String?
    package let seenAt: String?
    package let unseenSince: String?
}

extension PeerNote {
    init(_ member: Directory.Member, _ sighting: PeerSighting?) {
        let newest = member.keys.first
        let certificate = newest.flatMap {
            try? NIOSSLCertificate(bytes: $0.tlsCertificate.bytes, format: .der)
        }
        let ends = [
            newest?.validUntil.milliseconds, certificate.map { Int64($0.notValidAfter) * 1_000 },
        ].compactMap(\.self)
        self.init(
            organisation: member.organisation.text, name: member.name,
            roles: member.roles.map(\.rawValue).sorted(), endpoint: member.endpoint,
            isSynthetic: member.synthetic, cardFrom: newest.map { Clock.text($0.validFrom.milliseconds) },
            cardUntil: newest.map { Clock.text($0.validUntil.milliseconds) },
            certificateUntil: certificate.map { Clock.text(Int64($0.notValidAfter) * 1_000) },
            daysLeft: ends.min().map(Clock.daysLeft), isReached: sighting.map { $0.fault == nil },
            roundTripMilliseconds: sighting?.milliseconds,
            latency: sighting?.milliseconds.map(Latency.init), fault: sighting?.fault.map(Fault.init),
            checkedAt: sighting.map { Clock.text($0.checkedAt) },
            seenAt: sighting?.seenAt.map { Clock.text($0) },
            unseenSince: sighting?.unseenSince.map { Clock.text($0) })
    }
}

extension NodeContext {
    /// Every member of the directory in force, this node among them, as it was last seen; begins to look anew where that was
    /// a while ago.
    func peerNotes() async throws -> (notes: [PeerNote], isLooking: Bool) {
        let members = directory.current?.members ?? []
        let isLooking = watch.look(for: members.map(\.organisation).filter { $0 != organisation })
        let seen = try await watch.sightings()
        let notes = members.map { PeerNote($0, seen[$0.organisation.text]) }
        return (notes, isLooking)
    }
}
