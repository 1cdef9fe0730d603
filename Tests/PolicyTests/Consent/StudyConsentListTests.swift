import Core
import Testing

@testable import Policy

@Suite struct StudyConsentListTests {
    private func read(
        _ text: String, isSynthetic: Bool = false, pieces: Int = 7
    ) -> (events: [String], fault: String?) {
        var reader = StudyConsentList.Reader(today: 20_000, isSynthetic: isSynthetic)
        var events: [String] = []
        func note(_ event: StudyConsentList.Event) {
            events.append("\(event.person.digits) \(Civil.formatDate(event.day)) \(event.isGiven)")
        }
        let bytes = Array(text.utf8)
        for start in stride(from: 0, to: bytes.count, by: pieces) {
            reader.take(bytes[start..<min(start + pieces, bytes.count)], note)
        }
        reader.finish(note)
        return (events, reader.fault.map { "\($0)" })
    }

    @Test(arguments: [1, 7, 1000])
    func consentsAndWithdrawals(pieces: Int) {
        let text =
            "nhs_number,date,withdrawn\r\n9434765919,2020-01-02,\r\n9434765919,2020-01-03\n\n"
            + "9991000011,2019-05-06,2020-01-01\n9434765919,2020-02-01,yes"
        let (events, fault) = read(text, pieces: pieces)
        #expect(fault == nil)
        #expect(
            events == [
                "9434765919 2020-01-02 true", "9434765919 2020-01-03 true", "9991000011 2019-05-06 true",
                "9991000011 2020-01-01 false", "9434765919 2020-02-01 false",
            ])
    }

    @Test(arguments: [
        ("9991000004,2020-01-02,", "line 1 has an NHS number that fails the modulus 11 check"),
        ("9434765919,2020-01-02,\n9434765919;2020-01-02", "line 2 is not 'NHS number,YYYY-MM-DD,withdrawn'"),
        ("9434765919,2020-02-30,", "line 1 has a date that does not exist or lies in the future"),
        ("9434765919,2030-01-01,", "line 1 has a date that does not exist or lies in the future"),
        ("9434765919,2020-01-02,2019-12-31", "line 1 has a withdrawal before its consent"),
        ("9434765919,2020-01-02,no", "line 1 has a date that does not exist or lies in the future"),
        ("nhs_number;date\n", "line 1 is not 'NHS number,YYYY-MM-DD,withdrawn'"),
        (
            String(repeating: "9434765919,", count: 50),
            "line 1 is not 'NHS number,YYYY-MM-DD,withdrawn'"
        ),
    ])
    func whatIsWrongIsSaidByItsLine(text: String, expected: String) {
        #expect(read(text).fault == expected)
    }

    @Test func syntheticNodesTakeSyntheticPeople() {
        #expect(read("9434765919,2020-01-02", isSynthetic: true).fault?.hasPrefix("line 1") == true)
    }
}
