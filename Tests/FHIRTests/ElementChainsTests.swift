import Core
import Foundation
import Testing

@testable import FHIR

/// Paths that are found in one walk of a document give what following them name by name gives.
@Suite struct ElementChainsTests {
    /// A small generator (Knuth's MMIX multiplier), so that a seed replays.
    private struct Dice {
        var state: UInt64

        mutating func roll(_ below: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % below
        }

        mutating func pick<Element>(_ list: [Element]) -> Element { list[roll(list.count)] }

        /// A value: lists of none, one and several, lists in lists, nulls, choice elements, names that are there twice.
        mutating func value(_ depth: Int) -> String {
            switch depth > 3 ? roll(4) : roll(10) {
            case 0: return "null"
            case 1: return pick(["1", "2.5", "true"])
            case 2, 3: return pick([#""a""#, #""b""#, #""2024-01-01T10:00:00Z""#, #""""#])
            case 4, 5: return "[" + (0..<roll(4)).map { _ in value(depth + 1) }.joined(separator: ",") + "]"
            default: return object(depth + 1, [])
            }
        }

        mutating func object(_ depth: Int, _ first: [String]) -> String {
            let names = [
                "a", "b", "ab", "aString", "aQuantity", "valueQuantity", "value", "valueString", "coding",
                "_a", "aNothing", "resourceType",
            ]
            let members = (0..<roll(6)).map { _ in "\"\(pick(names))\":\(value(depth))" }
            return "{" + (first + members).joined(separator: ",") + "}"
        }

        mutating func path() -> String {
            let links = [
                "a", "b", "ab", "value", "coding", "value.ofType(Quantity)", "a.ofType(string)",
                "a.ofType(Quantity)", "extension", "id",
            ]
            let chain = (0...roll(3)).map { _ in pick(links) }.joined(separator: ".")
            return chain
                + pick([
                    "", "", ".exists()", ".empty()", ".count()", ".first()", ".where(a = 'a')",
                    ".where(a = 'a').exists()", ".descendants().coding", ".descendants().a.exists()",
                    ".select(a & '|' & b)", ".hasValue()", ".where(b.exists() and a.empty())", ".a.first()",
                ])
        }
    }

    /// The value of a path in each of the resources, or what is wrong.
    private func values(_ path: String, _ resources: [String]) throws -> [String] {
        let view = """
            {"resource":"Basic","select":[{"column":[{"name":"v","path":"\(path)","collection":true}]}]}
            """
        let runner = try ViewRunner(view: ViewSource.decode(Data(view.utf8)))
        return resources.map { resource in
            let rows = runner.run(LineBlock(ndjson: resource.utf8)).rows
            if let fault = rows.faults.first { return fault.reason.rawValue }
            guard rows.table.rowCount > 0 else { return "no row" }
            let value = rows.table.rows[0][0]
            return value.isNull ? "NULL" : value.text
        }
    }

    @Test(arguments: 0..<60)
    func areWhatFollowingThemGives(seed: Int) throws {
        var dice = Dice(state: UInt64(seed) &* 977 &+ 5)
        let resources = (0..<40).map { _ in dice.object(0, [#""resourceType":"Basic""#]) }
        for _ in 0..<20 {
            let path = dice.path()
            // What comes out of `where` is followed name by name.
            let followed = try values("%resource.where(true).\(path)", resources)
            #expect(try values(path, resources) == followed, "seed \(seed): \(path)")
            #expect(try values("%resource.\(path)", resources) == followed, "seed \(seed): %resource.\(path)")
        }
    }

    @Test func aChoiceElementIsFoundWhereTheNameItselfIsNot() throws {
        let resources = [
            #"{"resourceType":"Basic","valueQuantity":{"value":1}}"#,
            #"{"resourceType":"Basic","value":{"value":2,"unit":"g"}}"#,
            #"{"resourceType":"Basic","valueString":"x"}"#, #"{"resourceType":"Basic"}"#,
        ]
        #expect(try values("value.exists()", resources) == ["[true]", "[true]", "[true]", "[false]"])
        #expect(try values("value.ofType(Quantity).value", resources) == ["[1]", "[2]", "NULL", "NULL"])
    }
}
