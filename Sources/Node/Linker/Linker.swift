internal import Audit
internal import Core
internal import Disclosure
internal import Exchange
internal import Policy
internal import Store

/// Counts people once across sites, from sealed pseudonyms, and releases totals only.
///
/// It sees cell tokens and pseudonyms of one use, never attributes, and answers to the requester under labels
/// that only the requester can open. INVARIANT: it refuses unless every participant named in each state is
/// present, no other is, and all carry the same question digest and the same agreement.
struct Linker: Sendable {
    let context: NodeContext
    /// Whose certificate the connection bears.
    let peer: OrganisationCode

    struct Refusal: Error {
        let rule: String
        let words: String
    }

    func respond(to bytes: [UInt8]) async throws -> [UInt8] {
        let now = WireInstant(milliseconds: Clock.now)
        let opened = try Envelope.open(
            bytes, as: LinkRequest.self, expecting: context.expectation(from: peer),
            directory: context.directory, at: now)
        let request = opened.body
        let admission = try await context.replay.begin(
            sender: opened.sender, message: request.queryID, digest: opened.digest,
            expiresAt: opened.message.expiresAt, at: now)
        switch admission {
        case .stored(let result): return result
        case .inProgress: throw NodeError(.busy, "this question is being linked already")
        case .execute: break
        }
        let result: LinkResult
        do {
            result = try await link(opened, at: now)
        } catch let refusal as Refusal {
            result = try await refuse(opened, refusal)
        } catch {
            try await context.replay.abandon(sender: opened.sender, message: request.queryID)
            throw error
        }
        let sealed = try Envelope.seal(
            result,
            addressing: .init(
                from: context.organisation, to: opened.sender, key: request.responseKey, issuedAt: now,
                expiresAt: opened.message.expiresAt, answering: opened.digest), signedBy: context.keys.query)
        try await context.replay.complete(
            sender: opened.sender, message: request.queryID, result: sealed.bytes)
        return sealed.bytes
    }

    private func link(_ opened: Opened<LinkRequest>, at now: WireInstant) async throws -> LinkResult {
        let request = opened.body
        guard let agreement = try await context.agreementInForce(request.agreementID, at: now) else {
            throw Refusal(rule: "agreement", words: "no agreement of that name is in force at the linker")
        }
        guard agreement.body.requester == opened.sender, agreement.body.linker == context.organisation,
            agreement.body.permits(.link)
        else { throw Refusal(rule: "agreement", words: "the agreement does not name this linking") }
        let day = CivilDate(days: Int(Clock.days(now.milliseconds)))
        if let out = request.participants.first(where: {
            agreement.record.state(for: $0, on: day) != .inForce
        }) {
            throw Refusal(rule: "agreement", words: "for \(out) the agreement is not in force any more")
        }
        let states = try openStates(opened, agreement: agreement, at: now)
        let profile = try strictestProfile(states, agreement: agreement)
        let fragments = try LinkedTotals(states: states, profile: profile).released()
        let cells = fragments.reduce(0) { $0 + $1.labels.count }
        let entry = try await context.audit.append(
            AuditRecord(
                kind: .release, at: Clock.now,
                details: [
                    "query": request.queryID, "to": opened.sender.text, "agreement": request.agreementID,
                    "participants": request.participants.map(\.text).joined(separator: " "),
                    "profile": profile.name, "cells": String(cells),
                ]))
        var evidence = Evidence()
        evidence.synthetic = context.configuration.isSynthetic
        evidence.disclosure = .init(
            profile: profile.name, cellsReleased: cells, valuesReleased: cells, valuesZeroOrWithheld: nil,
            bounds: [])
        evidence.audit = .init(entry)
        return LinkResult(
            queryID: request.queryID, requestDigest: opened.digest, outcome: .answered, fragments: fragments,
            evidence: evidence)
    }

    private func refuse(_ opened: Opened<LinkRequest>, _ refusal: Refusal) async throws -> LinkResult {
        let entry = try await context.audit.append(
            AuditRecord(
                kind: .decision, at: Clock.now,
                details: [
                    "query": opened.body.queryID, "to": opened.sender.text, "outcome": "refused",
                    "rule": refusal.rule,
                ]))
        var evidence = Evidence()
        evidence.audit = .init(entry)
        return LinkResult(
            queryID: opened.body.queryID, requestDigest: opened.digest, outcome: .refused,
            refusal: .init(rule: refusal.rule, words: refusal.words), evidence: evidence)
    }

    private func openStates(
        _ opened: Opened<LinkRequest>, agreement: LiveAgreement, at now: WireInstant
    ) throws -> [Opened<LinkState>] {
        let request = opened.body
        let participants = Set(request.participants)
        guard participants == Set(agreement.body.controllers) else {
            throw Refusal(
                rule: "participants", words: "the participants are not all controllers of the agreement")
        }
        let states = try opened.attachments.map {
            try Envelope.open(
                $0, as: LinkState.self, expecting: context.expectation(), directory: context.directory,
                at: now)
        }
        let senders = states.map(\.sender)
        guard Set(senders) == participants, senders.count == participants.count else {
            throw Refusal(rule: "participants", words: "the states are not one of each participant")
        }
        for state in states {
            let body = state.body
            guard body.queryID == request.queryID, body.requester == opened.sender,
                body.questionDigest == request.questionDigest, Set(body.participants) == participants,
                body.agreementDigest == agreement.digest
            else {
                throw Refusal(
                    rule: "participants", words: "the participants were not asked the same question")
            }
        }
        return states
    }

    private func strictestProfile(
        _ states: [Opened<LinkState>], agreement: LiveAgreement
    ) throws -> DisclosureProfile {
        let names = Set(states.flatMap(\.body.profiles) + [agreement.body.disclosureProfile])
        var profile = DisclosureProfile.none
        for name in names.sorted() {
            guard let named = DisclosureProfile.named(name) else {
                throw Refusal(rule: "profile", words: "a site asks for a disclosure profile unknown here")
            }
            profile = try profile.joined(with: named)
        }
        guard profile.withholds || context.isWhollySynthetic(states.map(\.sender)) else {
            throw Refusal(rule: "profile", words: "profile 'none' needs synthetic data at every site")
        }
        return profile.withMinimumPeople(states.compactMap(\.body.minimumPeople).max())
    }
}
