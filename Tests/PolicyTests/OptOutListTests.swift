import Core
import Foundation
import Store
import Testing

@testable import Policy

@Suite struct OptOutListTests {
    private func read(_ text: String) -> (numbers: [String], outcome: OptOutList.Outcome) {
        var numbers: [String] = []
        let outcome = OptOutList.read(Array(text.utf8)) { numbers.append($0.digits) }
        return (numbers, outcome)
    }

    @Test(arguments: ["9434765919,\n1111111111,\n", "9434765919,\r\n1111111111,\r\n"])
    func bothLineEndsAreRead(text: String) {
        let (numbers, outcome) = read(text)
        #expect(numbers == ["9434765919", "1111111111"])
        #expect(outcome == OptOutList.Outcome(count: 2, faults: [], faultCount: 0))
    }

    @Test func faultsSayWhereAndNeverWhat() {
        let (numbers, outcome) = read("9434765919,\n9000543664,\n943 476 5919,\n\n9434765919,x\n1111111111,")
        #expect(numbers == ["9434765919"])
        #expect(
            outcome.faults.map(\.description) == [
                "line 2 fails the modulus 11 check", "line 3 is not ten digits and a comma",
                "line 4 is not ten digits and a comma", "line 5 is not ten digits and a comma",
                "line 6 does not end",
            ])
    }

    @Test func anEmptyFileIsAListOfNobody() {
        #expect(read("").outcome == OptOutList.Outcome(count: 0, faults: [], faultCount: 0))
    }

    @Test func theRegisterKnowsWhenAListIsStale() async throws {
        let path = NSTemporaryDirectory() + "opt-outs-\(UUID().uuidString).sqlite"
        let register = OptOutRegister(
            store: try ControlStore(path: path, migrations: OptOutRegister.migrations))
        let trust = try #require(OrganisationCode("RJ1"))
        let listed = Date(timeIntervalSince1970: 1_800_000_000)
        let days = { (count: Double) in listed.addingTimeInterval(count * 86_400) }
        #expect(try await register.current(.nationalDataOptOut, of: trust) == nil)
        let entries = [1.0, 2.0].map { day in
            OptOutRegister.Entry(
                controller: trust, scheme: .nationalDataOptOut, listedAt: listed, importedAt: days(day),
                count: 2, digest: "ab", usableDays: 7)
        }
        for entry in entries.reversed() { try await register.record(entry) }
        let current = try #require(try await register.current(.nationalDataOptOut, of: trust))
        #expect(current == entries[1])
        #expect(current.freshness(at: days(4)) == .fresh)
        #expect(current.freshness(at: days(5)) == .staleSoon)
        #expect(current.freshness(at: days(7)) == .stale)
    }
}
