internal import Disclosure
internal import Query

/// What left of one part of a question, as people at the controller see it.
package struct LeftTable: Codable, Hashable, Sendable {
    /// Groups first, then numbers.
    package let columns: [String]
    package let groupColumns: Int
    /// `withheld` where a number is withheld or zero: outside the two look alike.
    package let rows: [[String]]
    /// Groups that there were, and those of which nothing left; nil of releases from before this was kept.
    package let groups: Int?
    package let groupsWithheld: Int?
    /// The same of numbers, those of withheld groups included.
    package let numbers: Int?
    package let numbersWithheld: Int?

    init(_ fragment: Fragment, _ release: StoredRelease) {
        columns = PreviewTable.columns(of: fragment)
        groupColumns = fragment.aggregate.keys.count
        rows = PreviewTable.rows(of: release.block)
        let withheld = release.withheld
        (groups, groupsWithheld) = (withheld?.cells, withheld?.cellsWithheld)
        (numbers, numbersWithheld) = (withheld?.values, withheld?.valuesWithheld)
    }

    /// How many numbers left.
    package var numbersShown: Int {
        rows.reduce(0) { $0 + $1.dropFirst(groupColumns).count { $0 != "withheld" } }
    }
}
