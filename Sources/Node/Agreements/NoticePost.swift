internal import Audit
internal import Core
internal import Exchange
internal import Logging
internal import Policy

/// Sends notices about agreements to those whom they concern, signed and sealed.
struct NoticePost: Sendable {
    /// Takes sealed bytes to a peer and brings back what it answers.
    typealias Carrier = @Sendable (OrganisationCode, [UInt8]) async throws -> [UInt8]

    let context: NodeContext
    private let carry: Carrier

    init(context: NodeContext, carry: Carrier? = nil) {
        self.context = context
        self.carry =
            carry ?? { [peers = context.peers] peer, bytes in
                let answer = try await peers.ask(
                    peer, sealed: bytes, deadline: .seconds(5), at: WireInstant(milliseconds: Clock.now))
                guard case .sealed(let reply) = answer else { throw ExchangeError(.deadlineExceeded) }
                return reply
            }
    }

    /// Whom an act of this node's concerns: a controller's its requester and linker, a requester's everybody.
    static func recipients(of agreement: Agreement, from organisation: OrganisationCode) -> [OrganisationCode] {
        let parties =
            agreement.requester == organisation ? Set(agreement.controllers) : [agreement.requester]
        return parties.union([agreement.linker].compactMap(\.self)).subtracting([organisation]).sorted()
    }

    /// Tries everything that is due once, all at the same time.
    func deliver(at now: WireInstant = WireInstant(milliseconds: Clock.now)) async throws {
        let due = try await context.notices.due(at: now)
        await withTaskGroup(of: Void.self) { group in
            for entry in due { group.addTask { await deliver(entry, at: now) } }
        }
    }

    private func deliver(_ entry: NoticeQueue.Entry, at now: WireInstant) async {
        do {
            let sealed = try Envelope.seal(
                entry.notice,
                addressing: .init(
                    from: context.organisation, to: entry.recipient,
                    key: try context.directory.sealingKey(of: entry.recipient, at: now), issuedAt: now,
                    expiresAt: now.advanced(bySeconds: 3600)), signedBy: context.keys.query)
            let reply = try await carry(entry.recipient, sealed.bytes)
            let opened = try Envelope.open(
                reply, as: AgreementNoticeReceipt.self,
                expecting: context.expectation(from: entry.recipient, answering: sealed.digest),
                directory: context.directory, at: WireInstant(milliseconds: Clock.now))
            guard opened.body.noticeDigest == sealed.digest else {
                throw ExchangeError(.wrongRequest, "receipt of another notice")
            }
            try await context.notices.delivered(entry, at: now)
            _ = try await context.audit.append(
                AuditRecord(
                    kind: .agreement, at: Clock.now,
                    details: [
                        "agreement": entry.notice.agreementID, "act": "notice-delivered",
                        "to": entry.recipient.text, "known": String(opened.body.isKnown),
                    ]))
        } catch {
            context.log.notice(
                "a notice about an agreement is not delivered yet",
                metadata: ["to": "\(entry.recipient)", "agreement": "\(entry.notice.agreementID)"])
            try? await context.notices.failed(entry, at: now)
        }
    }
}

extension NodeContext {
    /// Tries to deliver the notices that are due; whoever serves the node calls it now and then.
    package func deliverNotices() async {
        do {
            try await NoticePost(context: self).deliver()
        } catch {
            log.error("notices could not be read", metadata: ["error": "\(type(of: error))"])
        }
    }
}
