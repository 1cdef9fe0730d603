/// A string that is another only byte by byte, as Cedar's strings are: Swift takes canonically equivalent
/// texts (`é` as one scalar or as two) for one, and a policy must not.
package struct CedarText: Hashable, Sendable, Comparable, ExpressibleByStringLiteral, CustomStringConvertible
{
    package let string: String

    package init(_ string: String) { self.string = string }

    package init(stringLiteral value: String) { string = value }

    package var description: String { string }

    package static func == (left: CedarText, right: CedarText) -> Bool {
        areSame(left.string, right.string)
    }

    package func hash(into hasher: inout Hasher) { Self.hash(string, into: &hasher) }

    package static func < (left: CedarText, right: CedarText) -> Bool {
        left.string.utf8.lexicographicallyPrecedes(right.string.utf8)
    }

    /// Whether two strings have the same bytes.
    static func areSame(_ left: String, _ right: String) -> Bool {
        let (a, b) = (left.utf8, right.utf8)
        guard a.count == b.count else { return false }
        let same = a.withContiguousStorageIfAvailable { x in
            b.withContiguousStorageIfAvailable { y in x.elementsEqual(y) }
        }
        return (same ?? nil) ?? a.elementsEqual(b)
    }

    /// Feeds the bytes of a string to a hasher.
    static func hash(_ string: String, into hasher: inout Hasher) {
        let isDone: Void? = string.utf8.withContiguousStorageIfAvailable {
            hasher.combine(bytes: UnsafeRawBufferPointer($0))
        }
        if isDone == nil { for byte in string.utf8 { hasher.combine(byte) } }
        hasher.combine(UInt8(0xFF))
    }
}
