import Catalog
import Core
import Foundation
import Testing

/// The shipped lists of restricted codes: readable, no code twice, and no identifier that cannot be one.
struct RestrictedCodelistsTests {
    private static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().path(percentEncoded: false)

    @Test func everyListIsInOrder() throws {
        let catalog = try Catalog.load(
            from: Self.root + "/Schemas", restricted: [Self.root + "/Policies/restricted"])
        #expect(
            catalog.restricted == [
                "restricted-sexual-health", "restricted-assisted-reproduction",
                "restricted-gender-recognition",
            ])
        // What a controller restricts is its own: requesters need not hold it.
        #expect(catalog.digest == (try Catalog.load(from: Self.root + "/Schemas")).digest)
        for name in catalog.restricted {
            let list = try #require(catalog.codelists[name])
            #expect(list.columns.map(\.name) == ["code", "term", "code_system"])
            let pairs = list.rows.rows.map { "\($0[2].text)|\($0[0].text)" }
            #expect(Set(pairs).count == pairs.count, "\(name)")
            #expect(!pairs.isEmpty)
            for row in list.rows.rows {
                #expect(!row[1].text.isEmpty, "\(row[0].text) has no term")
                switch row[2].text {
                case "http://snomed.info/sct": #expect(Self.isSNOMED(row[0].text), "\(row[0].text)")
                case "http://hl7.org/fhir/sid/icd-10":
                    #expect(row[0].text.wholeMatch(of: /[A-Z][0-9]{2}(X|\.[0-9])?/) != nil, "\(row[0].text)")
                case "": #expect(row[0].text.wholeMatch(of: /[A-Z][0-9]{2}\.[0-9]/) != nil, "\(row[0].text)")
                default: #expect(row[2].text.hasPrefix("http://terminology.hl7.org/"))
                }
            }
        }
    }

    /// A SNOMED CT identifier has a check digit (Verhoeff 1969; SNOMED CT Release File Specifications, 6.3).
    private static func isSNOMED(_ text: String) -> Bool {
        let digits = text.compactMap(\.wholeNumberValue)
        guard digits.count == text.count, (6...18).contains(digits.count) else { return false }
        let first = [1, 5, 7, 6, 2, 8, 3, 0, 9, 4]
        var check = 0
        for (place, digit) in digits.reversed().enumerated() {
            var moved = digit
            for _ in 0..<(place % 8) { moved = first[moved] }
            check = product(check, moved)
        }
        return check == 0
    }

    /// In the dihedral group of order 10.
    private static func product(_ left: Int, _ right: Int) -> Int {
        if left < 5 { return right < 5 ? (left + right) % 5 : 5 + (left + right) % 5 }
        return right < 5 ? 5 + (left - right) % 5 : (left - right + 5) % 5
    }
}
