import Core
import Foundation

@testable import Disclosure

/// People with three attributes to group by and one to ask for, and tables over them as a site would make them.
struct RandomTables {
    struct Person {
        /// Of the keys 0, 1 and 2.
        let keys: [Int]
        /// 0, 1 or 2: what conditions speak of.
        let kind: Int
        let measure: Double
        let recordKey: Int
    }

    /// What is asked of each cell.
    enum Asked: CaseIterable {
        case count, ofKind0, ofKind1, ofKind2, notOfKind0, people, sum, average, sumOfKind0, indicator

        /// The kinds of row that are counted, and those that are summed.
        var atoms: (rows: [Int], sum: [Int]?) {
            switch self {
            case .count, .people: ([0, 1, 2], nil)
            case .ofKind0: ([0], nil)
            case .ofKind1: ([1], nil)
            case .ofKind2: ([2], nil)
            case .notOfKind0: ([1, 2], nil)
            case .sum, .average: ([0, 1, 2], [0, 1, 2])
            case .sumOfKind0: ([0], [0])
            case .indicator: ([0, 1, 2], [0])
            }
        }

        var isSumOfMeasure: Bool { self == .sum || self == .average || self == .sumOfKind0 }

        var measures: ReleaseStructure.Aggregate {
            ReleaseStructure.Aggregate(
                rows: .init(quantity: 0, atoms: atoms.rows),
                sum: atoms.sum.map { .init(quantity: isSumOfMeasure ? 1 : 0, atoms: $0) })
        }

        var shape: AggregateShape {
            let kind: AggregateShape.Kind =
                switch self {
                case .people: .distinctPeople
                case .sum, .sumOfKind0, .indicator: .sum
                case .average: .average
                default: .count
                }
            let range: (Double, Double)? = isSumOfMeasure ? (0, 100) : self == .indicator ? (0, 1) : nil
            return AggregateShape(
                kind: kind, type: .bigint, lower: range?.0, upper: range?.1,
                isConditional: atoms.rows.count < 3 || self == .indicator)
        }
    }

    static let sizes = [3, 2, 4]

    let people: [Person]
    /// Keys of each table.
    let sets: [[Int]]
    let asked: [Asked]
    /// Of a table with this number, the key that a condition fixes, to 0.
    let fixed: [Int: Int]

    init(seed: UInt64, sets: [[Int]], asked: [Asked], fixed: [Int: Int] = [:]) {
        self.fixed = fixed
        var generator = SeededGenerator(seed: seed)
        let skew = Double.random(in: 2...9, using: &generator)
        people = (0..<Int.random(in: 60...400, using: &generator)).map { _ in
            let keys = Self.sizes.map { size in
                Int(Double(size) * pow(Double.random(in: 0..<1, using: &generator), skew))
            }
            return Person(
                keys: keys, kind: [0, 0, 0, 0, 1, 1, 2].randomElement(using: &generator) ?? 0,
                measure: Double(Int.random(in: 1...100, using: &generator)),
                recordKey: Int.random(in: 0...255, using: &generator))
        }
        self.sets = sets
        self.asked = asked
    }

    var structure: ReleaseStructure {
        ReleaseStructure(
            fragments: sets.enumerated().map { number, set in
                .init(
                    family: 0, keys: set, aggregates: asked.map(\.measures),
                    fixed: fixed[number].map { [$0: .integer(0)] } ?? [:])
            },
            families: [.init(quantities: [.init(.rows), .init(.sum)], isSingle: true)])
    }

    var blocks: [CellBlock] { sets.indices.map(block) }

    /// The people of each cell of a table, in the order of its cells.
    func cells(_ number: Int) -> [(key: [Int], people: [Person])] {
        let set = sets[number]
        let people = people.filter { person in fixed[number].map { person.keys[$0] == 0 } ?? true }
        let groups = Dictionary(grouping: people) { person in set.map { person.keys[$0] } }
        return groups.sorted { $0.key.lexicographicallyPrecedes($1.key) }.map { ($0.key, $0.value) }
    }

    private func block(_ number: Int) -> CellBlock {
        let (set, cells) = (sets[number], cells(number))
        return CellBlock(
            keys: Table(
                set.map { ("k\($0)", .bigint) }, rows: cells.map { $0.key.map { .integer(Int64($0)) } }),
            people: cells.map { Int64($0.people.count) },
            cellKey: cells.map { $0.people.reduce(0) { $0 + $1.recordKey } & 255 },
            aggregates: asked.map { asked in aggregate(asked, cells.map(\.people)) })
    }

    private func aggregate(_ asked: Asked, _ cells: [[Person]]) -> AggregateCells {
        let atoms = asked.atoms
        let rows = cells.map { $0.filter { atoms.rows.contains($0.kind) } }
        let summed = cells.map { $0.filter { atoms.sum?.contains($0.kind) ?? false } }
        let contributors = atoms.sum == nil ? rows : summed
        let size = { (person: Person) in asked.isSumOfMeasure ? person.measure : 1 }
        let sizes = contributors.map { $0.map(size).sorted(by: >) + [0, 0] }
        return AggregateCells(
            shape: asked.shape, rows: rows.map { Int64($0.count) },
            sums: summed.map { $0.reduce(0) { $0 + size($1) } },
            contributors: contributors.map { Int64($0.count) },
            contributorKey: contributors.map { $0.reduce(0) { $0 + $1.recordKey } & 255 },
            largest: sizes.map { $0[0] }, secondLargest: sizes.map { $0[1] }, rowBound: rows.map { _ in 1 },
            sumBound: sizes.map { $0[0] })
    }
}
