internal import Audit
internal import Core
internal import Exchange
internal import Foundation
internal import Policy

/// Drafts, signs and takes over data sharing agreements; the other files halt, print, compare and rehearse them.
struct AgreementAdministration: Sendable {
    let context: NodeContext

    /// A draft with signatures as it goes from party to party, and the controllers' sealed linkage shares.
    struct Envelope: Codable {
        var document: SignedDocument
        /// "FROM TO" -> a sealed share; only the receiver can open it.
        var shares: [String: Base64Bytes]
    }

    func draft(_ yaml: String) throws -> String {
        let agreement = try Agreement(yaml: yaml)
        let document = SignedDocument(payload: Array(try agreement.canonicalJSON()), type: .agreement)
        return try text(Envelope(document: document, shares: [:]))
    }

    /// Adds this party's signature; a controller of a linking agreement adds its shares for the others.
    func sign(_ text: String) async throws -> String {
        var (envelope, agreement) = try read(text)
        guard agreement.parties.contains(context.organisation) else {
            throw NodeError(.agreement, "\(context.organisation) is no party to '\(agreement.id)'")
        }
        let now = WireInstant(milliseconds: Clock.now)
        let isController = agreement.controllers.contains(context.organisation)
        envelope.document = try envelope.document.signed(
            as: isController ? "controller" : "recipient", of: context.organisation,
            by: context.keys.agreement, at: now)
        if isController, agreement.permits(.link) {
            let share = LinkageShare(
                agreementID: agreement.id, agreementDigest: envelope.document.digest,
                share: Base64Bytes(LinkageSecret.makeShare()))
            for other in agreement.controllers {
                let sealed = try Exchange.Envelope.seal(
                    share,
                    addressing: .init(
                        from: context.organisation, to: other,
                        key: try context.directory.sealingKey(of: other, at: now), issuedAt: now,
                        expiresAt: now.advanced(bySeconds: 3600)), signedBy: context.keys.query)
                envelope.shares["\(context.organisation) \(other)"] = Base64Bytes(sealed.bytes)
            }
        }
        _ = try await context.audit.append(
            AuditRecord(
                kind: .agreement, at: Clock.now,
                details: [
                    "agreement": agreement.id, "version": String(agreement.version), "act": "signed",
                    "digest": envelope.document.digest.description,
                ]))
        return try self.text(envelope)
    }

    /// Takes over an agreement with whatever signatures verify; says in which state it is then.
    func take(_ text: String) async throws -> String {
        let (envelope, agreement) = try read(text)
        let now = WireInstant(milliseconds: Clock.now)
        let roles = Set(agreement.parties.union([agreement.linker].compactMap(\.self)))
        guard roles.contains(context.organisation) else {
            throw NodeError(.agreement, "\(context.organisation) has no part in '\(agreement.id)'")
        }
        let valid = envelope.document.validSigners(in: context.directory, for: .agreement, at: now)
        let signers = Set(valid.map(\.organisation)).intersection(agreement.parties)
        let bytes = Data(try envelope.document.serialised())
        try await context.agreements.put(
            agreement, signatures: Dictionary(uniqueKeysWithValues: signers.map { ($0, bytes) }))
        if agreement.permits(.link), agreement.controllers.contains(context.organisation),
            signers.isSuperset(of: agreement.controllers)
        {
            try keepShares(envelope, agreement, signed: valid)
        }
        let day = CivilDate(days: Int(Clock.days(Clock.now)))
        let record = try await context.agreements.current(agreement.id, for: context.organisation, on: day)
        let state = record?.state(for: context.organisation, on: day) ?? .draft
        _ = try await context.audit.append(
            AuditRecord(
                kind: .agreement, at: Clock.now,
                details: [
                    "agreement": agreement.id, "version": String(agreement.version), "act": "imported",
                    "state": state.rawValue,
                ]))
        return "'\(agreement.id)' version \(agreement.version) is \(state.rawValue); signed by "
            + signers.map(\.text).sorted().joined(separator: ", ")
    }

    /// Shares were sealed when their controller signed: that is the time at which they are opened.
    private func keepShares(
        _ envelope: Envelope, _ agreement: Agreement, signed: [SignedDocument.Signature]
    ) throws {
        var shares: [[UInt8]] = []
        for other in agreement.controllers {
            guard let sealed = envelope.shares["\(other) \(context.organisation)"],
                let signature = signed.first(where: { $0.organisation == other })
            else {
                throw NodeError(
                    .agreement, "\(other)'s linkage share for this node is missing: let it sign again")
            }
            let opened = try Exchange.Envelope.open(
                sealed.bytes, as: LinkageShare.self,
                expecting: .init(
                    recipient: context.organisation, keys: [context.keys.sealing], sender: other),
                directory: context.directory, at: signature.signedAt)
            guard opened.body.agreementDigest == envelope.document.digest else {
                throw NodeError(.agreement, "\(other)'s linkage share is for another text")
            }
            shares.append(opened.body.share.bytes)
        }
        try context.linkage.keep(shares, agreement: envelope.document.digest)
    }

    func read(_ text: String) throws -> (Envelope, Agreement) {
        guard let envelope = try? JSON.decode(Envelope.self, from: Array(text.utf8)),
            envelope.document.payloadType == DocumentType.agreement.payloadType
        else {
            throw NodeError(.agreement, "this is not an agreement: make one with 'concordat agreement make'")
        }
        return (envelope, try Agreement(canonicalJSON: Data(envelope.document.payload.bytes)))
    }

    func text(_ envelope: Envelope) throws -> String {
        String(decoding: try JSON.encode(envelope), as: UTF8.self)
    }
}
