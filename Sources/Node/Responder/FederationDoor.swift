internal import Audit
package import Core
internal import Exchange
internal import Logging
internal import Policy
internal import Store

/// What other nodes may ask of this one: sealed bytes in, sealed bytes out.
package struct FederationDoor: Sendable {
    /// Why a message has no sealed answer; goes out as a problem document without detail.
    package enum Problem: Error, Sendable {
        /// It did not open, did not verify, was too old, or came before.
        case refused
        case busy
        case failed
    }

    let context: NodeContext
    /// Whose certificate the connection bears: nobody else's messages are taken over it.
    let peer: OrganisationCode

    package init(context: NodeContext, peer: OrganisationCode) {
        self.context = context
        self.peer = peer
    }

    /// Answers one sealed message by its type.
    /// - Throws: `Problem`; a message that is refused is recorded in the log.
    package func handle(_ bytes: [UInt8]) async throws(Problem) -> [UInt8] {
        do {
            switch try SealedMessage(parsing: bytes).header.type {
            case .queryRequest where context.configuration.roles.contains(.controller):
                return try await Responder(context: context, peer: peer).respond(to: bytes)
            case .linkNonceRequest where context.configuration.roles.contains(.controller):
                return try await nonce(for: bytes)
            case .linkRequest where context.configuration.roles.contains(.linker):
                return try await Linker(context: context, peer: peer).respond(to: bytes)
            case .agreementNotice: return try await NoticeDesk(context: context, peer: peer).take(bytes)
            default: throw ExchangeError(.wrongType, "not for a node in this role")
            }
        } catch let error as ExchangeError {
            await record(error)
            throw .refused
        } catch let error as NodeError where error.code == .busy {
            throw .busy
        } catch {
            context.log.error("a message could not be answered", metadata: ["error": "\(type(of: error))"])
            throw .failed
        }
    }

    /// Cancels a question for its own asker.
    package func cancel(_ bytes: [UInt8]) async throws(Problem) {
        do {
            let opened = try Envelope.open(
                bytes, as: QueryCancellation.self, expecting: context.expectation(from: peer),
                directory: context.directory, at: WireInstant(milliseconds: Clock.now))
            _ = context.running.cancel(opened.body.queryID, of: opened.sender)
        } catch {
            await record(error)
            throw .refused
        }
    }

    private func record(_ error: ExchangeError) async {
        context.log.warning("refused a message", metadata: ["code": "\(error.code)"])
        _ = try? await context.audit.append(
            AuditRecord(kind: .refusedMessage, at: Clock.now, details: ["code": "\(error.code)"]))
    }

    /// A nonce for one linked question, if an agreement in force allows this requester to link.
    private func nonce(for bytes: [UInt8]) async throws -> [UInt8] {
        let now = WireInstant(milliseconds: Clock.now)
        let opened = try Envelope.open(
            bytes, as: LinkNonceRequest.self, expecting: context.expectation(from: peer),
            directory: context.directory, at: now)
        let request = opened.body
        guard let agreement = try await context.agreementInForce(request.agreementID, at: now),
            agreement.body.requester == opened.sender, agreement.body.linker == request.linker,
            agreement.body.permits(.link)
        else { throw ExchangeError(.wrongRequest, "no agreement in force allows linking") }
        let nonce = try await context.nonces.issue(
            queryID: request.queryID, question: request.questionDigest,
            expiresAt: opened.message.expiresAt, at: now)
        return try Envelope.seal(
            LinkNonce(
                queryID: request.queryID, questionDigest: request.questionDigest,
                organisation: context.organisation, nonce: Base64Bytes(nonce)),
            addressing: .init(
                from: context.organisation, to: opened.sender, key: request.responseKey, issuedAt: now,
                expiresAt: opened.message.expiresAt, answering: opened.digest), signedBy: context.keys.query
        ).bytes
    }
}
