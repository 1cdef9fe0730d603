import Core
import Foundation
import Testing

@testable import FHIR

/// Damaged input from printed seeds: no crash, no hang, an answer or a clear error for each. `FUZZ_ROUNDS` makes
/// it longer.
@Suite struct FHIRFuzzTests {
    private static let rounds = Int(ProcessInfo.processInfo.environment["FUZZ_ROUNDS"] ?? "") ?? 300

    private static let resource = """
        {"resourceType":"Observation","id":"o","active":true,"n":[1,-2.50,3e2],"code":{"coding":[{"system":"s",\
        "code":"1"}]},"effectiveDateTime":"2024-06-01T00:30:00.5+01:00","birthDate":"1970-02","valueQuantity":\
        {"value":1.50e1,"unit":"x"},"item":[{"linkId":"1","item":[{"linkId":"1.1"}]}],"t":"12:30"}
        """

    private static let pieces = [
        "id", "n", "code.coding", "effective", "value", "birthDate", "item", "$this", "$index", "%resource",
        "'a'",
        "1", "2.50", "@2020-01", "@T12:00", "@2020-01-01T10:00Z", "true", "{}", "(", ")", "[0]", "[", "]",
        ".",
        ".where(", ".exists()", ".first()", ".ofType(Quantity)", ".lowBoundary()", ".highBoundary(6)",
        ".repeat(item)",
        ".select(", ".count()", ".matches('(a|b)*[^c]{2,3}')", ".substring(1,", ".toString()",
        ".descendants()", " = ",
        " != ", " ~ ", " < ", " + ", " - ", " * ", " / ", " div ", " mod ", " & ", " | ", " and ", " or ",
        " implies ",
        " in ", " contains ", " is ", " as ", ", ", "-", ".distinct()", ".join(',')", ".split(',')",
        ".precision()",
        ".round(2)", ".power(99)", ".take(", ".all(", ".isDistinct()", ".upper()", "iif(", "`", "'", "\\u12",
        "/*",
    ]

    @Test(arguments: [1, 2, 3] as [UInt64])
    func expressionsAreEvaluatedOrRefused(_ seed: UInt64) throws {
        var dice = Dice(state: seed)
        var (refused, run) = (0, 0)
        for round in 0..<Self.rounds * 10 {
            var path = ""
            for _ in 0...dice.roll(9) { path += dice.pick(Self.pieces) }
            let program = PathProgram()
            guard let step = try? PathCompiler(program: program, constants: [:]).compile(path) else {
                refused += 1
                continue
            }
            var parser = JSONParser(capacity: 4096)
            let block = LineBlock(ndjson: Self.resource.utf8)
            var evaluator = Evaluator(program: program)
            evaluator.begin(try parser.parse(block.bytes(block.lines[0])))
            do {
                try evaluator.evaluate(Int32(step), .node(Tape.root, .none))
                #expect(evaluator.stack.count < 1_000_000, "seed \(seed), round \(round)")
            } catch { #expect(!error.rawValue.isEmpty) }
            run += 1
        }
        #expect(refused > 0 && run > 0, "seed \(seed)")
    }

    @Test(arguments: [1, 2] as [UInt64])
    func patternsAreRunOrRefused(_ seed: UInt64) {
        var dice = Dice(state: seed)
        let marks = Array("ab.*+?|()[]{}^$-,13\\dws".utf8)
        for _ in 0..<Self.rounds {
            let text = String(decoding: (0...dice.roll(14)).map { _ in dice.pick(marks) }, as: UTF8.self)
            guard let pattern = try? PathPattern(text, isFull: dice.roll(2) == 0) else { continue }
            _ = String(repeating: "ab1", count: 50).withUTF8Text { pattern.matches($0) }
        }
    }

    @Test(arguments: [1, 2] as [UInt64])
    func viewsAreCompiledOrRefused(_ seed: UInt64) throws {
        var dice = Dice(state: seed)
        let view = Array(
            (#"{"resource":"Observation","constant":[{"name":"c","valueDate":"2020-01"},{"name":"d","valueInteger64":"#
                + #""7"}],"where":[{"path":"id = 'o'"}],"select":[{"column":[{"name":"a","path":"id","type":"id"}],"#
                + #""select":[{"forEachOrNull":"item","column":[{"name":"b","path":"linkId"}]}],"unionAll":[{"#
                + #""repeat":["item"],"column":[{"name":"e","path":"%rowIndex","type":"integer"}]},{"column":[{"#
                + #""name":"e","path":"%d","type":"integer"}]}]}]}"#).utf8)
        let block = LineBlock(ndjson: Self.resource.utf8)
        var compiled = 0
        for _ in 0..<Self.rounds {
            let damaged = dice.damage(view, Array("{}[]\":,0a.%".utf8))
            guard let runner = try? ViewRunner(view: ViewSource.decode(Data(damaged)), times: .written) else {
                continue
            }
            compiled += 1
            let rows = runner.run(block).rows
            #expect(rows.table.rowCount == rows.rowSource.count, "seed \(seed)")
        }
        let whole = try ViewRunner(view: ViewSource.decode(Data(view)))
        #expect(whole.run(block).rows.table.rowCount == 3)
        #expect(compiled > 0, "seed \(seed)")
    }

    @Test(arguments: [1, 2] as [UInt64])
    func filesAreReadOrRefused(_ seed: UInt64) throws {
        var dice = Dice(state: seed)
        let one = Self.resource
        let bundle =
            "{\n\"resourceType\":\"Bundle\",\"entry\":[{\"resource\":\(one)},\n{\"resource\":\(one)}]}"
        let files = [one + "\n" + one, bundle, one.replacing(",", with: ",\n"), bundle + "\n" + bundle]
        let view = #"{"resource":"Observation","select":[{"column":[{"name":"id","path":"id"}]}]}"#
        let runner = try ViewRunner(view: ViewSource.decode(Data(view.utf8)))
        for round in 0..<Self.rounds / 3 {
            let bytes = dice.damage(Array(dice.pick(files).utf8), Array("{}[]\":,\n\\ 0<".utf8) + [0, 0x80])
            try TemporaryFolder.with(["data": bytes]) { folder in
                do {
                    var reader = try ResourceReader(path: folder + "/data", blockSize: 1 + dice.roll(300))
                    while let block = try reader.next() {
                        let result = runner.run(block)
                        let told = result.rows.resources + result.rows.faults.count
                        let unread = result.unread.values.reduce(0, +)
                        #expect(
                            told + unread == block.lines.count + block.faults.count,
                            "seed \(seed), round \(round)")
                    }
                } catch let fault as ReadFault { #expect(!fault.description.isEmpty) }
            }
        }
    }
}

extension Dice {
    /// Some bytes changed, cut out, doubled or put in.
    fileprivate mutating func damage(_ bytes: [UInt8], _ marks: [UInt8]) -> [UInt8] {
        var result = bytes
        for _ in 0...roll(4) where !result.isEmpty {
            let place = roll(result.count)
            let end = min(result.count, place + roll(12))
            switch roll(4) {
            case 0: result[place] = pick(marks)
            case 1: result.removeSubrange(place..<end)
            case 2: result.insert(contentsOf: result[place..<end], at: place)
            default: result.insert(pick(marks), at: place)
            }
        }
        return result
    }
}
