internal import Core

/// The parse tree that libpg_query prints, held flat so that neither reading nor freeing it recurses.
///
/// Strings are decoded on demand; numbers are integers, as everything libpg_query prints is.
struct JSONTree {
    enum Kind: UInt8 {
        case object, array, string, number, bool, null
    }

    struct Entry {
        var kind: Kind
        /// Of the member's name within its object, without quotes; empty elsewhere.
        var key: Range<Int>
        /// Of the text of a string (without quotes), number or boolean.
        var text: Range<Int>
        var firstChild: Int = -1
        var nextSibling: Int = -1
    }

    let bytes: [UInt8]
    private(set) var entries: [Entry] = []

    /// - Throws: `XX000` if the text is not the JSON that libpg_query prints.
    init(_ bytes: [UInt8]) throws(SQLFault) {
        self.bytes = bytes
        try read()
    }

    var root: JSONNode { JSONNode(tree: self, index: 0) }

    private mutating func read() throws(SQLFault) {
        var position = 0
        /// Open objects and arrays, each with its last child so far.
        var open: [(entry: Int, last: Int)] = []
        var key = 0..<0
        while position < bytes.count {
            switch bytes[position] {
            case UInt8(ascii: " "), UInt8(ascii: ","), UInt8(ascii: ":"), UInt8(ascii: "\n"):
                position += 1
                continue
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                guard open.popLast() != nil else { throw Self.malformed }
                position += 1
                continue
            case UInt8(ascii: "\""):
                let text = try stringRange(at: position)
                position = text.upperBound + 1
                if let parent = open.last, entries[parent.entry].kind == .object, key.isEmpty {
                    key = text
                    continue
                }
                append(Entry(kind: .string, key: key, text: text), to: &open)
            case UInt8(ascii: "{"), UInt8(ascii: "["):
                let kind: Kind = bytes[position] == UInt8(ascii: "{") ? .object : .array
                append(Entry(kind: kind, key: key, text: position..<position), to: &open)
                open.append((entries.count - 1, -1))
                position += 1
            default:
                let text = scalarRange(at: position)
                guard let kind = scalarKind(text) else { throw Self.malformed }
                append(Entry(kind: kind, key: key, text: text), to: &open)
                position = text.upperBound
            }
            key = 0..<0
        }
        guard open.isEmpty, !entries.isEmpty else { throw Self.malformed }
    }

    private mutating func append(_ entry: Entry, to open: inout [(entry: Int, last: Int)]) {
        let index = entries.count
        entries.append(entry)
        guard let parent = open.indices.last else { return }
        if open[parent].last < 0 {
            entries[open[parent].entry].firstChild = index
        } else {
            entries[open[parent].last].nextSibling = index
        }
        open[parent].last = index
    }

    private func stringRange(at quote: Int) throws(SQLFault) -> Range<Int> {
        var end = quote + 1
        while end < bytes.count, bytes[end] != UInt8(ascii: "\"") {
            end += bytes[end] == UInt8(ascii: "\\") ? 2 : 1
        }
        guard end < bytes.count else { throw Self.malformed }
        return (quote + 1)..<end
    }

    private func scalarRange(at start: Int) -> Range<Int> {
        var end = start
        while end < bytes.count, !",]}".utf8.contains(bytes[end]) { end += 1 }
        return start..<end
    }

    private func scalarKind(_ text: Range<Int>) -> Kind? {
        switch bytes[text.lowerBound] {
        case UInt8(ascii: "t"), UInt8(ascii: "f"): .bool
        case UInt8(ascii: "n"): .null
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): .number
        default: nil
        }
    }

    private static var malformed: SQLFault {
        SQLFault(.internalError, "the parser returned a tree that cannot be read")
    }
}

/// A place in a `JSONTree`.
struct JSONNode {
    let tree: JSONTree
    let index: Int

    private var entry: JSONTree.Entry { tree.entries[index] }

    var kind: JSONTree.Kind { entry.kind }

    var children: [JSONNode] {
        var result: [JSONNode] = []
        var next = entry.firstChild
        while next >= 0 {
            result.append(JSONNode(tree: tree, index: next))
            next = tree.entries[next].nextSibling
        }
        return result
    }

    /// The name of this member within its object.
    var key: String { String(decoding: tree.bytes[entry.key], as: UTF8.self) }

    subscript(_ name: StaticString) -> JSONNode? {
        var next = entry.firstChild
        while next >= 0 {
            if tree.bytes[tree.entries[next].key].elementsEqual(name.bytes) {
                return JSONNode(tree: tree, index: next)
            }
            next = tree.entries[next].nextSibling
        }
        return nil
    }

    /// The elements of a list member; none where it is absent.
    func list(_ name: StaticString) -> [JSONNode] { self[name]?.children ?? [] }

    /// Zero where absent, as libpg_query leaves zeros out.
    func integer(_ name: StaticString) -> Int {
        guard let node = self[name], node.kind == .number else { return 0 }
        return Int(String(decoding: tree.bytes[node.entry.text], as: UTF8.self)) ?? 0
    }

    /// False where absent, as libpg_query leaves false out.
    func flag(_ name: StaticString) -> Bool {
        guard let node = self[name], node.kind == .bool else { return false }
        return tree.bytes[node.entry.text.lowerBound] == UInt8(ascii: "t")
    }

    /// Empty where absent.
    func string(_ name: StaticString) -> String { self[name]?.string ?? "" }

    /// The text of a string, with its escapes resolved.
    var string: String {
        let raw = tree.bytes[entry.text]
        guard raw.contains(UInt8(ascii: "\\")) else { return String(decoding: raw, as: UTF8.self) }
        var result: [UInt8] = []
        result.reserveCapacity(raw.count)
        var index = raw.startIndex
        while index < raw.endIndex {
            guard raw[index] == UInt8(ascii: "\\"), index + 1 < raw.endIndex else {
                result.append(raw[index])
                index += 1
                continue
            }
            index += 2
            switch raw[index - 1] {
            case UInt8(ascii: "b"): result.append(8)
            case UInt8(ascii: "f"): result.append(12)
            case UInt8(ascii: "n"): result.append(10)
            case UInt8(ascii: "r"): result.append(13)
            case UInt8(ascii: "t"): result.append(9)
            case UInt8(ascii: "u"):
                let digits = String(decoding: raw[index..<min(index + 4, raw.endIndex)], as: UTF8.self)
                let scalar = UInt32(digits, radix: 16).flatMap(Unicode.Scalar.init) ?? "\u{FFFD}"
                result.append(contentsOf: Array(String(Character(scalar)).utf8))
                index += 4
            default: result.append(raw[index - 1])
            }
        }
        return String(decoding: result, as: UTF8.self)
    }
}

extension StaticString {
    var bytes: UnsafeBufferPointer<UInt8> { UnsafeBufferPointer(start: utf8Start, count: utf8CodeUnitCount) }
}
