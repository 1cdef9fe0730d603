import Audit
import Catalog
import Core
import Exchange
import Foundation
import Policy
import Store
import Testing

@testable import Node

/// A question to one site, put together by hand: every field can be made false.
struct QuestionByHand {
    var queryID = UUID().uuidString.lowercased()
    var requester = NodeFederation.requester
    var user = "u-1"
    var purpose = "planning"
    var agreementID: String
    var agreementDigest: Digest
    var fragments: [RequestFragment]
    var participants: [OrganisationCode]
    var linker: OrganisationCode?
    var catalogDigest: Digest
    var referenceDigests: [String: Digest] = [:]
    var nonces: [DSSEEnvelope] = []
    var cellKey: Base64Bytes?
    var measure: RequestMeasure?
    var isDryRun = false
    /// Of `now()`, and the time at which the message is issued.
    var issuedAt = WireInstant(milliseconds: Clock.now)
    var lifetimeSeconds: Int64 = 120
    let responseKey: SealingPrivateKey

    /// What a requester that keeps the rules would ask.
    init(_ sql: String..., under agreement: String, at requester: NodeContext) async throws {
        let now = WireInstant(milliseconds: Clock.now)
        let found = try await requester.agreement(agreement, at: now)
        let live = try TestFailure.unwrap(found, "no agreement of that name")
        agreementID = agreement
        agreementDigest = live.digest
        fragments = sql.map { RequestFragment(sql: $0, linked: false) }
        participants = live.body.controllers.sorted()
        catalogDigest = try TestFailure.unwrap(
            Digest(hexadecimal: requester.catalog.digest), "the catalog has no digest")
        responseKey = try SealingPrivateKey()
    }

    var expiresAt: WireInstant { issuedAt.advanced(bySeconds: lifetimeSeconds) }

    var request: QueryRequest {
        get throws {
            QueryRequest(
                queryID: queryID, requester: requester, user: user, agreementID: agreementID,
                agreementDigest: agreementDigest,
                purpose: try TestFailure.unwrap(Purpose(purpose), "no purpose"), fragments: fragments,
                releaseForm: .site, participants: participants, linker: linker, catalogDigest: catalogDigest,
                referenceDigests: referenceDigests, deadlineMilliseconds: 60_000,
                nowMicroseconds: issuedAt.milliseconds * 1_000, responseKey: responseKey.publicKey,
                linkNonces: nonces, cellKey: cellKey, measure: measure, isDryRun: isDryRun)
        }
    }

    /// Adds the digests of every reference table and codelist that the requester holds.
    mutating func nameReferences(of requester: NodeContext) {
        let names =
            requester.catalog.tables.map { "\($0.kind.rawValue).\($0.key)" }
            + requester.catalog.terminologies.map { "terminology.\($0.key)" }
        for name in names {
            referenceDigests[name] = requester.referenceDigest(name).flatMap(Digest.init(hexadecimal:))
        }
    }

    func addressing(to site: NodeContext) -> Envelope.Addressing {
        Envelope.Addressing(
            from: requester, to: site.organisation, key: site.keys.publicKeys.sealing, issuedAt: issuedAt,
            expiresAt: expiresAt)
    }

    func sealed(to site: NodeContext, signedBy keys: NodeKeys) throws -> Envelope.Sealed {
        try Envelope.seal(try request, addressing: addressing(to: site), signedBy: keys.query)
    }

    /// Asks, and opens the answer as the requester does.
    func ask(_ site: NodeContext, from requester: NodeContext) async throws -> Opened<QueryResult> {
        let sealed = try sealed(to: site, signedBy: requester.keys)
        return try open(
            try await FederationDoor(context: site, peer: requester.organisation).handle(sealed.bytes),
            answering: sealed.digest, requester)
    }

    func open(
        _ bytes: [UInt8], answering digest: Digest, _ requester: NodeContext
    ) throws -> Opened<QueryResult> {
        try Envelope.open(
            bytes, as: QueryResult.self,
            expecting: .init(
                recipient: requester.organisation, keys: [responseKey], answering: digest),
            directory: requester.directory, at: WireInstant(milliseconds: Clock.now))
    }

    /// Gets one nonce of each site for this question, as its envelope.
    mutating func collectNonces(_ sites: [NodeContext], from requester: NodeContext) async throws {
        let linker = try TestFailure.unwrap(linker, "the question names no linker")
        let question = try request.questionDigest
        nonces = []
        for site in sites {
            let key = try SealingPrivateKey()
            let sealed = try Envelope.seal(
                LinkNonceRequest(
                    queryID: queryID, questionDigest: question, participants: participants, linker: linker,
                    agreementID: agreementID, responseKey: key.publicKey),
                addressing: addressing(to: site), signedBy: requester.keys.query)
            let bytes = try await FederationDoor(context: site, peer: requester.organisation).handle(
                sealed.bytes)
            nonces.append(
                try Envelope.open(
                    bytes, as: LinkNonce.self,
                    expecting: .init(
                        recipient: requester.organisation, keys: [key], answering: sealed.digest),
                    directory: requester.directory, at: WireInstant(milliseconds: Clock.now)
                ).envelope)
        }
    }
}

/// What a node wrote down while something was done.
struct LogWatch {
    private let node: NodeContext
    private let before: Int

    init(_ node: NodeContext) throws {
        self.node = node
        before = try node.records().count
    }

    var records: [AuditRecord] {
        get throws { Array(try node.records().dropFirst(before)) }
    }

    var kinds: [AuditRecord.Kind] {
        get throws { try records.map(\.kind) }
    }
}

/// Hands a message to a door that must not open to it: nothing is answered, and the log says so.
/// - Returns: the code that the log gives as the reason.
@discardableResult
func refusalCode(
    of bytes: [UInt8], at node: NodeContext, over peer: OrganisationCode = NodeFederation.requester,
    sourceLocation: SourceLocation = #_sourceLocation
) async throws -> String {
    let log = try LogWatch(node)
    do {
        _ = try await FederationDoor(context: node, peer: peer).handle(bytes)
        Issue.record("the message was answered", sourceLocation: sourceLocation)
    } catch {
        #expect(error == .refused, sourceLocation: sourceLocation)
    }
    let records = try log.records
    #expect(records.map(\.kind) == [.refusedMessage], sourceLocation: sourceLocation)
    return records.first?.details["code"] ?? "none"
}
