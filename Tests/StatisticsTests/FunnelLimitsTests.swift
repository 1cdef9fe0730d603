import Statistics
import Testing

@Suite("limits of a funnel plot") struct FunnelLimitsTests {
    struct Case: Sendable {
        let p: Double
        let n: Int
        let target: Double
        let limit: Double
    }

    /// By the definition in fractions of whole numbers, with no rounding before the end.
    static let exact = [
        Case(p: 0.001, n: 1, target: 0.5, limit: 0), Case(p: 0.001, n: 50, target: 0.1, limit: 0),
        Case(p: 0.001, n: 200, target: 0.355, limit: 0.25033962314878516),
        Case(p: 0.001, n: 1000, target: 0.02, limit: 0.007235451463027895),
        Case(p: 0.025, n: 10, target: 0.2, limit: 0),
        Case(p: 0.025, n: 50, target: 0.1, limit: 0.013862926957343695),
        Case(p: 0.025, n: 200, target: 0.355, limit: 0.2867869412457651),
        Case(p: 0.975, n: 1, target: 0.5, limit: 0.95),
        Case(p: 0.975, n: 50, target: 0.1, limit: 0.17972272762336447),
        Case(p: 0.975, n: 1000, target: 0.02, limit: 0.02864682310579352),
        Case(p: 0.999, n: 10, target: 0.2, limit: 0.5975360398065476),
        Case(p: 0.999, n: 200, target: 0.355, limit: 0.45893511060651876),
        Case(p: 0.999, n: 1000, target: 0.02, limit: 0.03452530338245552),
    ]

    @Test("are those of the exact distribution", arguments: exact)
    func limits(_ one: Case) {
        let found = FunnelLimits(target: one.target).limit(one.p, of: one.n)
        #expect(abs(found - one.limit) < 1e-9, "\(found)")
    }

    @Test("close on the target as organisations grow, in order, and bear a million people")
    func shape() {
        let limits = FunnelLimits(target: 0.12)
        let sides = [
            FunnelLimits.alarm, FunnelLimits.warning, 1 - FunnelLimits.warning, 1 - FunnelLimits.alarm,
        ]
        var before = [0.0, 0.0, 1.0, 1.0]
        for n in [50, 500, 5_000, 50_000, 1_000_000] {
            let here = sides.map { limits.limit($0, of: n) }
            #expect(here == here.sorted() && here[1] < 0.12 && here[2] > 0.12, "\(n): \(here)")
            #expect(
                here[0] >= before[0] && here[1] >= before[1] && here[2] <= before[2] && here[3] <= before[3])
            before = here
        }
        #expect(before[3] - before[0] < 0.003)
    }

    @Test("say where an organisation lies")
    func places() {
        let limits = FunnelLimits(target: 0.1)
        #expect(limits.place(of: 100, among: 1_000) == 0)
        #expect(limits.place(of: 120, among: 1_000) == 1)
        #expect(limits.place(of: 135, among: 1_000) == 2)
        #expect(limits.place(of: 81, among: 1_000) == -1)
        #expect(limits.place(of: 60, among: 1_000) == -2)
        #expect(limits.place(of: 0, among: 0) == 0)
        // Where nobody, or everybody, has it there is nothing to compare.
        #expect(FunnelLimits(target: 0).limit(FunnelLimits.alarm, of: 10) == 0)
        #expect(FunnelLimits(target: 1).limit(FunnelLimits.warning, of: 10) == 1)
    }
}
