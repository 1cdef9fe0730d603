import Core
import Foundation
import Testing

@testable import FHIR

/// Paths that are found in one walk of a document give what following them name by name gives.
@Suite struct ElementChainsTests {
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
