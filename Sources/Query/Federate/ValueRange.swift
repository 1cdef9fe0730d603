/// A closed interval of numbers; an open end is infinite.
struct ValueRange: Hashable, Sendable {
    let lower: Double
    let upper: Double

    static let unbounded = ValueRange(-Double.infinity, Double.infinity)
    static let indicator = ValueRange(0, 1)

    init(_ lower: Double, _ upper: Double) {
        self.lower = lower.isNaN ? -.infinity : lower
        self.upper = upper.isNaN ? .infinity : upper
    }

    init(_ value: Double) { self.init(value, value) }

    var isBounded: Bool { lower.isFinite && upper.isFinite }

    func hull(_ other: ValueRange) -> ValueRange {
        ValueRange(Swift.min(lower, other.lower), Swift.max(upper, other.upper))
    }

    /// What is in both; the narrower one where they do not meet (no value is, then).
    func intersection(_ other: ValueRange) -> ValueRange {
        let (low, high) = (Swift.max(lower, other.lower), Swift.min(upper, other.upper))
        return low <= high ? ValueRange(low, high) : self
    }

    static func + (a: Self, b: Self) -> Self { ValueRange(a.lower + b.lower, a.upper + b.upper) }

    static prefix func - (a: Self) -> Self { ValueRange(-a.upper, -a.lower) }

    static func * (a: Self, b: Self) -> Self {
        guard a.isBounded, b.isBounded else { return .unbounded }
        return around([a.lower * b.lower, a.lower * b.upper, a.upper * b.lower, a.upper * b.upper])
    }

    /// Unbounded where the divisor can be zero or come near it.
    static func / (a: Self, b: Self) -> Self {
        guard a.isBounded, b.isBounded, b.lower > 0 || b.upper < 0 else { return .unbounded }
        return around([a.lower / b.lower, a.lower / b.upper, a.upper / b.lower, a.upper / b.upper])
    }

    /// - Parameter change: a function that never falls.
    func mapped(_ change: (Double) -> Double) -> ValueRange {
        ValueRange(
            lower.isFinite ? change(lower) : lower, upper.isFinite ? change(upper) : upper)
    }

    var magnitude: ValueRange {
        if lower >= 0 { return self }
        if upper <= 0 { return -self }
        return ValueRange(0, Swift.max(-lower, upper))
    }

    private static func around(_ corners: [Double]) -> ValueRange {
        ValueRange(corners.min() ?? -.infinity, corners.max() ?? .infinity)
    }
}
