import Foundation
import Testing

@testable import FHIR

/// The language: what is read, what is refused, and with which message.
@Suite struct FHIRPathTests {
    struct Refusal: Sendable {
        let path: String
        let fault: String
    }

    @Test(arguments: [
        Refusal(path: "@@", fault: "FHIRPath: syntax at character 1: a date or time must follow @"),
        Refusal(path: "name.", fault: "FHIRPath: syntax at character 6: a name expected"),
        Refusal(path: "a b", fault: "FHIRPath: syntax at character 3: something is left over"),
        Refusal(path: "'a", fault: "FHIRPath: syntax at character 1: quote without end"),
        Refusal(path: "a is 3", fault: "FHIRPath: syntax at character 6: the name of a type expected"),
        Refusal(path: "$total", fault: "FHIRPath: unsupported at character 1: $total is not supported"),
        Refusal(
            path: "4 days", fault: "FHIRPath: unsupported at character 1: quantities are not supported"),
        Refusal(path: "@2020-13", fault: "FHIRPath: syntax at character 1: not a date or time"),
    ])
    func refuses(_ refusal: Refusal) {
        let error = #expect(throws: PathError.self) { try PathParser.parse(refusal.path) }
        #expect(error?.description == refusal.fault)
    }

    @Test func refusesDepthAndLengthInsteadOfOverflowing() {
        let deep = String(repeating: "(", count: 5000) + "a" + String(repeating: ")", count: 5000)
        #expect(throws: PathError.self) { try PathParser.parse(deep) }
        let long = Array(repeating: "1", count: 8000).joined(separator: "+")
        #expect(throws: PathError.self) { try PathParser.parse(long) }
        let steps = Array(repeating: "a", count: 8000).joined(separator: ".")
        #expect(throws: PathError.self) { try PathParser.parse(steps) }
    }

    @Test func bindsAsTheSpecificationSays() throws {
        #expect(
            try PathParser.parse("a = 1 or b and c.d[0] < 2 + 3 * 4")
                == .binary(
                    .or, .binary(.equal, .member(.this, "a"), .literal(.integer(1))),
                    .binary(
                        .and, .member(.this, "b"),
                        .binary(
                            .less, .item(.member(.member(.this, "c"), "d"), .literal(.integer(0))),
                            .binary(
                                .add, .literal(.integer(2)),
                                .binary(.multiply, .literal(.integer(3)), .literal(.integer(4))))))))
    }

    struct Time: Sendable {
        let text: String
        let precision: Int?
        let instant: Int64
    }

    @Test(arguments: [
        Time(text: "1970", precision: 4, instant: 0),
        Time(text: "1970-02", precision: 6, instant: 31 * 86_400_000_000),
        Time(text: "1970-01-02", precision: 8, instant: 86_400_000_000),
        Time(text: "1970-01-01T01:00+01:00", precision: 12, instant: 0),
        Time(text: "1970-01-01T00:00:01Z", precision: 14, instant: 1_000_000),
        Time(text: "1970-01-01T00:00:00.0000015-00:30", precision: 17, instant: 1_800_000_001),
        Time(text: "1970-01-01T00:00:60Z", precision: 14, instant: 60_000_000),
        Time(text: "1970-01-01T00:00:00", precision: nil, instant: 0),
        Time(text: "1970-1-01", precision: nil, instant: 0),
        Time(text: "1970-02-29", precision: nil, instant: 0),
        Time(text: "70", precision: nil, instant: 0), Time(text: "0000", precision: nil, instant: 0),
        Time(text: "1970-01-01T24:00:00Z", precision: nil, instant: 0),
        Time(text: "1970-01-01T00:00:00Z ", precision: nil, instant: 0),
        Time(text: "", precision: nil, instant: 0),
    ])
    func readsTimes(_ time: Time) {
        let read = time.text.withUTF8Text { FHIRTime($0) }
        #expect(read?.precision == time.precision)
        #expect((read?.instant ?? 0) == time.instant)
    }
}
