/// The rules by which a site makes its sums safe to release: a record of fields, each with a join.
///
/// Profiles are named and versioned; `joined(with:)` gives the field-wise strictest of two.
package struct DisclosureProfile: Codable, Sendable, Hashable {
    /// Perturbation of counts before they are rounded.
    package enum Noise: Codable, Sendable, Hashable {
        case none
        /// Noise chosen by the cell key, of zero mean and this standard deviation (in people).
        case cellKey(standardDeviation: Double)
        /// What a published table gives for the count and its cell key.
        case table(PerturbationTable)
    }

    /// When one or two people make up too much of a sum (acro: ACRO/SACRO's safe defaults, dominance and p%).
    package struct Dominance: Codable, Sendable, Hashable {
        /// The share of the two largest contributors at which a sum is withheld.
        package let share: Double
        /// A sum is withheld where (sum - largest - second) / largest is below this.
        package let pRatio: Double

        package init(share: Double, pRatio: Double) {
            self.share = share
            self.pRatio = pRatio
        }
    }

    package let name: String
    package let version: Int
    /// The fewest distinct people that a released aggregate, and its cell, may stand for.
    package let minimumPeople: Int
    /// Counts are released as multiples of this; 1 leaves them as they are.
    package let roundingBase: Int
    /// The smallest count that is shown, after noise and rounding.
    package let minimumShown: Int
    package let noise: Noise
    package let dominance: Dominance?
    /// Whether the people of a cell who do not contribute to a conditional aggregate must be as many.
    package let complement: Bool

    package init(
        name: String, version: Int, minimumPeople: Int, roundingBase: Int, minimumShown: Int = 0,
        noise: Noise, dominance: Dominance?, complement: Bool
    ) {
        self.name = name
        self.version = version
        self.minimumPeople = minimumPeople
        self.roundingBase = roundingBase
        self.minimumShown = minimumShown
        self.noise = noise
        self.dominance = dominance
        self.complement = complement
    }

    /// Whether a released number may differ from the true one.
    package var perturbs: Bool { roundingBase > 1 || noise != .none }

    /// Whether anything may be withheld.
    package var withholds: Bool { minimumPeople > 0 || minimumShown > 0 || dominance != nil || complement }
}

extension DisclosureProfile {
    /// The default (governance.md, "Disclosure-control profiles").
    package static let concordat = DisclosureProfile(
        name: "concordat", version: 1, minimumPeople: 10, roundingBase: 5,
        noise: .cellKey(standardDeviation: 2), dominance: Dominance(share: 0.90, pRatio: 0.10),
        complement: true)

    /// HES Analysis Guide, sub-national: 1 to 7 withheld, all else rounded to 5; zero is never shown.
    package static let hes2018 = DisclosureProfile(
        name: "hes-2018", version: 1, minimumPeople: 8, roundingBase: 5, noise: .none, dominance: nil,
        complement: false)

    /// Office for National Statistics, cell-key perturbation with the published 10-5 table: counts below 10 are not
    /// shown, all else is a multiple of 5.
    package static let ons105 = DisclosureProfile(
        name: "ons-10-5", version: 1, minimumPeople: 10, roundingBase: 5, minimumShown: 10,
        noise: .table(.tenFive), dominance: nil, complement: false)

    /// ACRO/SACRO's safe defaults (`acro` 1.0, default.yaml): a threshold of 10, (2, 90 %) dominance, p-ratio 10 %; no
    /// rounding.
    package static let acro = DisclosureProfile(
        name: "acro", version: 1, minimumPeople: 10, roundingBase: 1, noise: .none,
        dominance: Dominance(share: 0.90, pRatio: 0.10), complement: false)

    /// Nothing is done. For synthetic nodes only: whoever applies it checks the warehouse's stamp first.
    package static let none = DisclosureProfile(
        name: "none", version: 1, minimumPeople: 0, roundingBase: 1, noise: .none, dominance: nil,
        complement: false)

    /// The profile of that name.
    package static func named(_ name: String) -> DisclosureProfile? {
        [concordat, hes2018, ons105, acro, none].first { $0.name == name }
    }

    /// The field-wise strictest of both.
    ///
    /// Commutative, associative and idempotent; never weaker than either. `none` is its neutral element.
    /// - Throws: `ProfileConflict` naming the field that has no join, e.g. rounding to 5 and to 7.
    package func joined(with other: DisclosureProfile) throws(ProfileConflict) -> DisclosureProfile {
        if self == other { return self }
        return DisclosureProfile(
            name: Self.joinedName(name, other.name), version: max(version, other.version),
            minimumPeople: max(minimumPeople, other.minimumPeople),
            roundingBase: try joinedBase(other), minimumShown: max(minimumShown, other.minimumShown),
            noise: try joinedNoise(other),
            dominance: Self.stricter(dominance, other.dominance),
            complement: complement || other.complement)
    }

    /// This profile with at least so many people behind every number (an obligation's `minimumPeople`).
    package func withMinimumPeople(_ people: Int?) -> DisclosureProfile {
        guard let people, people > minimumPeople else { return self }
        return DisclosureProfile(
            name: name, version: version, minimumPeople: people, roundingBase: roundingBase,
            minimumShown: minimumShown, noise: noise, dominance: dominance, complement: complement)
    }

    private static func joinedName(_ left: String, _ right: String) -> String {
        let parts = Set((left.split(separator: "+") + right.split(separator: "+")).map(String.init))
        let real = parts.subtracting(["none"])
        return (real.isEmpty ? parts : real).sorted().joined(separator: "+")
    }

    /// A multiple of the other base is coarser than it; otherwise two roundings would narrow a number down.
    private func joinedBase(_ other: DisclosureProfile) throws(ProfileConflict) -> Int {
        let (small, large) = (min(roundingBase, other.roundingBase), max(roundingBase, other.roundingBase))
        guard small > 0, large % small == 0 else {
            throw ProfileConflict(field: "roundingBase", profiles: [name, other.name].sorted())
        }
        return large
    }

    /// Two tables of noise over the same people would be two views of one number.
    private func joinedNoise(_ other: DisclosureProfile) throws(ProfileConflict) -> Noise {
        switch (noise, other.noise) {
        case (.none, let noise), (let noise, .none): return noise
        case (.cellKey(let a), .cellKey(let b)): return .cellKey(standardDeviation: max(a, b))
        case (.table(let a), .table(let b)) where a == b: return noise
        default: throw ProfileConflict(field: "noise", profiles: [name, other.name].sorted())
        }
    }

    private static func stricter(_ left: Dominance?, _ right: Dominance?) -> Dominance? {
        guard let left, let right else { return left ?? right }
        return Dominance(share: min(left.share, right.share), pRatio: max(left.pRatio, right.pRatio))
    }
}

/// Two profiles that cannot hold together, with the field that has no join.
package struct ProfileConflict: Error, Hashable, CustomStringConvertible {
    package let field: String
    package let profiles: [String]

    package var description: String {
        "disclosure profiles \(profiles.joined(separator: " and ")) cannot be combined: no join for \(field)"
    }
}
