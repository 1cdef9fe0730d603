import Core
import Disclosure
import Testing

@testable import Node

/// Totals over sites of which some withheld a part, against the truth.
struct WithheldBoundsTests {
    private struct Generator: RandomNumberGenerator {
        var state: UInt64

        mutating func next() -> UInt64 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return state ^ state >> 29
        }
    }

    private static let shapes = [false, true].map {
        AggregateShape(kind: .count, type: .bigint, lower: nil, upper: nil, isConditional: $0)
    }

    private static let structure = ReleaseStructure(
        fragments: [[0], []].map { keys in
            .init(
                family: 0, keys: keys,
                aggregates: [[0, 1], [0]].map { .init(rows: .init(quantity: 0, atoms: $0)) })
        }, families: [.init(quantities: [.init(.rows)], isSingle: true)])

    /// People with the condition and without, in each of eight groups; record keys are drawn.
    private func block(_ groups: [(with: Int64, without: Int64)], keyed: Bool, _ generator: inout Generator)
        -> CellBlock
    {
        let keys = groups.map { _ in Int.random(in: 0...255, using: &generator) }
        let ones = groups.map { _ in 1.0 }
        return CellBlock(
            keys: keyed
                ? Table([("g", .bigint)], rows: groups.indices.map { [.integer(Int64($0))] })
                : Table(columns: [], rowCount: 1),
            people: groups.map { $0.with + $0.without }, cellKey: keys,
            aggregates: Self.shapes.map { shape in
                let counts = groups.map { $0.with + (shape.isConditional ? 0 : $0.without) }
                return AggregateCells(
                    shape: shape, rows: counts, sums: groups.map { _ in 0 }, contributors: counts,
                    contributorKey: keys, largest: ones, secondLargest: ones, rowBound: ones, sumBound: ones)
            })
    }

    @Test(
        "the true total lies between what is said", arguments: ["concordat", "hes-2018", "ons-10-5", "acro"])
    func truth(profile: String) throws {
        let control = DisclosureControl(profile: try #require(DisclosureProfile.named(profile)))
        var (generator, incomplete, bounded) = (Generator(state: 7), 0, 0)
        for _ in 0..<60 {
            var truths = Array(repeating: [Int64](repeating: 0, count: 2), count: 8)
            let sites = (0..<3).map { _ in
                let groups = (0..<8).map { _ in
                    (
                        with: Int64.random(in: 0...40, using: &generator),
                        without: Int64.random(in: 0...40, using: &generator)
                    )
                }
                for (group, people) in groups.enumerated() {
                    truths[group][0] += people.with + people.without
                    truths[group][1] += people.with
                }
                let total = groups.reduce((with: Int64(0), without: Int64(0))) {
                    ($0.with + $1.with, $0.without + $1.without)
                }
                let released = control.release(
                    [block(groups, keyed: true, &generator), block([total], keyed: false, &generator)],
                    structure: Self.structure)
                return WithheldBounds.Site(
                    blocks: released.map(\.released),
                    errors: released.map { $0.summary.errors.map(\.count) },
                    minimumPeople: control.profile.minimumPeople)
            }
            let bounds = WithheldBounds(
                structure: Self.structure, shapes: [Self.shapes, Self.shapes], sites: sites)
            for (group, truth) in truths.enumerated() {
                for aggregate in 0..<2 {
                    let cell = [Value.integer(Int64(group))]
                    let found = try #require(bounds.bounds(of: aggregate, in: 0, at: cell))
                    #expect(found.lower <= Double(truth[aggregate]))
                    #expect(found.upper.map { $0 >= Double(truth[aggregate]) } ?? true)
                    incomplete += 1
                    bounded += found.upper == nil ? 0 : 1
                }
            }
        }
        // A site's total contains its parts: nearly every one is bounded.
        #expect(bounded * 10 >= incomplete * 9)
    }
}
