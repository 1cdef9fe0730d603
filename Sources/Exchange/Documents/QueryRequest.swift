package import Core

/// One fragment of a request: one level of logical SQL, which the site parses, binds and plans again.
package struct RequestFragment: Codable, Hashable, Sendable {
    package let sql: String
    /// Its people are counted across sites: states go to the linker, under pseudonyms.
    package let linked: Bool

    package init(sql: String, linked: Bool) {
        self.sql = sql
        self.linked = linked
    }
}

/// What one site is asked.
package struct QueryRequest: WireDocument {
    package static var type: DocumentType { .queryRequest }

    package let queryID: String
    package let requester: OrganisationCode
    /// A pseudonym of the person who asks, stable within the requester.
    package let user: String
    package let agreementID: String
    /// The digest of the agreement's signed payload.
    package let agreementDigest: Digest
    package let purpose: Purpose
    package let fragments: [RequestFragment]
    package let releaseForm: ReleaseForm
    /// Every site that is asked: fixed when the query is asked.
    package let participants: [OrganisationCode]
    package let linker: OrganisationCode?
    package let catalogDigest: Digest
    /// Reference tables and codelists that the fragments use, by name.
    package let referenceDigests: [String: Digest]
    package let deadlineMilliseconds: Int
    /// `now()` of the statement, microseconds since the epoch.
    package let nowMicroseconds: Int64
    /// Where the result is sealed to: one key a request.
    package let responseKey: SealingPublicKey
    /// The signed nonces of all participants, where something is linked.
    package let linkNonces: [DSSEEnvelope]
    /// Chosen by the requester, the same for all sites: hides group keys from the linker.
    package let cellKey: Base64Bytes?
    /// The recurring measure that this is one period of; nil for any other question.
    package let measure: RequestMeasure?
    private let dryRun: Bool?
    /// Decide and log what would be answered, and run nothing.
    package var isDryRun: Bool { dryRun == true }

    package init(
        queryID: String, requester: OrganisationCode, user: String, agreementID: String,
        agreementDigest: Digest, purpose: Purpose, fragments: [RequestFragment], releaseForm: ReleaseForm,
        participants: [OrganisationCode], linker: OrganisationCode? = nil, catalogDigest: Digest,
        referenceDigests: [String: Digest], deadlineMilliseconds: Int, nowMicroseconds: Int64,
        responseKey: SealingPublicKey, linkNonces: [DSSEEnvelope] = [], cellKey: Base64Bytes? = nil,
        measure: RequestMeasure? = nil, isDryRun: Bool = false
    ) {
        self.measure = measure
        self.queryID = queryID
        self.requester = requester
        self.user = user
        self.agreementID = agreementID
        self.agreementDigest = agreementDigest
        self.purpose = purpose
        self.fragments = fragments
        self.releaseForm = releaseForm
        self.participants = participants
        self.linker = linker
        self.catalogDigest = catalogDigest
        self.referenceDigests = referenceDigests
        self.deadlineMilliseconds = deadlineMilliseconds
        self.nowMicroseconds = nowMicroseconds
        self.responseKey = responseKey
        self.linkNonces = linkNonces
        self.cellKey = cellKey
        // Left out where it is not one: the document is as it was before there were any.
        dryRun = isDryRun ? true : nil
    }

    /// What every participant must have been asked alike: fragments, participants, linker, release form,
    /// `now`.
    package var questionDigest: Digest {
        Self.questionDigest(
            queryID: queryID, fragments: fragments, releaseForm: releaseForm, participants: participants,
            linker: linker, nowMicroseconds: nowMicroseconds)
    }

    /// The digest of a question before it is asked: nonces are requested for it.
    package static func questionDigest(
        queryID: String, fragments: [RequestFragment], releaseForm: ReleaseForm,
        participants: [OrganisationCode], linker: OrganisationCode?, nowMicroseconds: Int64
    ) -> Digest {
        var writer = ByteWriter()
        writer.append(long: Array("concordat/1 question".utf8))
        writer.append(long: Array(queryID.utf8))
        writer.append(long: Array(releaseForm.rawValue.utf8))
        writer.append(nowMicroseconds)
        writer.append(long: Array((linker?.text ?? "").utf8))
        writer.append(UInt32(participants.count))
        for participant in participants.sorted() { writer.append(long: Array(participant.text.utf8)) }
        writer.append(UInt32(fragments.count))
        for fragment in fragments {
            writer.append(UInt8(fragment.linked ? 1 : 0))
            writer.append(long: Array(fragment.sql.utf8))
        }
        return Digest(of: writer.bytes)
    }
}

/// Cancels a query, for real: the engine's statement is interrupted.
package struct QueryCancellation: WireDocument {
    package static var type: DocumentType { .queryCancellation }

    package let queryID: String

    package init(queryID: String) { self.queryID = queryID }
}
