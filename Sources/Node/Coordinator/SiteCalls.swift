internal import Core
internal import Exchange
internal import Foundation
internal import Policy

/// What came of asking one site.
struct SiteReply: Sendable {
    var receipt: SiteReceipt
    /// Empty unless it answered.
    private(set) var releases: [ReleasedBlock?] = []
    private(set) var evidence = Evidence()
    /// Sealed for the linker; opaque here.
    private(set) var linkerMessages: [[UInt8]] = []

    init(
        _ site: OrganisationCode, name: String, outcome: SiteReceipt.Outcome, reason: String,
        rule: String? = nil
    ) {
        receipt = SiteReceipt(
            site: site.text, name: name, outcome: outcome, rules: [rule].compactMap(\.self), reason: reason)
    }

    init(_ opened: Opened<QueryResult>, name: String, bytes: Int) {
        let result = opened.body
        evidence = result.evidence
        let outcome: SiteReceipt.Outcome =
            switch result.outcome {
            case .answered: .answered
            case .refused, .pendingReview: .refused
            case .late: .late
            case .planned: .planned
            case .failed: .failed
            }
        receipt = SiteReceipt(
            site: opened.sender.text, name: name, outcome: outcome, rules: evidence.determiningPolicies,
            reason: result.refusal?.words)
        if let rule = result.refusal?.rule, !receipt.rules.contains(rule) { receipt.rules.append(rule) }
        receipt.take(evidence, bytes: bytes)
        guard outcome == .answered else { return }
        releases = result.releases.map { $0?.block }
        linkerMessages = result.linkerAttachments.compactMap { place in
            opened.attachments.indices.contains(place) ? opened.attachments[place] : nil
        }
    }

    /// The reply, or a failure in its place where the site's publication is older than the question takes.
    func within(days: Int) -> SiteReply {
        guard [.answered, .planned].contains(receipt.outcome), let age = receipt.snapshot?.ageDays, age > days
        else {
            return self
        }
        var reply = self
        reply.receipt.outcome = .failed
        reply.receipt.reason = "its data are \(age) days old, and the question takes at most \(days)"
        reply.forgetReleases()
        return reply
    }

    /// Released numbers are merged: nothing else needs them.
    mutating func forgetReleases() {
        releases = []
        linkerMessages = []
    }
}

extension SiteReceipt {
    fileprivate mutating func take(_ evidence: Evidence, bytes: Int) {
        decision = evidence.decisionID
        policyVersion = evidence.policyVersion
        obligations = evidence.obligations
        synthetic = evidence.synthetic
        snapshot = evidence.snapshot.map {
            SnapshotNote(
                id: Int($0.id) ?? 0, publishedAt: Clock.text($0.publishedAt.milliseconds),
                ageDays: $0.ageDays,
                stale: ($0.stale ?? []).map(\.words))
        }
        optOutLists = evidence.optOutLists.map {
            OptOutNote(
                scheme: $0.scheme, version: $0.version, listedAt: Clock.text($0.listedAt.milliseconds),
                ageDays: $0.ageDays)
        }
        consent = evidence.consent.map {
            ($0.isRequired
                ? "only people who consented are counted" : "people whose consents deny it are left out")
                + "; consents as at publication \($0.publication)"
        }
        audit = evidence.audit.map { AuditNote(index: Int($0.index), commitment: $0.leafHash) }
        time = evidence.timeBucketMilliseconds.map { "within \($0) ms" }
        self.bytes = "within \(SizeBucket.holding(bytes)) bytes"
        disclosure = evidence.disclosure.map { note in
            DisclosureNote(
                profile: note.profile, minimumPeople: note.threshold,
                cellsReleased: note.cellsReleased, valuesReleased: note.valuesReleased,
                statedErrors: note.bounds.filter { $0.error > 0 }.map {
                    "fragment \($0.fragment + 1), aggregate \($0.aggregate + 1): within \($0.error) of the true value"
                },
                rule: note.profile == "none" ? "nothing is withheld" : "zero and withheld are not told apart"
            )
            .counting(note.valuesZeroOrWithheld)
        }
    }
}

extension DisclosureNote {
    fileprivate func counting(_ absent: Int?) -> DisclosureNote {
        var note = self
        note.valuesZeroOrWithheld = absent
        return note
    }
}

extension Evidence.DisclosureSummary {
    /// The fewest people that a released number stands for, as the site states it; a site that states nonsense
    /// gains nothing: an absent value then counts as standing for as many as any threshold allows.
    fileprivate var threshold: Int {
        guard let most = bounds.compactMap(\.withheld).max() else { return 0 }
        guard most.isFinite, (0...1_000_000).contains(most) else { return 1_000_000 }
        return most == 0 && profile == "none" ? 0 : Int(most) + 1
    }
}

/// Asks every participant at once, under one deadline.
struct SiteCalls: Sendable {
    let context: NodeContext
    let session: QuestionSession
    var heard: @Sendable (QuestionProgress) -> Void = { _ in }

