import Catalog
import Core
import Foundation
import Testing

@testable import FHIR

/// Rows of documents whose shape is known are the rows that the view gives by itself.
@Suite struct ShapedRowsTests {
    /// Paths that give values, texts, conditions, faults; those that look at content, and those that make texts.
    private static let paths = [
        "'' & a & '|' & b", "select(a & b).join('-')", "a.toString()", "a.precision()", "a.length()",
        "'' & iif(a.exists() and b.empty(), 'one ', '') & iif(a = 'a', 'two', '')", "a = b", "a != 'a'",
        "a.toInteger() + 1", "'' & (descendants().a.combine(b).select(a & '|' & b).join(','))",
        "iif(a = 'a', b, value)", "getResourceKey()", "a.getReferenceKey()", "extension('a').value",
        "a[1]", "a.skip(1).first()", "a.children().count()", "a.all($this = 'a')", "a.distinct()",
        "a.ofType(date)", "a is string", "b.trim() & a", "%rowIndex.toString() & a", "a.exists(b = 'b')",
        "b.startsWith('a')", "value.ofType(integer64)", "'' & value.ofType(integer64)", "a.last() | b",
    ]

    private static let loops = [
        "a", "coding", "a.where(b = 'b')", "descendants()", "a.skip(1)", "b.split('a')",
    ]

    /// A view with columns outside of a loop, inside of one, and in two branches.
    private func view(_ dice: inout Dice) -> String {
        func column(_ name: String) -> String {
            let path = dice.roll(3) == 0 ? dice.path() : dice.pick(Self.paths)
            let type = dice.pick(["string", "string", "integer", "boolean", "decimal", "dateTime", "Coding"])
            let isMany = dice.roll(3) == 0
            return
                #"{"name":"\#(name)","path":"\#(path)","type":"\#(type)"\#(isMany ? #","collection":true"# : "")}"#
        }
        let loop = dice.pick([
            #""forEach":"\#(dice.pick(Self.loops))","#, #""forEachOrNull":"\#(dice.pick(Self.loops))","#,
            #""repeat":["a"],"#, "",
        ])
        let shared = column("u")
        let filter =
            dice.roll(3) == 0 ? #""where":[{"path":"\#(dice.pick(["a.exists()", "b = 'b'"]))"}],"# : ""
        return """
            {"resource":"Basic",\(filter)"select":[{"column":[\(column("v")),\(column("w"))]},
             {\(loop)"column":[\(column("x"))]},
             {"unionAll":[{"column":[\(shared)]},{"forEachOrNull":"\(dice.pick(Self.loops))","column":[\(shared)]}]}]}
            """
    }

    /// The same names, lists and kinds of values, with other content.
    private func varied(_ document: String, _ dice: inout Dice) -> String {
        let texts = ["a", "b", "", "2024-01-01T10:00:00Z", "2024", "12", "Patient/7", "é"]
        var result = ""
        var parts = document.split(separator: "\"", omittingEmptySubsequences: false)[...]
        while let outside = parts.popFirst() {
            result += outside.replacing("1", with: dice.pick(["1", "7", "2.25"])).replacing(
                "2.5", with: dice.pick(["2.5", "1e3"]))
            guard let text = parts.popFirst() else { break }
            let isName = parts.first?.hasPrefix(":") == true
            let isKept = isName || text == "Basic" || dice.roll(2) == 0
            result += "\"\(isKept ? String(text) : dice.pick(texts))\""
        }
        return result
    }

    /// The rows of one document, or what is wrong with it.
    private func rows(_ plan: ViewPlan, _ document: String, _ book: inout ShapeBook) throws -> String {
        var parser = JSONParser(capacity: 4096)
        let block = LineBlock(ndjson: document.utf8)
        var run = ViewRun(plan, book)
        do throws(RowFault) {
            let tape: Tape
            do { tape = try parser.parse(block.bytes(block.lines[0])) } catch {
                throw RowFault(reason: error, column: nil)
            }
            try run.add(tape, line: 0)
        } catch {
            book = run.book
            return "\(error.reason.rawValue) \(error.column ?? "")"
        }
        book = run.book
        let table = run.finish()
        return table.rows.map { row in row.map { $0.isNull ? "NULL" : "'\($0.text)'" }.joined(separator: " ")
        }
        .joined(separator: "\n")
    }

    private static let seeds =
        (ProcessInfo.processInfo.environment["FUZZ_ROUNDS"].flatMap(Int.init) ?? 6_000) / 100

    @Test(arguments: 0..<seeds)
    func areWhatTheViewGivesByItself(seed: Int) throws {
        var dice = Dice(state: UInt64(seed) &* 1_013 &+ 11)
        var (made, hits) = (0, 0)
        while made < 8 {
            let view = view(&dice)
            guard let plan = try? ViewPlan(ViewSource.decode(Data(view.utf8)), .engine) else { continue }
            made += 1
            let shapes = (0..<12).map { _ in dice.object(0, [#""resourceType":"Basic","id":"1""#]) }
            var book = ShapeBook()
            for _ in 0..<150 {
                let document = varied(dice.pick(shapes), &dice)
                var empty = ShapeBook()
                let expected = try rows(plan, document, &empty)
                let found = try rows(plan, document, &book)
                #expect(found == expected, "seed \(seed): \(view)\n\(document)")
            }
            hits += book.hits
        }
        #expect(hits > 100, "seed \(seed)")
    }

    /// The shipped views over a foreign population: a document after many others gives what it gives alone.
    @Test(
        .enabled(if: OutsideData.isHere, "CONCORDAT_OUTSIDE_DATA names no data"),
        arguments: SyntheaTests.cases)
    func ofTheShippedViewsAsWell(_ item: SyntheaTests.Case) throws {
        let catalog = try Catalog.load(from: schemas)
        let plan = try ViewPlan(try #require(catalog.views[item.dataset]), .engine)
        var reader = try NDJSONReader(path: OutsideData.path("fhir/synthea-615/\(item.type).ndjson.gz"))
        let block = try #require(try reader.next())
        var book = ShapeBook()
        let step = max(1, block.lines.count / 400)
        for line in stride(from: 0, to: block.lines.count, by: step) {
            let document = String(decoding: block.bytes(block.lines[line]), as: UTF8.self)
            var empty = ShapeBook()
            let expected = try rows(plan, document, &empty)
            #expect(try rows(plan, document, &book) == expected, "\(item.type), line \(line + 1)")
        }
        #expect(book.hits > 50)
    }

    @Test func whatAPathHasLookedAtTellsShapesApart() throws {
        let view = """
            {"resource":"Basic","select":[{"forEach":"coding.where(system = 's')",
             "column":[{"name":"code","path":"code","type":"code"}]}]}
            """
        let plan = try ViewPlan(ViewSource.decode(Data(view.utf8)), .engine)
        var book = ShapeBook()
        func code(_ system: String, _ code: String) throws -> String {
            let coding = #"{"system":"\#(system)","code":"\#(code)"}"#
            return try rows(plan, #"{"resourceType":"Basic","coding":[\#(coding)]}"#, &book)
        }
        #expect(
            try [code("s", "1"), code("t", "2"), code("s", "3"), code("t", "4")] == ["'1'", "", "'3'", ""])
        #expect(book.hits == 2)
    }
}
