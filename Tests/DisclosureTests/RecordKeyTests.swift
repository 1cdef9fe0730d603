import Crypto
import Testing

@testable import Disclosure

@Suite struct RecordKeyTests {
    @Test func fixedForASecretAndEvenOverPeople() {
        let keys = RecordKey(secret: SymmetricKey(data: Array(repeating: 7, count: 32)))
        let other = RecordKey(secret: SymmetricKey(data: Array(repeating: 8, count: 32)))
        let people = (0..<20_000).map { "person-\($0)" }
        let given = keys.keys(of: people)
        #expect(given == keys.keys(of: people))
        #expect(given != other.keys(of: people))
        // 255 degrees of freedom: chi-squared stays below 370 with probability 1 - 1e-6.
        let counts = given.reduce(into: [Int](repeating: 0, count: 256)) { $0[Int($1)] += 1 }
        let expected = Double(people.count) / 256
        #expect(
            counts.reduce(0.0) { $0 + (Double($1) - expected) * (Double($1) - expected) / expected } < 370)
    }
}
