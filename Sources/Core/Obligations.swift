/// What a decision attaches to an answer: values that the enforcing rewrite and disclosure control carry out.
///
/// Of several sources the strictest wins, field by field (`joined`); every field keeps where it came from.
package struct Obligations: Hashable, Codable, Sendable {
    /// The opt-out schemes to honour, as a semi-join with their allow-lists.
    package var honour: Set<OptOutScheme>
    /// The fewest people a released number may stand for; the profile may ask for more.
    package var minimumPeople: Int?
    /// Disclosure profiles that apply together, by name; joined field-wise by `Disclosure`.
    package var profiles: Set<String>
    /// Columns that may be used, as `dataset.column`; nil means all that the agreement names.
    package var columns: Set<String>?
    /// Codelists whose people's codes are taken out before anything is counted, as `codelist` names.
    package var excludedCodelists: Set<String>
    /// field name -> identifiers of the policies or the agreement that asked for it.
    package var provenance: [String: [String]]

    package init(
        honour: Set<OptOutScheme> = [], minimumPeople: Int? = nil, profiles: Set<String> = [],
        columns: Set<String>? = nil, excludedCodelists: Set<String> = [], provenance: [String: [String]] = [:]
    ) {
        self.honour = honour
        self.minimumPeople = minimumPeople
        self.profiles = profiles
        self.columns = columns
        self.excludedCodelists = excludedCodelists
        self.provenance = provenance
    }

    /// The strictest of both, field by field: commutative, associative, idempotent; never wider than either.
    package func joined(with other: Obligations) -> Obligations {
        Obligations(
            honour: honour.union(other.honour),
            minimumPeople: [minimumPeople, other.minimumPeople].compactMap(\.self).max(),
            profiles: profiles.union(other.profiles),
            columns: Self.intersect(columns, other.columns),
            excludedCodelists: excludedCodelists.union(other.excludedCodelists),
            provenance: provenance.merging(other.provenance) { Set($0).union($1).sorted() })
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
}
