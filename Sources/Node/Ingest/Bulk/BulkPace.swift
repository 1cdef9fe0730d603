internal import Foundation

/// How long a client waits: what the server says, else twice as long each time.
///
/// Source: Bulk Data Access IG 2.0.0, "Bulk Data Status Request"; RFC 9110 section 10.2.3, Retry-After.
struct BulkPace: Sendable {
    /// The first wait where the server says nothing.
    var first = Duration.seconds(2)
    /// The longest where it says nothing.
    var longest = Duration.seconds(300)
    /// Not less than this, whatever it says.
    var shortest = Duration.milliseconds(500)
    /// All waits of one export together.
    var patience = Duration.seconds(12 * 3600)
    /// Errors one after the other before it is given up.
    var attempts = 8
    var sleep: @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) }

    /// - Parameter attempt: how often the server said nothing before.
    func wait(_ retryAfter: String?, attempt: Int, now: Date = Date()) -> Duration {
        guard let said = retryAfter.flatMap({ Self.delay($0, now: now) }) else {
            return min(longest, first * (1 << min(max(attempt, 0), 20)))
        }
        return max(shortest, said)
    }

    /// Seconds, or a date of HTTP; nil for anything else.
    static func delay(_ text: String, now: Date) -> Duration? {
        let text = text.trimmingCharacters(in: .whitespaces)
        if let seconds = Int64(text), (0...31_536_000).contains(seconds) { return .seconds(seconds) }
        guard let date = date(text) else { return nil }
        return .milliseconds(Int64(max(0, min(31_536_000, date.timeIntervalSince(now))) * 1000))
    }

    private static func date(_ text: String) -> Date? {
        let formatter = DateFormatter()
        formatter.locale = Locale(identifier: "en_US_POSIX")
        formatter.timeZone = TimeZone(identifier: "GMT")
        // RFC 9110 section 5.6.7: the form of today and the two that are obsolete.
        for form in [
            "EEE, dd MMM yyyy HH:mm:ss 'GMT'", "EEEE, dd-MMM-yy HH:mm:ss 'GMT'", "EEE MMM d HH:mm:ss yyyy",
        ] {
            formatter.dateFormat = form
            if let date = formatter.date(from: text) { return date }
        }
        return nil
    }
}

/// The waits of one export, and their sum.
actor BulkWaiting {
    private let pace: BulkPace
    private var waited = Duration.zero

    init(_ pace: BulkPace) { self.pace = pace }

    /// - Throws: `BulkError` of code `patience` in the place of a wait that would be too long; what `sleep` throws.
    func wait(_ retryAfter: String?, attempt: Int) async throws {
        let duration = pace.wait(retryAfter, attempt: attempt)
        guard waited + duration <= pace.patience else {
            throw BulkError(
                .patience,
                "the export is not done after \(waited.components.seconds / 60) minutes of waiting: run the same command "
                    + "again later, it carries on with the same export")
        }
        waited += duration
        try await pace.sleep(duration)
    }
}
