import Core
import Testing

@testable import Statistics

private struct SeededGenerator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}

@Suite struct FragmentMergeTests {
    static let keys: [(name: String, type: ColumnType)] = [("area", .text), ("year", .integer)]
    static let shapes = [
        AggregateShape(kind: .count, type: .bigint, lower: nil, upper: nil, isConditional: false),
        AggregateShape(kind: .sum, type: .bigint, lower: 0, upper: 10, isConditional: false),
        AggregateShape(kind: .average, type: .numeric, lower: 0, upper: 10, isConditional: false),
    ]

    /// One row of data: a group and a value.
    private struct Row { let key: [Value], x: Int64? }

    private func rows(_ count: Int, _ generator: inout SeededGenerator) -> [Row] {
        let areas: [Value] = [.text("E01"), .text("E02"), .null]
        return (0..<count).map { _ in
            let area = areas.randomElement(using: &generator) ?? .null
            let year = Bool.random(using: &generator) ? Value.integer(2024) : .null
            let x = Int.random(in: 0...10, using: &generator)
            return Row(key: [area, year], x: x == 10 ? nil : Int64(x))
        }
    }

    /// What a site that withholds nothing releases of its rows.
    private func release(_ site: String, _ rows: [Row]) -> SiteRelease {
        var order: [[Value]] = []
        var groups: [[Value]: [Row]] = [:]
        for row in rows {
            if groups[row.key] == nil { order.append(row.key) }
            groups[row.key, default: []].append(row)
        }
        let cells = order.map { groups[$0] ?? [] }
        let filled = cells.map { Int64($0.count { $0.x != nil }) }
        let sums = cells.map { Double($0.reduce(0) { $0 + ($1.x ?? 0) }) }
        let aggregates = Self.shapes.map { shape in
            ReleasedAggregate(
                shape: shape, rows: shape.kind == .count ? cells.map { Int64($0.count) } : filled,
                sums: shape.kind == .count ? sums.map { _ in 0 } : sums)
        }
        return SiteRelease(
            site: site, block: ReleasedBlock(keys: Table(Self.keys, rows: order), aggregates: aggregates),
            minimumPeople: 0)
    }

    /// Rows by key, without order.
    private func answers(_ block: MergedBlock) -> [[Value]: [Value]] {
        Dictionary(
            uniqueKeysWithValues: (0..<block.keys.rowCount).map { row in
                (block.keys.row(row), block.columns.map { $0.values[row] })
            })
    }

    @Test("merged = pooled, whatever the order and the grouping of sites", arguments: [1, 2, 3] as [UInt64])
    func equalsPooled(seed: UInt64) throws {
        var generator = SeededGenerator(state: seed)
        let sites = (0..<5).map { _ in rows(Int.random(in: 0...40, using: &generator), &generator) }
        let releases = sites.enumerated().map { release("S\($0.offset)", $0.element) }
        let merged = try FragmentMerge.merge(releases, keys: Self.keys, shapes: Self.shapes)
        let pooled = try FragmentMerge.merge(
            [release("all", sites.flatMap(\.self))], keys: Self.keys, shapes: Self.shapes)
        #expect(answers(merged) == answers(pooled), "seed \(seed)")
        #expect(
            try FragmentMerge.merge(releases.reversed(), keys: Self.keys, shapes: Self.shapes) == merged)

        var left = FragmentMerge(keys: Self.keys, shapes: Self.shapes)
        var right = left
        for part in releases.prefix(2) { try left.add(part) }
        for part in releases.dropFirst(2).reversed() { try right.add(part) }
        var other = right
        left.merge(right)
        #expect(answers(left.finished()) == answers(pooled), "seed \(seed)")
        other.merge(FragmentMerge(keys: Self.keys, shapes: Self.shapes))
        #expect(other.finished() == right.finished(), "seed \(seed)")
    }

    private func single(_ site: String, rows: [Int64?], sums: [Double?], minimum: Int) -> SiteRelease {
        SiteRelease(
            site: site,
            block: ReleasedBlock(
                keys: Table(columns: [], rowCount: 1),
                aggregates: zip(Self.shapes.prefix(rows.count), zip(rows, sums)).map {
                    ReleasedAggregate(shape: $0, rows: [$1.0], sums: [$1.1])
                }), minimumPeople: minimum)
    }

    @Test func nothingToSumIsNullAndNothingToCountIsZero() throws {
        let empty = single("A", rows: [0, 0, 0], sums: [0, 0, 0], minimum: 0)
        let merged = try FragmentMerge.merge([empty], keys: [], shapes: Self.shapes)
        #expect(merged.columns.map { $0.values[0] } == [.integer(0), .null, .null])
        #expect(merged.columns.allSatisfy { $0.withheld == [false] && $0.incomplete == [false] })
    }

    @Test func whatNobodyReleasedIsWithheldAndNotZero() throws {
        let sites = ["A", "B"].map {
            single($0, rows: [nil, nil, nil], sums: [nil, nil, nil], minimum: 10)
        }
        let merged = try FragmentMerge.merge(sites, keys: [], shapes: Self.shapes)
        #expect(merged.columns.map { $0.values[0] } == [.null, .null, .null])
        #expect(merged.columns.allSatisfy { $0.withheld == [true] })
    }

    @Test func whatSomeReleasedHasBounds() throws {
        let people = AggregateShape(
            kind: .distinctPeople, type: .bigint, lower: nil, upper: nil, isConditional: false)
        func site(_ name: String, _ count: Int64?) -> SiteRelease {
            SiteRelease(
                site: name,
                block: ReleasedBlock(
                    keys: Table(columns: [], rowCount: 1),
                    aggregates: [
                        ReleasedAggregate(shape: people, rows: [count], sums: [count.map { _ in 0 }])
                    ]),
                minimumPeople: 10)
        }
        let parts = [site("A", 25), site("B", nil), site("C", nil)]
        let column = try FragmentMerge.merge(parts, keys: [], shapes: [people]).columns[0]
        #expect(column.values[0] == .integer(25))
        #expect((column.lower, column.upper) == ([25], [43]))
        #expect((column.withheld, column.incomplete) == ([false], [true]))
        let late = try FragmentMerge.merge(parts, keys: [], shapes: [people], unanswered: 1).columns[0]
        #expect((late.lower, late.upper) == ([25], [nil]))
    }

    @Test func aBlockOfAnotherShapeIsRefused() {
        let block = single("A", rows: [1, 1, 1], sums: [0, 0, 0], minimum: 0)
        #expect(throws: MergeFault(site: "A")) {
            try FragmentMerge.merge([block], keys: Self.keys, shapes: Self.shapes)
        }
    }

    @Test func nanAndZeroGroupAsPostgreSQLDoes() throws {
        let shape = Self.shapes[0]
        func site(_ name: String, _ keys: [Double]) -> SiteRelease {
            SiteRelease(
                site: name,
                block: ReleasedBlock(
                    keys: Table([("x", .double)], rows: keys.map { [.double($0)] }),
                    aggregates: [
                        ReleasedAggregate(shape: shape, rows: keys.map { _ in 1 }, sums: keys.map { _ in 0 })
                    ]), minimumPeople: 0)
        }
        let merged = try FragmentMerge.merge(
            [site("A", [.nan, 0]), site("B", [-0.0, .nan])], keys: [("x", .double)], shapes: [shape])
        #expect(merged.columns[0].values.values == [.integer(2), .integer(2)])
    }
}
