/// What documents have in common in which paths lead to the same places: names and nesting, the lengths of lists, what
/// kind each value is of, and the content of those values that a path has looked at to find its way.
///
/// Numbers count as of one kind, whole or not, unless they were looked at.
final class DocumentShape {
    private struct Mark {
        enum Kind: UInt8 {
            /// The whole word of the tape: where an object or a list ends, how long it is; true, false and null; numbers that
            /// were looked at.
            case word
            /// A text that must be this one: names, and values that were looked at.
            case bytes
            case text, number
        }

        let kind: Kind
        let node: Int32
        /// Of `bytes`: where they begin among all bytes, and how many they are.
        var start: Int32 = 0
        var count: Int32 = 0
        var word: UInt64 = 0
    }

    /// Number of the tape's node behind the document.
    let end: Int
    private var marks: [Mark] = []
    private var bytes: [UInt8] = []

    /// - Parameter examined: the values that were looked at.
    init(_ tape: Tape, examined: Set<Int>) {
        end = tape.next(Tape.root)
        note(Tape.root, tape, examined)
    }

    private func note(_ node: Int, _ tape: Tape, _ examined: Set<Int>) {
        switch tape.kind(node) {
        case Tape.Kind.object:
            noteWord(node, tape)
            var (name, end) = tape.inside(node)
            while name < end {
                noteBytes(name, tape)
                note(name + 1, tape, examined)
                name = tape.next(name + 1)
            }
        case Tape.Kind.array:
            noteWord(node, tape)
            var (item, end) = tape.inside(node)
            while item < end {
                note(item, tape, examined)
                item = tape.next(item)
            }
        case Tape.Kind.string:
            if examined.contains(node) {
                noteBytes(node, tape)
            } else {
                marks.append(Mark(kind: .text, node: Int32(node)))
            }
        case Tape.Kind.signed, Tape.Kind.unsigned, Tape.Kind.double:
            if examined.contains(node) {
                noteWord(node, tape)
                noteWord(node + 1, tape)
            } else {
                marks.append(Mark(kind: .number, node: Int32(node)))
            }
        default: noteWord(node, tape)
        }
    }

    private func noteWord(_ node: Int, _ tape: Tape) {
        marks.append(Mark(kind: .word, node: Int32(node), word: tape.words[node]))
    }

    private func noteBytes(_ node: Int, _ tape: Tape) {
        let text = tape.text(node)
        marks.append(
            Mark(kind: .bytes, node: Int32(node), start: Int32(bytes.count), count: Int32(text.count)))
        bytes += text
    }

    /// Whether a document is of this shape.
    ///
    /// Marks stand in the order of the document: as long as all before fit, the next is where it is looked for.
    func fits(_ tape: Tape) -> Bool {
        guard tape.next(Tape.root) == end else { return false }
        return marks.withUnsafeBufferPointer { marks in
            bytes.withUnsafeBufferPointer { bytes in
                for mark in marks {
                    let node = Int(mark.node)
                    let isSame =
                        switch mark.kind {
                        case .word: tape.words[node] == mark.word
                        case .text: tape.kind(node) == Tape.Kind.string
                        case .bytes:
                            tape.kind(node) == Tape.Kind.string
                                && tape.text(node).equals(
                                    Tape.Text(rebasing: bytes[Int(mark.start)..<Int(mark.start + mark.count)])
                                )
                        case .number: Self.isNumber(tape.kind(node))
                        }
                    if !isSame { return false }
                }
                return true
            }
        }
    }

    @inline(__always)
    private static func isNumber(_ kind: UInt8) -> Bool {
        kind == Tape.Kind.double || kind == Tape.Kind.signed || kind == Tape.Kind.unsigned
    }
}
