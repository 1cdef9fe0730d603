internal import Node

/// Names of what sites were asked, from the plan: by them a receipt's numbers find their columns.
struct FragmentNames: Sendable {
    struct Part: Sendable {
        /// In the order in which keys of bounds stand.
        let keys: [String]
        /// In the order in which errors are stated.
        let aggregates: [String]
        /// Averages among them: sites state the error of the sum behind one.
        let averages: Set<String>
    }

    let parts: [Part]

    /// - Parameter plan: JSON of EXPLAIN; nil where the statement cannot be planned any more.
    init(_ plan: JSONTree?) {
        parts = (plan?["fragments"]?.elements ?? []).map { fragment in
            let columns = fragment["columns"]?.elements ?? []
            func names(_ isKey: Bool) -> [String] {
                columns.filter { ($0["merge"]?.text == nil) == isKey }.compactMap { $0["name"]?.text }
            }
            let averages = columns.filter { $0["merge"]?.text?.contains("x / n") == true }
            return Part(
                keys: names(true), aggregates: names(false),
                averages: Set(averages.compactMap { $0["name"]?.text }))
        }
    }

    func isKey(_ name: String) -> Bool { parts.contains { $0.keys.contains(name) } }

    /// Keys of the fragment that computes a column.
    func keys(of aggregate: String) -> [String]? { parts.first { $0.aggregates.contains(aggregate) }?.keys }

    /// `fragment 1, aggregate 2: within 7.0 of the true value` -> `people: within 7 of the true value`; where names are not
    /// known, with the number's place.
    func named(_ words: String) -> String {
        guard let match = words.wholeMatch(of: /fragment (\d+), aggregate (\d+): (.*)/),
            let fragment = Int(match.1), let aggregate = Int(match.2)
        else { return words }
        let rest = match.3.replacing(/\.0 of/, with: " of")
        guard parts.indices.contains(fragment - 1),
            parts[fragment - 1].aggregates.indices.contains(aggregate - 1)
        else { return "Number \(aggregate)\(fragment > 1 ? " of part \(fragment)" : ""): \(rest)" }
        let part = parts[fragment - 1]
        let name = part.aggregates[aggregate - 1]
        return part.averages.contains(name) ? "\(name): the sum behind it is \(rest)" : "\(name): \(rest)"
    }
}
