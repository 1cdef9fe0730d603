/// How often a node publishes by itself: `publishEvery` in concordat.yaml.
///
/// `6h`, `90m`, `2d`: that long after the publication before. `02:30`: every day at that time, UTC.
package enum PublicationCadence: Hashable, Sendable {
    /// Milliseconds.
    case interval(Int64)
    /// Minutes after midnight, UTC.
    case daily(Int)

    private static let perMinute: Int64 = 60_000
    private static let perDay: Int64 = 86_400_000

    /// From five minutes to 31 days, or a time of day; nil where the text is neither.
    package init?(_ text: String) {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        if parts.count == 2 {
            guard
                parts.allSatisfy({ $0.utf8.count == 2 && $0.utf8.allSatisfy { (0x30...0x39).contains($0) } }),
                let hour = Int(parts[0]), let minute = Int(parts[1]), hour < 24, minute < 60
            else { return nil }
            self = .daily(hour * 60 + minute)
            return
        }
        let units: [Character: Int64] = ["m": 1, "h": 60, "d": 1_440]
        guard let last = text.last, let unit = units[last], text.utf8.count <= 6,
            text.dropLast().utf8.allSatisfy({ (0x30...0x39).contains($0) }),
            let count = Int64(text.dropLast()),
            (5...44_640).contains(count * unit)
        else { return nil }
        self = .interval(count * unit * Self.perMinute)
    }

    /// When it is time again.
    /// - Parameter last: when the publication before was made, in milliseconds since 1970, UTC.
    package func next(after last: Int64) -> Int64 {
        switch self {
        case .interval(let length): return last + length
        case .daily(let minutes):
            let time = Int64(minutes) * Self.perMinute
            let today = last - last % Self.perDay + time
            return today > last ? today : today + Self.perDay
        }
    }
}
