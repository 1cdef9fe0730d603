internal import Catalog
package import Core

/// The evidence that comes with an answer: who answered, who did not and why, how fresh, under which rules,
/// and the commitment in each site's log. It bears no query text and nothing about any person.
package struct Receipt: Codable, Sendable {
    package var queryID: String
    /// RFC 3339, UTC.
    package var askedAt: String
    package var requester: String
    package var agreement: String
    package var purpose: String
    package var releaseForm: ReleaseForm
    package var require: String
    /// True when every site's data are stamped synthetic; then profile `none` is possible.
    package var synthetic: Bool
    /// What a join means in this answer (planner.md, "What a join means").
    package var joins: String
    package var sites: [SiteReceipt]
    package var linker: LinkerReceipt?
    /// What may be missing from merged values, in words and numbers.
    package var bounds: [BoundNote]
    /// Reference tables and codelists used, with version and digest.
    package var references: [ReferenceNote]

    package init(
        queryID: String, askedAt: String, requester: String, agreement: String, purpose: String,
        releaseForm: ReleaseForm, require: String, synthetic: Bool, joins: String, sites: [SiteReceipt],
        linker: LinkerReceipt?, bounds: [BoundNote], references: [ReferenceNote]
    ) {
        self.queryID = queryID
        self.askedAt = askedAt
        self.requester = requester
        self.agreement = agreement
        self.purpose = purpose
        self.releaseForm = releaseForm
        self.require = require
        self.synthetic = synthetic
        self.joins = joins
        self.sites = sites
        self.linker = linker
        self.bounds = bounds
        self.references = references
    }
}

/// What one asked site did.
package struct SiteReceipt: Codable, Sendable {
    package enum Outcome: String, Codable, Sendable {
        case answered
        case refused
        case failed
        case late
        case unreachable
        /// A dry run: it would answer.
        case planned
    }

    package var site: String
    package var name: String
    package var outcome: Outcome
    /// Identifiers of the policies or rules that decided.
    package var rules: [String]
    /// The deciding rule in words.
    package var reason: String?
    package var decision: String?
    /// Version of the site's policies that decided.
    package var policyVersion: String?
    package var snapshot: SnapshotNote?
    package var optOutLists: [OptOutNote]
    /// Set where people's consents were evaluated: how, in words.
    package var consent: String?
    package var disclosure: DisclosureNote?
    package var obligations: [String]
    package var synthetic: Bool?
    package var audit: AuditNote?
    /// Bucket of seconds and bytes, never exact figures.
    package var time: String?
    package var bytes: String?

    package init(site: String, name: String, outcome: Outcome, rules: [String] = [], reason: String? = nil) {
        self.site = site
        self.name = name
        self.outcome = outcome
        self.rules = rules
        self.reason = reason
        optOutLists = []
        obligations = []
    }
}

package struct SnapshotNote: Codable, Sendable, Hashable {
    package var id: Int
    package var publishedAt: String
    package var ageDays: Int
    /// What marks it as stale, in words; empty if nothing does.
    package var stale: [String] = []
    /// When it is made: what its views gave and set aside. Never leaves the node.
    package var notes: [String]?

    package init(
        id: Int, publishedAt: String, ageDays: Int, stale: [String] = [], notes: [String]? = nil
    ) {
        self.stale = stale
        self.id = id
        self.publishedAt = publishedAt
        self.ageDays = ageDays
        self.notes = notes
    }
}

package struct OptOutNote: Codable, Sendable, Hashable {
    package var scheme: String
    /// The beginning of the list's digest.
    package var version: String
    package var listedAt: String
    package var ageDays: Int

    package init(scheme: String, version: String, listedAt: String, ageDays: Int) {
        self.scheme = scheme
        self.version = version
        self.listedAt = listedAt
        self.ageDays = ageDays
    }
}

/// Disclosure control at one site, in figures that were released anyway.
package struct DisclosureNote: Codable, Sendable, Hashable {
    package var profile: String
    package var minimumPeople: Int
    package var cellsReleased: Int
    package var valuesReleased: Int
    /// Of all values that there can be by keys that are public, those that are zero or withheld; nil where keys are open.
    package var valuesZeroOrWithheld: Int?
    /// One an aggregate: the largest error that perturbation can have caused, in the aggregate's own words.
    package var statedErrors: [String]
    package var rule: String

    package init(
        profile: String, minimumPeople: Int, cellsReleased: Int, valuesReleased: Int, statedErrors: [String],
        rule: String
    ) {
        self.profile = profile
        self.minimumPeople = minimumPeople
        self.cellsReleased = cellsReleased
        self.valuesReleased = valuesReleased
        self.statedErrors = statedErrors
        self.rule = rule
    }
}

/// Where a site's (or the linker's) log committed to this answer before it left.
package struct AuditNote: Codable, Sendable, Hashable {
    package var index: Int
    /// Hex.
    package var commitment: String

    package init(index: Int, commitment: String) {
        self.index = index
        self.commitment = commitment
    }
}

package struct LinkerReceipt: Codable, Sendable {
    package var linker: String
    package var participants: [String]
    package var cellsReleased: Int
    package var profile: String
    package var audit: AuditNote?

    package init(
        linker: String, participants: [String], cellsReleased: Int, profile: String, audit: AuditNote?
    ) {
        self.linker = linker
        self.participants = participants
        self.cellsReleased = cellsReleased
        self.profile = profile
        self.audit = audit
    }
}

/// What a merged value is at least and at most, stated errors of noise and rounding included. Of a percentile the ends
/// of the public bins that it is read of, which noise of their counts may move.
package struct BoundedValue: Codable, Sendable, Hashable {
    /// The group keys, as text; NULL is empty.
    package var keys: [String?]
    package var lower: Double
    package var upper: Double?

    package init(keys: [String?], lower: Double, upper: Double?) {
        self.keys = keys
        self.lower = lower
        self.upper = upper
    }
}

/// What may be missing from one output of a fragment.
package struct BoundNote: Codable, Sendable, Hashable {
    package var column: String
    /// Values to which a site (or more) contributed nothing that could be released.
    package var partial: Int
    /// The most that any one of them may lack; of a percentile the width of the widest bins that one is read of.
    package var atMost: Double?
    package var words: String
    /// Of the values that may lack something, and of all percentiles, what the true ones lie between; nil in answers of before this was said.
    package var values: [BoundedValue]?

    package init(column: String, partial: Int, atMost: Double?, words: String) {
        self.column = column
        self.partial = partial
        self.atMost = atMost
        self.words = words
    }
}

package struct ReferenceNote: Codable, Sendable, Hashable {
    package var name: String
    package var version: String
    package var digest: String
    /// The day that its content is of, its licence and what it was made from, as whoever loaded it said.
    package var asAt: String?
    package var licence: String?
    package var source: String?

    package init(name: String, version: String, digest: String) {
        self.name = name
        self.version = version
        self.digest = digest
    }

    init(_ held: HeldReference) {
        self.init(name: held.name, version: held.version, digest: held.digest)
        asAt = held.origin.asAt
        licence = held.origin.licence
        source = held.origin.source
    }
}
