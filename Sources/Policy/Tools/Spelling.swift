/// Which name somebody may have meant.
enum Spelling {
    /// The nearest name by edits (insert, delete, replace, swap), if it is near enough to be a slip: at most two
    /// edits, and fewer than half of the name. Of equally near ones the first by name.
    static func nearest(to name: String, among names: some Sequence<String>) -> String? {
        let wanted = Array(name.unicodeScalars.prefix(64))
        let limit = min(2, max(1, wanted.count / 3))
        return names.map { (edits(wanted, Array($0.unicodeScalars.prefix(64))), $0) }
            .filter { $0.0 <= limit && $0.1 != name }
            .min { $0 < $1 }?.1
    }

    /// Optimal string alignment distance.
    static func edits(_ left: [Unicode.Scalar], _ right: [Unicode.Scalar]) -> Int {
        var before: [Int] = []
        var last = Array(0...right.count)
        for i in left.indices {
            var row = [i + 1] + Array(repeating: 0, count: right.count)
            for j in right.indices {
                let replaced = last[j] + (left[i] == right[j] ? 0 : 1)
                row[j + 1] = min(replaced, last[j + 1] + 1, row[j] + 1)
                if i > 0, j > 0, left[i] == right[j - 1], left[i - 1] == right[j] {
                    row[j + 1] = min(row[j + 1], before[j - 1] + 1)
                }
            }
            (before, last) = (last, row)
        }
        return last[right.count]
    }
}