    func ask() async throws -> [SiteReply] {
        let early = try await HaltedSites(context: context, session: session).replies(session, name: name)
        if !early.contains(where: { $0 == nil }) { return early.compactMap(\.self) }
        var nonces: [DSSEEnvelope] = []
        if session.isLinked, !session.isDryRun {
            do {
                nonces = try await self.nonces()
            } catch let failure as Unreached {
                return [failure.reply]
                    + session.participants.filter { $0 != failure.site }.map {
                        SiteReply(
                            $0, name: name($0), outcome: .failed,
                            reason: "not asked: a linked question needs every participant")
                    }
            } catch {
                return session.participants.map { reply($0, error) }
            }
        }
        let signed = nonces
        return await withTaskGroup(of: (Int, SiteReply).self) { group in
            for (place, site) in session.participants.enumerated() {
                group.addTask {
                    if let reply = early[place] { return (place, reply) }
                    return (place, await ask(site, nonces: signed))
                }
            }
            var replies: [Int: SiteReply] = [:]
            for await (place, reply) in group {
                replies[place] = reply
                heard(.heard(reply.receipt))
            }
            return session.participants.indices.compactMap { replies[$0] }
        }
    }

    private struct Unreached: Error {
        let site: OrganisationCode
        let reply: SiteReply
    }

    private func ask(_ site: OrganisationCode, nonces: [DSSEEnvelope]) async -> SiteReply {
        do {
            let key = try SealingPrivateKey()
            let request = session.request(to: site, responseKey: key.publicKey, nonces: nonces)
            let (sealed, digest) = try seal(request, to: site)
            let bytes = try await withTaskCancellationHandler {
                try await send(sealed, to: site)
            } onCancel: {
                Task { await cancel(at: site) }
            }
            let opened = try Envelope.open(
                bytes, as: QueryResult.self,
                expecting: .init(
                    recipient: context.organisation, keys: [key], sender: site, answering: digest),
                directory: context.directory, at: WireInstant(milliseconds: Clock.now))
            guard opened.body.queryID == session.queryID, opened.body.requestDigest == digest else {
                throw ExchangeError(.wrongRequest, "result")
            }
            return SiteReply(opened, name: name(site), bytes: bytes.count)
        } catch {
            if (error as? ExchangeError)?.code == .deadlineExceeded { await cancel(at: site) }
            return reply(site, error)
        }
    }

    private func seal(_ document: some WireDocument, to site: OrganisationCode) throws -> ([UInt8], Digest) {
        let sealed = try Envelope.seal(
            document,
            addressing: .init(
                from: context.organisation, to: site,
                key: try context.directory.sealingKey(of: site, at: session.now), issuedAt: session.now,
                expiresAt: session.expiresAt), signedBy: context.keys.query)
        return (sealed.bytes, sealed.digest)
    }

    private func send(_ sealed: [UInt8], to site: OrganisationCode) async throws -> [UInt8] {
        let answer = try await context.peers.ask(
            site, sealed: sealed, deadline: session.deadline, at: WireInstant(milliseconds: Clock.now))
        guard case .sealed(let bytes) = answer else { throw ExchangeError(.deadlineExceeded) }
        return bytes
    }

    /// Best effort: the site also stops by itself at the deadline.
    private func cancel(at site: OrganisationCode) async {
        guard let (sealed, _) = try? seal(QueryCancellation(queryID: session.queryID), to: site) else {
            return
        }
        try? await context.peers.cancel(
            site, queryID: session.queryID, sealed: sealed, deadline: .seconds(5),
            at: WireInstant(milliseconds: Clock.now))
    }

    /// One signed nonce of every participant: without one of them nobody is asked.
    private func nonces() async throws -> [DSSEEnvelope] {
        try await withThrowingTaskGroup(of: DSSEEnvelope.self) { group in
            for site in session.participants {
                group.addTask {
                    do {
                        return try await nonce(of: site)
                    } catch {
                        throw Unreached(site: site, reply: reply(site, error))
                    }
                }
            }
            var envelopes: [DSSEEnvelope] = []
            for try await envelope in group { envelopes.append(envelope) }
            return envelopes
        }
    }

    private func nonce(of site: OrganisationCode) async throws -> DSSEEnvelope {
        guard let linker = session.linker else { throw ExchangeError(.wrongRequest, "no linker") }
        let key = try SealingPrivateKey()
        let (sealed, digest) = try seal(
            LinkNonceRequest(
                queryID: session.queryID, questionDigest: session.questionDigest,
                participants: session.participants, linker: linker, agreementID: session.agreement.body.id,
                responseKey: key.publicKey), to: site)
        let bytes = try await send(sealed, to: site)
        return try Envelope.open(
            bytes, as: LinkNonce.self,
            expecting: .init(recipient: context.organisation, keys: [key], sender: site, answering: digest),
            directory: context.directory, at: WireInstant(milliseconds: Clock.now)
        ).envelope
    }

    private func name(_ site: OrganisationCode) -> String {
        context.name(of: site)
    }

    private func reply(_ site: OrganisationCode, _ error: any Error) -> SiteReply {
        let name = name(site)
        guard let error = error as? ExchangeError else {
            return SiteReply(site, name: name, outcome: .failed, reason: "the question could not be sent")
        }
        switch error.code {
        case .deadlineExceeded:
            return SiteReply(site, name: name, outcome: .late, reason: "no answer before the deadline")
        case .unreachable:
            return SiteReply(site, name: name, outcome: .unreachable, reason: "cannot be reached")
        case .peerProblem:
            return SiteReply(
                site, name: name, outcome: .failed, reason: "the site did not accept the message")
        default: return SiteReply(site, name: name, outcome: .failed, reason: "\(error.code)")
        }
    }
}
