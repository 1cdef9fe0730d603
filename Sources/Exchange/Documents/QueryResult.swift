/// What one site answers: releases, or a refusal, with the evidence for the receipt.
package struct QueryResult: WireDocument {
    package static var type: DocumentType { .queryResult }

    package enum Outcome: String, Codable, Sendable {
        case answered
        case refused
        case failed
        case late
        case pendingReview = "pending-review"
        /// A dry run: it would be answered.
        case planned
    }

    /// Which rule refused, and in which words: nothing of the data.
    package struct Refusal: Codable, Hashable, Sendable {
        package let rule: String
        package let words: String

        package init(rule: String, words: String) {
            self.rule = rule
            self.words = words
        }
    }

    package let queryID: String
    /// The payload digest of the request.
    package let requestDigest: Digest
    package let outcome: Outcome
    package let refusal: Refusal?
    /// One a fragment, in order; nil for a fragment whose states went to the linker.
    package let releases: [WireReleasedBlock?]
    package let evidence: Evidence
    /// Sealed `LinkState` messages for the linker, by attachment index.
    package let linkerAttachments: [Int]

    package init(
        queryID: String, requestDigest: Digest, outcome: Outcome, refusal: Refusal? = nil,
        releases: [WireReleasedBlock?] = [], evidence: Evidence = Evidence(), linkerAttachments: [Int] = []
    ) {
        self.queryID = queryID
        self.requestDigest = requestDigest
        self.outcome = outcome
        self.refusal = refusal
        self.releases = releases
        self.evidence = evidence
        self.linkerAttachments = linkerAttachments
    }
}

/// What a receipt says of one site. Every field that is nil was not reached, or does not apply.
package struct Evidence: Codable, Hashable, Sendable {
    package var decisionID: String?
    /// The policies that decided: the version in words, and the digest of their texts.
    package var policyVersion: String?
    package var policyDigest: Digest?
    package var determiningPolicies: [String] = []
    /// The obligations that were applied, in words.
    package var obligations: [String] = []
    /// The allow-lists that were applied, as they are frozen in the snapshot.
    package var optOutLists: [OptOutList] = []
    /// Set where people's consents were asked.
    package var consent: Consent?
    package var snapshot: Snapshot?
    package var disclosure: DisclosureSummary?
    /// The site's warehouse holds synthetic people only.
    package var synthetic = false
    /// Quantised: how long it took, and how much was sent.
    package var timeBucketMilliseconds: Int?
    package var byteBucket: Int?
    package var audit: AuditCommitment?

    package init() {}

    package struct OptOutList: Codable, Hashable, Sendable {
        package let scheme: String
        /// The beginning of the list's digest.
        package let version: String
        package let listedAt: WireInstant
        package let ageDays: Int

        package init(scheme: String, version: String, listedAt: WireInstant, ageDays: Int) {
            self.scheme = scheme
            self.version = version
            self.listedAt = listedAt
            self.ageDays = ageDays
        }
    }

    /// That people's consents were evaluated: nothing of whom or how many.
    package struct Consent: Codable, Hashable, Sendable {
        /// The publication with which the consents are frozen.
        package let publication: String
        /// Whether only those who consented were counted; otherwise those were left out whose consents deny it.
        package let isRequired: Bool

        package init(publication: String, isRequired: Bool) {
            self.publication = publication
            self.isRequired = isRequired
        }
    }

    /// The publication snapshot that was asked.
    package struct Snapshot: Codable, Hashable, Sendable {
        /// Why it is older than it should be.
        package enum Mark: String, Codable, Hashable, Sendable {
            /// The last load of some source failed or was broken off: it is answered from what was published before.
            case loadFailed = "load-failed"
            /// The site's own cadence would have had it published again.
            case overdue
        }

        package let id: String
        package let publishedAt: WireInstant
        package let ageDays: Int
        /// nil where nothing marks it as stale.
        package let stale: [Mark]?

        package init(id: String, publishedAt: WireInstant, ageDays: Int, stale: [Mark] = []) {
            self.id = id
            self.publishedAt = publishedAt
            self.ageDays = ageDays
            self.stale = stale.isEmpty ? nil : stale
        }
    }

    /// Over the public key domain only: zero and withheld are not told apart.
    package struct DisclosureSummary: Codable, Hashable, Sendable {
        package let profile: String
        package let cellsReleased: Int
        package let valuesReleased: Int
        /// Values of a closed domain that are zero or withheld; nil where the domain is open.
        package let valuesZeroOrWithheld: Int?
        /// For each fragment and aggregate, how much a value that is absent may hide, and the rounding.
        package let bounds: [Bound]

        package init(
            profile: String, cellsReleased: Int, valuesReleased: Int, valuesZeroOrWithheld: Int?,
            bounds: [Bound]
        ) {
            self.profile = profile
            self.cellsReleased = cellsReleased
            self.valuesReleased = valuesReleased
            self.valuesZeroOrWithheld = valuesZeroOrWithheld
            self.bounds = bounds
        }
    }

    package struct Bound: Codable, Hashable, Sendable {
        package let fragment: Int
        package let aggregate: Int
        /// The largest error of one released value: rounding and noise.
        package let error: Double
        /// The most people that an absent value can stand for if it is withheld by itself, not for the sake of others; nil
        /// if nothing bounds it.
        package let withheld: Double?

        package init(fragment: Int, aggregate: Int, error: Double, withheld: Double?) {
            self.fragment = fragment
            self.aggregate = aggregate
            self.error = error
            self.withheld = withheld
        }
    }

    /// Where the site's transparency log recorded this answer.
    package struct AuditCommitment: Codable, Hashable, Sendable {
        package let index: Int64
        package let leafHash: String
        /// The signed tree head that covers the leaf, if one was made already.
        package let checkpoint: String?

        package init(index: Int64, leafHash: String, checkpoint: String?) {
            self.index = index
            self.leafHash = leafHash
            self.checkpoint = checkpoint
        }
    }
}
