import Core

/// A generator whose failing seed can be replayed (SplitMix64, Steele et al. 2014).
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}

/// People of one cell, from whom the states of aggregates are computed as a site would.
struct Cell {
    struct Person {
        let key: Int
        let hasCondition: Bool
        /// Of the measure with range [10, 80].
        let measure: Double
    }

    let people: [Person]

    init(people count: Int, using generator: inout SeededGenerator) {
        let prevalence = Double.random(in: 0...1, using: &generator)
        people = (0..<count).map { _ in
            Person(
                key: Int.random(in: 0...255, using: &generator),
                hasCondition: Double.random(in: 0..<1, using: &generator) < prevalence,
                measure: (Double.random(in: 150...450, using: &generator)).rounded() / 10)
        }
    }

    var key: Int { people.reduce(0) { $0 + $1.key } & 255 }
    var withCondition: [Person] { people.filter(\.hasCondition) }
}

/// One aggregate over every cell: each person's contribution, nil for none.
func aggregate(
    _ kind: AggregateShape.Kind, _ type: ColumnType, range: (Double, Double)?, conditional: Bool = false,
    over cells: [Cell], _ value: (Cell.Person) -> Double?
) -> AggregateCells {
    let isCount = kind == .count || kind == .distinctPeople
    let rows = cells.map { cell in
        cell.people.compactMap { person in value(person).map { (person: person, x: $0) } }
    }
    let lower = isCount ? 0 : range?.0 ?? 0
    let contributors = rows.map { $0.filter { isCount || $0.x != lower } }
    let sizes = rows.map { $0.map { isCount ? 1 : abs($0.x) }.sorted(by: >) + [0, 0] }
    return AggregateCells(
        shape: AggregateShape(
            kind: kind, type: type, lower: range?.0, upper: range?.1, isConditional: conditional),
        rows: rows.map { Int64($0.count) },
        sums: rows.map { isCount ? 0 : $0.reduce(0) { $0 + $1.x } },
        contributors: contributors.map { Int64($0.count) },
        contributorKey: contributors.map { $0.reduce(0) { $0 + $1.person.key } & 255 },
        largest: sizes.map { $0[0] }, secondLargest: sizes.map { $0[1] },
        rowBound: rows.map { _ in 1 },
        sumBound: rows.map { isCount ? 0 : ($0.map(\.x).max() ?? lower) - lower })
}

func block(_ cells: [Cell], _ aggregates: [AggregateCells]) -> CellBlock {
    CellBlock(
        keys: Table([("cell", .bigint)], rows: cells.indices.map { [.integer(Int64($0))] }),
        people: cells.map { Int64($0.people.count) }, cellKey: cells.map(\.key), aggregates: aggregates)
}
