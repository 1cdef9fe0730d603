import Testing

@testable import Store

struct PublicationCadenceTests {
    private static let minute: Int64 = 60_000
    private static let day: Int64 = 86_400_000

    @Test(arguments: [
        ("6h", PublicationCadence.interval(21_600_000)), ("90m", .interval(5_400_000)),
        ("2d", .interval(172_800_000)), ("31d", .interval(2_678_400_000)), ("02:30", .daily(150)),
        ("00:00", .daily(0)), ("23:59", .daily(1_439)),
    ])
    func textsAreRead(_ text: String, _ cadence: PublicationCadence) {
        #expect(PublicationCadence(text) == cadence)
    }

    @Test(arguments: [
        "", "6", "h", "4m", "32d", "24:00", "2:30", "02:60", "-6h", "6 h", "1e3m", "99999999999h", "٣h",
    ])
    func otherTextsAreNot(_ text: String) {
        #expect(PublicationCadence(text) == nil)
    }

    @Test func theNextTimeIsAfterTheLast() throws {
        let noon = 20_000 * Self.day + Self.day / 2
        #expect(try #require(PublicationCadence("6h")).next(after: noon) == noon + Self.day / 4)
        let night = try #require(PublicationCadence("02:30"))
        let half = 150 * Self.minute
        #expect(night.next(after: noon) == 20_001 * Self.day + half)
        #expect(night.next(after: 20_000 * Self.day) == 20_000 * Self.day + half)
        #expect(night.next(after: 20_000 * Self.day + half) == 20_001 * Self.day + half)
    }
}
