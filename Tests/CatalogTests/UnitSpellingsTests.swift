import Foundation
import Testing

@testable import Catalog

@Suite struct UnitSpellingsTests {
    private static let schemas = URL(filePath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().appending(path: "Schemas").path
    private static let bounds = [
        MeasurementBound(system: "s", code: "1", unit: "mmol/L", lower: 0, upper: 9, name: "a"),
        MeasurementBound(system: "s", code: "2", unit: "g/L", lower: 0, upper: 9, name: "b"),
    ]

    private func read(_ texts: String...) throws -> UnitSpellings {
        try UnitSpellings(
            bounds: Self.bounds,
            files: texts.enumerated().map {
                ("\($0).csv", Data("written,unit,source\n\($1)".utf8))
            })
    }

    @Test(arguments: [
        ("mmHg", "mm[Hg]"), ("MM HG", "mm[Hg]"), ("kg/m²", "kg/m2"), ("Kg/m^2", "kg/m2"),
        ("µmol/l", "umol/L"),
        ("μmol/L", "umol/L"), ("MMOL/L", "mmol/L"), ("mmol/mol Hb", "mmol/mol"), ("°C", "Cel"),
        ("bpm", "/min"),
        ("{beats}/min", "/min"), ("ml/min/1.73m2", "mL/min/{1.73_m2}"), ("10^9/L", "10*3/uL"),
        ("G/DL", "g/dL"),
        ("percent", "%"), ("KG", "kg"), ("cms", "cm"), ("", "{score}"),
    ])
    func whatPeopleWriteIsTheUnit(written: String, unit: String) throws {
        let spellings = try Catalog.load(from: Self.schemas).spellings
        #expect(spellings.units[UnitSpellings.folded(written)] == unit)
    }

    /// None of them is the same quantity by the same number.
    @Test(arguments: [
        "kPa", "mmol", "st", "lb", "in", "m", "degF", "°F", "F", "mg/L", "ug/L", "mEq/L", "furlong",
    ])
    func whatIsAnotherUnitIsNoSpelling(written: String) throws {
        let spellings = try Catalog.load(from: Self.schemas).spellings
        #expect(spellings.units[UnitSpellings.folded(written)] == nil)
    }

    @Test func aNodesOwnFileAddsToTheSharedOne() throws {
        let both = try read("mmols/l,mmol/L,x\n", "millimol,mmol/L,ours\n")
        #expect(both.units["mmols/l"] == "mmol/L" && both.units["millimol"] == "mmol/L")
        #expect(both.units["g/l"] == "g/L", "units are spellings of themselves")
    }

    @Test(arguments: [
        ("x,mg/dL,y\n", "line 2", "names no unit of bounds.csv: a spelling is of a unit that has bounds"),
        ("G/L,mmol/L,y\n", "line 2", "is a unit of bounds.csv itself"),
        ("a,g/L,y\nA ,mmol/L,y\n", "line 3", "is there twice"),
    ])
    func whatCannotBeIsRefused(text: String, path: String, message: String) {
        #expect(throws: CatalogFault(file: "0.csv", path: path, message: message)) { try read(text) }
    }
}
