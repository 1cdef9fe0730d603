internal import Synchronization

/// How often somebody may come: a bucket for each that fills up again as time goes by.
final class RateLimit: Sendable {
    private struct Bucket {
        var left: Double
        var at: ContinuousClock.Instant
    }

    private let buckets = Mutex<[String: Bucket]>([:])
    private let perMinute: Double

    /// Beyond it, buckets that are full again are forgotten.
    private static let most = 10_000

    init(perMinute: Int) { self.perMinute = Double(perMinute) }

    /// - Returns: seconds to wait; nil where it may be done now.
    func take(_ name: String, at now: ContinuousClock.Instant = .now) -> Int? {
        buckets.withLock { buckets in
            if buckets.count > Self.most {
                buckets = buckets.filter { filled($0.value, now).left < perMinute }
                // So many at once are an attack: nobody is remembered rather than everybody.
                if buckets.count > Self.most { buckets = [:] }
            }
            var bucket = filled(buckets[name] ?? Bucket(left: perMinute, at: now), now)
            guard bucket.left >= 1 else {
                buckets[name] = bucket
                return max(1, Int(((1 - bucket.left) * 60 / perMinute).rounded(.up)))
            }
            bucket.left -= 1
            buckets[name] = bucket
            return nil
        }
    }

    private func filled(_ bucket: Bucket, _ now: ContinuousClock.Instant) -> Bucket {
        let seconds = Double((now - bucket.at) / .milliseconds(1)) / 1_000
        return Bucket(left: min(perMinute, bucket.left + seconds * perMinute / 60), at: now)
    }
}
