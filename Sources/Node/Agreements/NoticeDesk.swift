internal import Audit
internal import Core
internal import Exchange
internal import Policy

/// Takes in what other parties say they have done with an agreement.
struct NoticeDesk: Sendable {
    let context: NodeContext
    /// Whose certificate the connection bears.
    let peer: OrganisationCode

    /// Verifies, records in the log and in the store of agreements, and answers with a sealed receipt.
    /// - Throws: `ExchangeError` for what does not verify, or was done later than now.
    func take(_ bytes: [UInt8]) async throws -> [UInt8] {
        let now = WireInstant(milliseconds: Clock.now)
        let opened = try Envelope.open(
            bytes, as: AgreementNotice.self, expecting: context.expectation(from: peer),
            directory: context.directory, at: now)
        let notice = opened.body
        guard notice.at <= now.advanced(bySeconds: Clocks.skewSeconds),
            notice.reason.utf8.count <= AgreementNotice.longestReason
        else { throw ExchangeError(.malformed, "notice about an agreement") }
        let isKnown = try await context.agreements.versions(notice.agreementID).contains {
            $0.agreement.parties.contains(opened.sender)
        }
        if isKnown { try await heed(opened) }
        return try Envelope.seal(
            AgreementNoticeReceipt(
                agreementID: notice.agreementID, noticeDigest: opened.digest, isKnown: isKnown),
            addressing: .init(
                from: context.organisation, to: opened.sender,
                key: try context.directory.sealingKey(of: opened.sender, at: now), issuedAt: now,
                expiresAt: opened.message.expiresAt, answering: opened.digest), signedBy: context.keys.query
        ).bytes
    }

    private func heed(_ opened: Opened<AgreementNotice>) async throws {
        let notice = opened.body
        guard let act = AgreementHalt.Act(rawValue: notice.act.rawValue) else { return }
        let counts = try await context.agreements.heed(
            act, notice.agreementID, by: opened.sender, reason: notice.reason, at: notice.at.milliseconds)
        _ = try await context.audit.append(
            AuditRecord(
                kind: .agreement, at: Clock.now,
                details: [
                    "agreement": notice.agreementID, "act": "notice", "by": opened.sender.text,
                    "said": notice.act.rawValue, "counts": String(counts), "notice": opened.digest.description,
                ]))
        try await context.endQuestionsIfHalted(notice.agreementID)
    }
}

extension NodeContext {
    /// Whether the agreement permits anything here, now; read afresh.
    func permitsNow(_ agreement: String) async throws -> Bool {
        try await agreementInForce(agreement, at: WireInstant(milliseconds: Clock.now)) != nil
    }

    /// Ends what is being answered under an agreement that permits nothing any more.
    func endQuestionsIfHalted(_ agreement: String) async throws {
        if try await !permitsNow(agreement) { running.cancel(under: agreement) }
    }
}
