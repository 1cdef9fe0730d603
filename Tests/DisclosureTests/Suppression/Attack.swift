import Core

@testable import Disclosure

/// What somebody who knows the whole grammar of the tables can infer of withheld numbers: linear bounds over the finest
/// table there could be, by scipy. It shares nothing with the method that is tested.
struct Attack: Encodable {
    struct Known: Encodable {
        let indices: [Int]
        let value: Double

        func encode(to encoder: any Encoder) throws {
            var container = encoder.unkeyedContainer()
            try container.encode(indices)
            try container.encode(value)
        }
    }

    struct Program: Encodable {
        let unknowns: Int
        let known: [Known]
        let asked: [[Int]]
    }

    /// A number that was withheld, with what it truly is.
    struct Target {
        let indices: [Int]
        let value: Double
        /// People who make it up.
        let people: Int
        let isSum: Bool
        let words: String
    }

    var programs: [Program] = []
    var targets: [[Target]] = []

    private enum CodingKeys: String, CodingKey { case programs }

    /// Counts and sums of the measure are two programs.
    mutating func add(_ tables: RandomTables, _ released: [ReleasedBlock]) {
        for isSum in [false, true] {
            var known: [[Int]: Double] = [:]
            var withheld: [[Int]: Target] = [:]
            for (number, block) in released.enumerated() {
                let set = tables.sets[number]
                let rows = Dictionary(
                    uniqueKeysWithValues: (0..<block.keys.rowCount).map { (block.keys.row($0), $0) })
                for cell in tables.cells(number) {
                    let row = rows[cell.key.map { .integer(Int64($0)) }]
                    for (place, asked) in tables.asked.enumerated() {
                        let aggregate = block.aggregates[place]
                        let numbers = numbers(asked, isSum)
                        for (atoms, isRows) in numbers {
                            let fixed = tables.fixed[number].map { [$0] } ?? []
                            let indices = Self.indices(
                                set + fixed, cell.key + fixed.map { _ in 0 }, atoms)
                            let shown =
                                isRows
                                ? row.flatMap { aggregate.rows[$0] }.map(Double.init)
                                : row.flatMap { aggregate.sums[$0] }
                            let people = cell.people.filter { atoms.contains($0.kind) }
                            if let shown {
                                known[indices] = shown
                            } else {
                                withheld[indices] = Target(
                                    indices: indices,
                                    value: isSum
                                        ? people.reduce(0) { $0 + $1.measure } : Double(people.count),
                                    people: people.count, isSum: isSum, words: "\(set) \(cell.key) \(asked)")
                            }
                        }
                    }
                }
            }
            let open = withheld.filter { known[$0.key] == nil }.map(\.value)
            guard !open.isEmpty else { continue }
            targets.append(open)
            programs.append(
                Program(
                    unknowns: Self.count, known: known.map { Known(indices: $0.key, value: $0.value) },
                    asked: open.map(\.indices)))
        }
    }

    /// The numbers of one aggregate that the program is about: their kinds of row, and whether it is the n.
    private func numbers(_ asked: RandomTables.Asked, _ isSum: Bool) -> [(atoms: [Int], isRows: Bool)] {
        let rows: [(atoms: [Int], isRows: Bool)] = isSum ? [] : [(asked.atoms.rows, true)]
        guard let atoms = asked.atoms.sum, asked.isSumOfMeasure == isSum else { return rows }
        return rows + [(atoms, false)]
    }

    private static let count = RandomTables.sizes.reduce(3, *)

    /// Of the finest table, by the three keys and the kind.
    private static func indices(_ set: [Int], _ key: [Int], _ atoms: [Int]) -> [Int] {
        (0..<count).filter { index in
            var rest = index / 3
            for (place, size) in RandomTables.sizes.enumerated() {
                if let own = set.firstIndex(of: place), key[own] != rest % size { return false }
                rest /= size
            }
            return atoms.contains(index % 3)
        }
    }
}
