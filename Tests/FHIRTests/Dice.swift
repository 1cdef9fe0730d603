/// A small generator (Knuth's MMIX multiplier), so that a seed replays.
struct Dice {
    var state: UInt64

    mutating func roll(_ below: Int) -> Int {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Int(state >> 33) % max(below, 1)
    }

    mutating func pick<Element>(_ list: [Element]) -> Element { list[roll(list.count)] }
}

// MARK: - Documents and paths that are hard to follow

extension Dice {
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
