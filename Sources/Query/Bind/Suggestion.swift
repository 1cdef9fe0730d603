/// Names that are near to one that does not exist.
package enum Suggestion {
    /// At most three, nearest first: those that one or two slips in three letters turn into each other, and
    /// those that begin with the name or that the name begins with.
    package static func nearest(to name: String, among names: some Sequence<String>) -> [String] {
        let limit = max(1, name.count / 3)
        var scored: [(distance: Int, name: String)] = []
        for candidate in Set(names) {
            let distance = editDistance(Array(name.lowercased().utf8), Array(candidate.lowercased().utf8))
            let sharesStart = candidate.hasPrefix(name) || name.hasPrefix(candidate)
            if distance <= limit || (sharesStart && min(name.count, candidate.count) >= 3) {
                scored.append((distance, candidate))
            }
        }
        return scored.sorted { ($0.distance, $0.name) < ($1.distance, $1.name) }.prefix(3).map(\.name)
    }

    /// Levenshtein's distance, over bytes.
    private static func editDistance(_ a: [UInt8], _ b: [UInt8]) -> Int {
        guard a.count <= 64, b.count <= 64 else { return Int.max }
        var previous = Array(0...b.count)
        for (row, left) in a.enumerated() {
            var current = [row + 1]
            for (column, right) in b.enumerated() {
                let change = previous[column] + (left == right ? 0 : 1)
                current.append(min(change, previous[column + 1] + 1, current[column] + 1))
            }
            previous = current
        }
        return previous[b.count]
    }
}
