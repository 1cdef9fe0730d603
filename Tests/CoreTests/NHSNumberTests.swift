import Core
import Testing

@Suite struct NHSNumberTests {
    struct Case: Sendable {
        let text: String
        let isValid: Bool
    }

    /// Examples of the NHS Data Dictionary and of governance guidance.
    @Test(arguments: [
        Case(text: "9434765919", isValid: true), Case(text: "943 476 5919", isValid: true),
        Case(text: "9000543664", isValid: false), Case(text: "1111111111", isValid: true),
        Case(text: "943476591", isValid: false), Case(text: "94347659190", isValid: false),
        Case(text: "943476591O", isValid: false), Case(text: "", isValid: false),
    ])
    func checkDigit(_ example: Case) {
        #expect((NHSNumber(example.text) != nil) == example.isValid)
    }

    @Test func descriptionHidesTheNumber() throws {
        let number = try #require(NHSNumber("9434765919"))
        #expect("\(number)" == "NHSNumber(redacted)")
        #expect(String(reflecting: number).contains("9434765919") == false)
    }
}
