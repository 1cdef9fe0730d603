/// A value while a path is evaluated: a node of the tape, or a computed primitive. Trivial to copy.
enum PathItem {
    case empty
    case node(Int, TypeHint)
    case boolean(Bool)
    case integer(Int64)
    case decimal(Double)
    /// Bytes of the tape, of the program or of the evaluator's arena.
    case text(Tape.Text, TypeHint)

    var isEmpty: Bool {
        if case .empty = self { return true }
        return false
    }
}

/// One step of a compiled path; steps name one another by index. Trivial to copy.
struct PathStep {
    enum Operation: UInt8 {
        case this, resource, rowIndex, nothing, literal
        case member, typedMember, resourceType
        case index, first, last
        case whereTrue, exists, existsWhere, empty, count, not, iif
        case ofResourceType, extensionByURL, join
        case resourceKey, referenceKey, lowBoundary, highBoundary, precision, toText
        case negate
        case equal, notEqual, less, lessOrEqual, greater, greaterOrEqual
        case and, or, xor, implies
        case add, subtract, multiply, divide, concatenate
    }

    var operation: Operation
    /// Steps: source or left, argument or right, third argument; -1 where there is none.
    var first: Int32 = -1
    var second: Int32 = -1
    var third: Int32 = -1
    /// Of `literal`; the name of `member` and its kin.
    var value: PathItem = .empty
    var hint: TypeHint = .none
}

/// The compiled paths of one view: steps in one array, names and literals in one place.
///
/// INVARIANT: nothing changes once the view is compiled; the texts live as long as the program.
final class PathProgram: @unchecked Sendable {
    private var steps = UnsafeMutableBufferPointer<PathStep>.allocate(capacity: 64)
    private var count = 0
    private var texts: [String: Tape.Text] = [:]

    deinit {
        for text in texts.values { text.deallocate() }
        steps.deallocate()
    }

    subscript(index: Int32) -> PathStep { steps[Int(index)] }

    func add(_ step: PathStep) -> Int32 {
        if count == steps.count {
            let larger = UnsafeMutableBufferPointer<PathStep>.allocate(capacity: count * 2)
            _ = larger.initialize(from: steps)
            steps.deallocate()
            steps = larger
        }
        steps.initializeElement(at: count, to: step)
        count += 1
        return Int32(count - 1)
    }

    /// The bytes of a name or literal, kept for the program's life.
    func text(_ string: String) -> Tape.Text {
        if let known = texts[string] { return known }
        let bytes = Array(string.utf8)
        let made = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: max(bytes.count, 1))
        _ = made.initialize(fromContentsOf: bytes)
        let text = Tape.Text(start: made.baseAddress, count: bytes.count)
        texts[string] = text
        return text
    }
}
