import Testing

@testable import Node

/// Who is one person, case by case; `-` stands for a local key.
@Suite struct IdentityResolutionTests {
    struct Case: CustomTestStringConvertible, Sendable {
        let words: String
        let patients: [PatientIdentity]
        /// Id -> number, or the id that the local key is made from.
        let people: [String: String]
        var conflicts: [String] = []
        var testDescription: String { words }
    }

    private static let (a, b) = ("9990000018", "9990000026")

    private static func patient(
        _ id: String, _ claims: String = "", _ links: String = "", born: [Int] = [1960, 5, 4],
        sex: String? = "female"
    ) -> PatientIdentity {
        PatientIdentity(
            id: id, claims: claims, links: links, demographics: Demographics(birth: born, sex: sex))
    }

    private static let numbers: [Case] = [
        Case(words: "a verified number", patients: [patient("x", a + "|+01")], people: ["x": a]),
        Case(words: "a number without a status", patients: [patient("x", a + "|")], people: ["x": a]),
        Case(words: "a number to be traced", patients: [patient("x", a + "|+03")], people: ["x": "-x"]),
        Case(words: "a status without a code", patients: [patient("x", a + "|+")], people: ["x": "-x"]),
        Case(words: "two statuses at once", patients: [patient("x", a + "|+01,03")], people: ["x": "-x"]),
        Case(words: "none", patients: [patient("x")], people: ["x": "-x"]),
        Case(
            words: "two numbers", patients: [patient("x", "\(a)|\n\(b)|")], people: ["x": "-x"],
            conflicts: ["several-numbers x"]),
        Case(
            words: "two numbers, one of them verified", patients: [patient("x", "\(a)|\n\(b)|+01")],
            people: ["x": b]),
        Case(
            words: "one number twice", patients: [patient("x", "\(a)|\n\(a)|+01")], people: ["x": a]),
        Case(
            words: "two patients of one number", patients: [patient("x", a + "|"), patient("y", a + "|+01")],
            people: ["x": a, "y": a]),
        Case(
            words: "an error of writing in the date",
            patients: [patient("x", a + "|"), patient("y", a + "|", born: [1960, 5, 14])],
            people: ["x": a, "y": a]),
        Case(
            words: "day and month transposed",
            patients: [patient("x", a + "|"), patient("y", a + "|", born: [1960, 4, 5])],
            people: ["x": a, "y": a]),
        Case(
            words: "a partial date", patients: [patient("x", a + "|"), patient("y", a + "|", born: [1960])],
            people: ["x": a, "y": a]),
        Case(
            words: "one date and two sexes",
            patients: [patient("x", a + "|"), patient("y", a + "|", sex: "male")],
            people: ["x": a, "y": a]),
        Case(
            words: "two dates",
            patients: [patient("x", a + "|"), patient("y", a + "|", born: [1961, 6, 4])],
            people: ["x": "-x", "y": "-y"], conflicts: ["shared-number x y"]),
        Case(
            words: "two years",
            patients: [patient("x", a + "|", born: [1960]), patient("y", a + "|", born: [1961])],
            people: ["x": "-x", "y": "-y"], conflicts: ["shared-number x y"]),
        Case(
            words: "two sexes and nearly one date",
            patients: [patient("x", a + "|"), patient("y", a + "|", born: [1960, 5, 5], sex: "male")],
            people: ["x": "-x", "y": "-y"], conflicts: ["shared-number x y"]),
        Case(
            words: "two dates, and one of the numbers is verified",
            patients: [
                patient("x", a + "|"), patient("y", a + "|+01", born: [1931, 6, 8]), patient("z", a + "|+02"),
            ],
            people: ["x": "-x", "y": a, "z": "-z"], conflicts: ["shared-number x y > y"]),
        Case(
            words: "two dates, and both numbers are verified",
            patients: [patient("x", a + "|+01"), patient("y", a + "|+01", born: [1931, 6, 8])],
            people: ["x": "-x", "y": "-y"], conflicts: ["shared-number x y"]),
    ]

