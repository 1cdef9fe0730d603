/// What a receipt says of disclosure control at one site: nothing that depends on what was withheld.
package struct DisclosureSummary: Codable, Sendable, Hashable {
    package let profile: String
    package let minimumPeople: Int
    /// Cells of which something was released.
    package let releasedCells: Int
    /// What an absent value may stand for, in words.
    package let bounds: String
    /// The largest error of each aggregate, in order.
    package let errors: [StatedError]

    package init(
        profile: DisclosureProfile, releasedCells: Int, errors: [StatedError], isTied: Bool = false
    ) {
        self.profile = profile.name
        minimumPeople = profile.minimumPeople
        self.releasedCells = releasedCells
        bounds = Self.bounds(profile, isTied: isTied)
        self.errors = errors
    }

    private static func bounds(_ profile: DisclosureProfile, isTied: Bool) -> String {
        guard profile.withholds else { return "nothing is withheld: an absent value is zero" }
        var rules = ["each absent value stands for 0 to \(profile.minimumPeople - 1) people"]
        if profile.complement {
            rules.append(
                "or, where it has a condition, for all but 0 to \(profile.minimumPeople - 1) of them")
        }
        if profile.dominance != nil { rules.append("or is made up mostly of one or two people") }
        if isTied { rules.append("or is withheld so that others cannot be worked out from it") }
        return rules.joined(separator: ", ")
    }
}

/// The largest difference that noise and rounding make between a released number and the true one, where of rows and
/// sums nobody counts beyond the tenth largest contribution of the cell. Of sums of products before `Moments` moves them.
package struct StatedError: Codable, Sendable, Hashable {
    /// Of a count, and of the n of a sum or average.
    package let count: Double
    /// Of a sum.
    package let sum: Double
    /// Of a mean, times its released n.
    package let meanTimesCount: Double

    package init(count: Double, sum: Double, meanTimesCount: Double) {
        self.count = count
        self.sum = sum
        self.meanTimesCount = meanTimesCount
    }

    /// The largest error of a mean over so many released rows.
    package func mean(count: Int64) -> Double { count > 0 ? meanTimesCount / Double(count) : .infinity }
}
