internal import Core
internal import Policy

/// A purpose of the node's hierarchy, for who chooses one.
package struct PurposeLine: Codable, Hashable, Sendable {
    package let name: String
    package let title: String
    /// How many stand above it.
    package let depth: Int
    /// Whether others stand below it: what is said of it holds for them as well.
    package let isBroad: Bool
    /// Whether it is a person's own care.
    package let isCare: Bool
}

extension PurposeLine {
    private static let care = Purpose("direct-care")

    /// Each before those that stand below it; beside each other by their titles.
    static func all(_ hierarchy: PurposeHierarchy) -> [PurposeLine] {
        func lines(below parent: Purpose?, _ depth: Int) -> [PurposeLine] {
            let terms = hierarchy.terms.filter { hierarchy.parent(of: $0) == parent }
            return terms.sorted { hierarchy.title(of: $0) < hierarchy.title(of: $1) }.flatMap { term in
                let narrower = lines(below: term, depth + 1)
                let line = PurposeLine(
                    name: term.name, title: hierarchy.title(of: term), depth: depth,
                    isBroad: !narrower.isEmpty,
                    isCare: care.map { hierarchy.isWithin(term, $0) } ?? false)
                return [line] + narrower
            }
        }
        return lines(below: nil, 0)
    }
}