    private static let links: [Case] = [
        Case(
            words: "replaced by one who has the number",
            patients: [patient("x", "", "replaced-by|y"), patient("y", a + "|")], people: ["x": a, "y": a]),
        Case(
            words: "replaces one who has the number",
            patients: [patient("x", "", "replaces|y"), patient("y", a + "|")], people: ["x": a, "y": a]),
        Case(
            words: "both without a number", patients: [patient("x", "", "replaced-by|w"), patient("w")],
            people: ["x": "-w", "w": "-w"]),
        Case(
            words: "seealso and refer tie nobody",
            patients: [patient("x", "", "seealso|y\nrefer|y"), patient("y", a + "|")],
            people: ["x": "-x", "y": a]),
        Case(
            words: "a chain",
            patients: [
                patient("x", "", "replaced-by|y"), patient("y", "", "replaced-by|z"), patient("z", a + "|"),
            ], people: ["x": a, "y": a, "z": a]),
        Case(
            words: "a circle",
            patients: [
                patient("x", "", "replaced-by|y"), patient("y", a + "|", "replaced-by|z"),
                patient("z", "", "replaced-by|x"),
            ], people: ["x": a, "y": a, "z": a]),
        Case(
            words: "to itself", patients: [patient("x", a + "|", "replaces|x")], people: ["x": a]),
        Case(
            words: "to nobody who is here",
            patients: [patient("x", a + "|", "replaced-by|n"), patient("y", b + "|", "replaced-by|n")],
            people: ["x": a, "y": b]),
        Case(
            words: "to nobody at all", patients: [patient("x", a + "|", "replaced-by|")], people: ["x": a]),
        Case(
            words: "one verified number and one that is not",
            patients: [patient("x", a + "|+01"), patient("y", b + "|+04", "replaced-by|x")],
            people: ["x": a, "y": a]),
        Case(
            words: "two numbers",
            patients: [patient("x", a + "|+01"), patient("y", b + "|+01", "replaced-by|x")],
            people: ["x": a, "y": b], conflicts: ["linked-numbers x y"]),
        Case(
            words: "two numbers at the ends of a chain",
            patients: [
                patient("x", a + "|", "replaced-by|y"), patient("y", "", "replaced-by|z"),
                patient("z", b + "|"),
            ],
            people: ["x": a, "y": "-y", "z": b], conflicts: ["linked-numbers x y z"]),
        Case(
            words: "linked although the dates differ",
            patients: [patient("x", a + "|", "replaced-by|y"), patient("y", a + "|", born: [1931, 6, 8])],
            people: ["x": a, "y": a]),
        Case(
            words: "a third with the number, who is somebody else",
            patients: [
                patient("x", a + "|", "replaced-by|y"), patient("y"),
                patient("z", a + "|", born: [1931, 6, 8]),
            ],
            people: ["x": "-x", "y": "-x", "z": "-z"], conflicts: ["shared-number x y z"]),
    ]

    @Test(arguments: numbers + links) func whoIsOnePerson(_ test: Case) {
        for patients in [test.patients, test.patients.reversed()] {
            let found = IdentityResolution(patients)
            let people = found.people.mapValues { person in
                switch person {
                case .number(let number): number
                case .local(let id): "-" + id
                }
            }
            let conflicts = found.conflicts.map { conflict in
                ([conflict.kind.rawValue] + conflict.patients).joined(separator: " ")
                    + (conflict.keeping.isEmpty ? "" : " > " + conflict.keeping.joined(separator: " "))
            }
            #expect(people == test.people)
            #expect(conflicts == test.conflicts)
        }
    }

    /// A number that stands for thousands is told to be a conflict, not compared pair by pair.
    @Test func aNumberOfEverybodyIsAConflict() {
        let patients = (0..<20_000).map {
            Self.patient("p\($0)", Self.a + "|", born: [1900 + $0 % 100, 1 + $0 % 12, 1 + $0 % 28])
        }
        let found = IdentityResolution(patients)
        #expect(found.conflicts.map(\.patients.count) == [20_000])
        #expect(Set(found.people.values).count == 20_000)
    }

    @Test func aChainOfManyLinksIsFollowed() {
        let patients = (0..<50_000).map { Self.patient("p\($0)", "", "replaced-by|p\($0 + 1)") }
        #expect(Set(IdentityResolution(patients).people.values) == [.local("p0")])
    }
}
