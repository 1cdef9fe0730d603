package import Core

/// Asks a site for its nonce of one linked query.
package struct LinkNonceRequest: WireDocument {
    package static var type: DocumentType { .linkNonceRequest }

    package let queryID: String
    package let questionDigest: Digest
    package let participants: [OrganisationCode]
    package let linker: OrganisationCode
    package let agreementID: String
    /// Where the nonce is sealed to.
    package let responseKey: SealingPublicKey

    package init(
        queryID: String, questionDigest: Digest, participants: [OrganisationCode], linker: OrganisationCode,
        agreementID: String, responseKey: SealingPublicKey
    ) {
        self.queryID = queryID
        self.questionDigest = questionDigest
        self.participants = participants
        self.linker = linker
        self.agreementID = agreementID
        self.responseKey = responseKey
    }
}

/// A controller's nonce for one linked query. The requester passes the signed envelope on to every
/// participant.
package struct LinkNonce: WireDocument {
    package static var type: DocumentType { .linkNonce }

    package let queryID: String
    package let questionDigest: Digest
    package let organisation: OrganisationCode
    /// 32 random bytes, used once.
    package let nonce: Base64Bytes

    package init(queryID: String, questionDigest: Digest, organisation: OrganisationCode, nonce: Base64Bytes)
    {
        self.queryID = queryID
        self.questionDigest = questionDigest
        self.organisation = organisation
        self.nonce = nonce
    }
}

/// A controller's share of an agreement's linkage secret, sealed to each other controller.
package struct LinkageShare: WireDocument {
    package static var type: DocumentType { .linkageShare }

    package let agreementID: String
    package let agreementDigest: Digest
    /// 32 random bytes.
    package let share: Base64Bytes

    package init(agreementID: String, agreementDigest: Digest, share: Base64Bytes) {
        self.agreementID = agreementID
        self.agreementDigest = agreementDigest
        self.share = share
    }
}

/// What one site seals to the linker: states of cells under opaque tokens, people under pseudonyms.
package struct LinkState: WireDocument {
    package static var type: DocumentType { .linkState }

    /// The states of one fragment, all arrays a cell.
    package struct Fragment: Codable, Hashable, Sendable {
        /// The fragment's place in the request.
        package let index: Int
        /// 16 bytes a cell, one after the other.
        package let tokens: Base64Bytes
        /// The sealed group keys: the linker passes on those of the cells that it releases.
        package let labels: [Base64Bytes]
        /// Distinct people of the cell at this site.
        package let people: [Int64]
        package let aggregates: [WireAggregateCells]
        package let pseudonyms: [Pseudonyms]

        package init(
            index: Int, tokens: Base64Bytes, labels: [Base64Bytes], people: [Int64],
            aggregates: [WireAggregateCells], pseudonyms: [Pseudonyms]
        ) {
            self.index = index
            self.tokens = tokens
            self.labels = labels
            self.people = people
            self.aggregates = aggregates
            self.pseudonyms = pseudonyms
        }
    }

    /// Whose pseudonyms: the people behind the cells, or the contributors of one aggregate.
    package struct Pseudonyms: Codable, Hashable, Sendable {
        /// nil: the people behind the cell.
        package let aggregate: Int?
        /// How many belong to each cell, in order.
        package let counts: [Int]
        /// The attachment that holds them, 16 bytes each.
        package let attachment: Int

        package init(aggregate: Int?, counts: [Int], attachment: Int) {
            self.aggregate = aggregate
            self.counts = counts
            self.attachment = attachment
        }
    }

    package let queryID: String
    package let requester: OrganisationCode
    package let questionDigest: Digest
    package let participants: [OrganisationCode]
    /// The payload digest of the agreement that the linker applies.
    package let agreementDigest: Digest
    /// Disclosure profiles that this site asks for: the linker applies the strictest of all.
    package let profiles: [String]
    package let minimumPeople: Int?
    package let fragments: [Fragment]

    package init(
        queryID: String, requester: OrganisationCode, questionDigest: Digest,
        participants: [OrganisationCode], agreementDigest: Digest, profiles: [String], minimumPeople: Int?,
        fragments: [Fragment]
    ) {
        self.queryID = queryID
        self.requester = requester
        self.questionDigest = questionDigest
        self.participants = participants
        self.agreementDigest = agreementDigest
        self.profiles = profiles
        self.minimumPeople = minimumPeople
        self.fragments = fragments
    }
}

/// The requester hands the sites' sealed states to the linker: each a sealed `LinkState`, as attachments.
package struct LinkRequest: WireDocument {
    package static var type: DocumentType { .linkRequest }

    package let queryID: String
    package let questionDigest: Digest
    package let participants: [OrganisationCode]
    package let agreementID: String
    package let responseKey: SealingPublicKey

    package init(
        queryID: String, questionDigest: Digest, participants: [OrganisationCode], agreementID: String,
        responseKey: SealingPublicKey
    ) {
        self.queryID = queryID
        self.questionDigest = questionDigest
        self.participants = participants
        self.agreementID = agreementID
        self.responseKey = responseKey
    }
}

/// What the linker released: totals over all participants, under labels that only the requester can open.
package struct LinkResult: WireDocument {
    package static var type: DocumentType { .linkResult }

    package struct Fragment: Codable, Hashable, Sendable {
        package let index: Int
        package let labels: [Base64Bytes]
        package let aggregates: [WireReleasedAggregate]

        package init(index: Int, labels: [Base64Bytes], aggregates: [WireReleasedAggregate]) {
            self.index = index
            self.labels = labels
            self.aggregates = aggregates
        }
    }

    package let queryID: String
    package let requestDigest: Digest
    package let outcome: QueryResult.Outcome
    package let refusal: QueryResult.Refusal?
    package let fragments: [Fragment]
    package let evidence: Evidence

    package init(
        queryID: String, requestDigest: Digest, outcome: QueryResult.Outcome,
        refusal: QueryResult.Refusal? = nil, fragments: [Fragment] = [], evidence: Evidence = Evidence()
    ) {
        self.queryID = queryID
        self.requestDigest = requestDigest
        self.outcome = outcome
        self.refusal = refusal
        self.fragments = fragments
        self.evidence = evidence
    }
}
