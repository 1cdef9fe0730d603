/// What a decision attaches to an answer: values that the enforcing rewrite, disclosure control and the doors
/// carry out.
///
/// Of several sources the strictest wins, field by field (`joined`); every field keeps where its value came from.
package struct Obligations: Hashable, Codable, Sendable {
    /// The schemes to honour: allow-lists and consents as semi-joins, objections as an anti-join.
    package var honour: Set<OptOutScheme>
    /// The fewest people a released number may stand for; the profile may ask for more.
    package var minimumPeople: Int?
    /// Disclosure profiles that apply together, by name; joined field-wise by `Disclosure`.
    package var profiles: Set<String>
    /// Columns that may be used, as `dataset.column`; nil means all that the agreement names.
    package var columns: Set<String>?
    /// Codelists whose people's codes are taken out before anything is counted, as `codelist` names.
    package var excludedCodelists: Set<String>
    /// The most releases under the agreement at this controller; nil for no cap.
    package var releaseCap: Int?
    /// The last day on which the answer may leave; nil for no end.
    package var validUntil: CivilDate?
    /// Who is told at once that this was done, by role, e.g. `privacy-officer`.
    package var alerts: Set<String>
    /// Whether a person looks at it afterwards.
    package var needsReview: Bool
    /// Field name -> the policies, the agreement or the gateway whose value stands; several where they agree, or
    /// where each adds to the set.
    package var provenance: [String: [String]]

    package init(
        honour: Set<OptOutScheme> = [], minimumPeople: Int? = nil, profiles: Set<String> = [],
        columns: Set<String>? = nil, excludedCodelists: Set<String> = [], releaseCap: Int? = nil,
        validUntil: CivilDate? = nil, alerts: Set<String> = [], needsReview: Bool = false,
        provenance: [String: [String]] = [:]
    ) {
        self.honour = honour
        self.minimumPeople = minimumPeople
        self.profiles = profiles
        self.columns = columns
        self.excludedCodelists = excludedCodelists
        self.releaseCap = releaseCap
        self.validUntil = validUntil
        self.alerts = alerts
        self.needsReview = needsReview
        self.provenance = provenance
    }

    /// The strictest of both, field by field: commutative, associative, idempotent; never wider than either.
    package func joined(with other: Obligations) -> Obligations {
        var origins = provenance.merging(other.provenance) { Set($0).union($1).sorted() }
        /// The stricter value of a field that has an order, whose losing side is no origin.
        func strictest<T: Comparable>(
            _ field: String, _ left: T?, _ right: T?, _ choose: (T, T) -> T
        ) -> T? {
            guard let left, let right else { return left ?? right }
            if left != right {
                origins[field] = (choose(left, right) == left ? self : other).provenance[field]
            }
            return choose(left, right)
        }
        var result = Obligations(
            honour: honour.union(other.honour),
            minimumPeople: strictest("minimumPeople", minimumPeople, other.minimumPeople, max),
            profiles: profiles.union(other.profiles),
            columns: Self.intersect(columns, other.columns),
            excludedCodelists: excludedCodelists.union(other.excludedCodelists),
            releaseCap: strictest("releaseCap", releaseCap, other.releaseCap, min),
            validUntil: strictest("validUntil", validUntil, other.validUntil, min),
            alerts: alerts.union(other.alerts), needsReview: needsReview || other.needsReview)
        result.provenance = origins
        return result
    }

    private static func intersect(_ left: Set<String>?, _ right: Set<String>?) -> Set<String>? {
        guard let left, let right else { return left ?? right }
        return left.intersection(right)
    }
}

/// A scheme by which people keep their records out of uses beyond their own care.
package enum OptOutScheme: String, Codable, Sendable, CaseIterable {
    /// The national data opt-out: an allow-list that the MESH check returns.
    case nationalDataOptOut = "national-data-opt-out"
    /// GP-origin data.
    case type1 = "type-1"
    /// A right of the person that the controller upheld: UK GDPR Article 21.
    case objection
    /// Consent to the very study that asks: who has not given it is out.
    case studyConsent = "study-consent"

    /// The schemes whose allow-list comes from outside by `opt-out import` and is frozen with a publication. The
    /// others are the controller's own records, compiled into the plan as they stand when a question comes.
    package static let listed = allCases.filter(\.isListed)

    /// Whether it is an allow-list from outside, with a time to live.
    package var isListed: Bool {
        switch self {
        case .nationalDataOptOut, .type1: true
        case .objection, .studyConsent: false
        }
    }
}
