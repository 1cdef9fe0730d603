/// A small deterministic generator: SplitMix64 (Steele, Lea, Flood, "Fast Splittable Pseudorandom Number
/// Generators", OOPSLA 2014). One stream a person, so that nobody's records depend on anybody else's.
package struct RandomStream: Sendable, RandomNumberGenerator {
    private var state: UInt64

    package init(seed: UInt64, index: UInt64) {
        state = Self.mix(seed &+ 0x9E37_79B9_7F4A_7C15) ^ Self.mix(index &* 0xBF58_476D_1CE4_E5B9 &+ 1)
    }

    package mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        return Self.mix(state)
    }

    private static func mix(_ value: UInt64) -> UInt64 {
        var z = value
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    /// Uniform in [0, 1).
    mutating func unit() -> Double { Double(next() >> 11) * 0x1p-53 }

    mutating func chance(_ probability: Double) -> Bool { unit() < probability }

    /// Uniform in 0..<bound.
    mutating func below(_ bound: Int) -> Int { Int(next() % UInt64(bound)) }

    /// Approximately normal with mean 0 and sd 1: the sum of twelve uniforms (Irwin-Hall), within ±6.
    mutating func normal() -> Double {
        var sum = -6.0
        for _ in 0..<12 { sum += unit() }
        return sum
    }

    /// A small Poisson count, by multiplication of uniforms (Knuth).
    mutating func poisson(_ mean: Double) -> Int {
        let limit = exponential(-mean)
        var product = unit()
        var count = 0
        while product > limit, count < 60 {
            product *= unit()
            count += 1
        }
        return count
    }
}
