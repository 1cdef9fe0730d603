/// A parsed JSON document as simdjson leaves it: 64-bit words (kind in the top byte) and a string buffer.
///
/// A node is the index of its word; the document's root value is node 1. Source of the layout: simdjson,
/// doc/tape.md. Walking it costs no call into C and no allocation.
///
/// INVARIANT: a tape, and every text taken from it, is valid only until its parser parses again.
struct Tape {
    typealias Text = UnsafeBufferPointer<UInt8>

    enum Kind {
        static let object = UInt8(ascii: "{")
        static let array = UInt8(ascii: "[")
        static let string = UInt8(ascii: "\"")
        static let signed = UInt8(ascii: "l")
        static let unsigned = UInt8(ascii: "u")
        static let double = UInt8(ascii: "d")
        static let yes = UInt8(ascii: "t")
        static let no = UInt8(ascii: "f")
        static let null = UInt8(ascii: "n")
    }

    let words: UnsafePointer<UInt64>
    let strings: UnsafePointer<UInt8>
    /// The bytes that were parsed.
    let source: Text

    static let root = 1

    /// The tape of no document, before the first is parsed. It is not looked at.
    static var nothing: Tape {
        Tape(
            words: UnsafePointer(bitPattern: 8)!, strings: UnsafePointer(bitPattern: 8)!,
            source: Text(start: nil, count: 0))
    }

    @inline(__always)
    func kind(_ node: Int) -> UInt8 { UInt8(truncatingIfNeeded: words[node] >> 56) }

    /// The node that follows, past everything inside this one.
    @inline(__always)
    func next(_ node: Int) -> Int {
        switch kind(node) {
        case Kind.object, Kind.array: Int(words[node] & 0xFFFF_FFFF)
        case Kind.signed, Kind.unsigned, Kind.double: node + 2
        default: node + 1
        }
    }

    /// The first node inside an object or array, and the node of its closing mark.
    @inline(__always)
    func inside(_ node: Int) -> (first: Int, end: Int) { (node + 1, next(node) - 1) }

    @inline(__always)
    func text(_ node: Int) -> Text {
        let at = strings + Int(words[node] & 0x00FF_FFFF_FFFF_FFFF)
        let length = UnsafeRawPointer(at).loadUnaligned(as: UInt32.self)
        return Text(start: at + 4, count: Int(length))
    }

    /// The first byte of a string, 0 of an empty one: simdjson writes a zero behind each.
    @inline(__always)
    func initial(_ node: Int) -> UInt8 { strings[Int(words[node] & 0x00FF_FFFF_FFFF_FFFF) + 4] }

    func integer(_ node: Int) -> Int64 { Int64(bitPattern: words[node + 1]) }

    func double(_ node: Int) -> Double { Double(bitPattern: words[node + 1]) }

    /// The value of a key of an object.
    func member(_ object: Int, _ name: Text) -> Int? {
        guard kind(object) == Kind.object else { return nil }
        let first = name.first ?? 0
        var (node, end) = inside(object)
        while node < end {
            if initial(node) == first, case let key = text(node), key.count == name.count, key.hasPrefix(name)
            {
                return node + 1
            }
            node = next(node + 1)
        }
        return nil
    }

    /// Whether an object has two members of one name.
    func namesTwice(_ object: Int) -> Bool {
        guard kind(object) == Kind.object else { return false }
        let (first, end) = inside(object)
        var (node, seen) = (first, UInt64(0))
        while node < end {
            let name = text(node)
            // Names of one length, beginning and end are compared; few are.
            let ends = name.isEmpty ? 0 : UInt64(name[0]) &* 31 &+ UInt64(name[name.count - 1])
            let mark = UInt64(1) << ((ends &* 7 &+ UInt64(name.count)) & 63)
            if seen & mark != 0 {
                var other = first
                while other < node {
                    if text(other).equals(name) { return true }
                    other = next(other + 1)
                }
            }
            seen |= mark
            node = next(node + 1)
        }
        return false
    }

    /// The number as it was written, which the tape does not keep: the n-th number of the document is found
    /// again.
    func writtenNumber(_ node: Int) -> Text {
        var ordinal = 0
        var at = Tape.root
        while at < node {
            let kind = kind(at)
            if kind == Kind.signed || kind == Kind.unsigned || kind == Kind.double {
                ordinal += 1
                at += 2
            } else {
                at += 1
            }
        }
        return source.number(ordinal)
    }
}

extension UnsafeBufferPointer<UInt8> {
    @inline(__always)
    func equals(_ other: Self) -> Bool { count == other.count && hasPrefix(other) }

    /// Compared by words, the last of which may overlap the one before.
    @inline(__always)
    func hasPrefix(_ other: Self) -> Bool {
        let length = other.count
        guard count >= length else { return false }
        let (left, right) = (UnsafeRawBufferPointer(self), UnsafeRawBufferPointer(other))
        func isSame<Word: FixedWidthInteger & BitwiseCopyable>(_ place: Int, _: Word.Type) -> Bool {
            left.loadUnaligned(fromByteOffset: place, as: Word.self)
                == right.loadUnaligned(fromByteOffset: place, as: Word.self)
        }
        if length >= 8 {
            var place = 0
            while place + 8 < length {
                guard isSame(place, UInt64.self) else { return false }
                place += 8
            }
            return isSame(length - 8, UInt64.self)
        }
        if length >= 4 { return isSame(0, UInt32.self) && isSame(length - 4, UInt32.self) }
        for place in 0..<length where left[place] != right[place] { return false }
        return true
    }

    /// The n-th number (from 0) outside strings of a valid JSON text.
    fileprivate func number(_ ordinal: Int) -> Self {
        var left = ordinal
        var index = 0
        while index < count {
            switch self[index] {
            case UInt8(ascii: "\""):
                index += 1
                while index < count, self[index] != UInt8(ascii: "\"") {
                    index += self[index] == UInt8(ascii: "\\") ? 2 : 1
                }
                index += 1
            case UInt8(ascii: "-"), 0x30...0x39:
                let start = index
                while index < count, isNumberByte(self[index]) { index += 1 }
                if left == 0 { return Self(rebasing: self[start..<index]) }
                left -= 1
            default: index += 1
            }
        }
        return Self(rebasing: self[0..<0])
    }

    private func isNumberByte(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x2B, 0x2D, 0x2E, 0x45, 0x65: true
        default: false
        }
    }
}
