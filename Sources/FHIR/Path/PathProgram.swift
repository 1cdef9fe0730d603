/// A value while a path is evaluated: a node of the tape, or a computed primitive. Trivial to copy.
enum PathItem {
    case empty
    case node(Int, TypeHint)
    case boolean(Bool)
    case integer(Int64)
    /// With the digits written after the point; -1 where the value alone tells.
    case decimal(Double, places: Int8)
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
        case this, resource, rowIndex, index, nothing, literal
        case member, shadowedMember, typedMember, resourceType, ofResourceType, ofDataType, isType, asType
        case children, descendants
        case item, first, last, tail, skip, take, single
        case whereTrue, existsWhere, allTrue, select, descend, iif, firstOf
        case exists, empty, count, not, hasValue
        case allAre, anyIs, distinct, isDistinct, union, combine, intersect, exclude, subset, superset
        case extensionByURL, resourceKey, referenceKey
        case join, split, length, substring, startsWith, endsWith, containsText, indexOf, upper, lower, trim
        case replace, characters, matches
        case lowBoundary, highBoundary, precision, component
        case convert, isConvertible
        case absolute, ceiling, floor, round, truncate, squareRoot, naturalLogarithm, logarithm, exponential
        case power
        case negate, add, subtract, multiply, divide, wholeDivide, remainder, concatenate
        case equal, notEqual, equivalent, notEquivalent, less, lessOrEqual, greater, greaterOrEqual
        case isIn, contains
        case and, or, xor, implies
    }

    var operation: Operation
    /// Steps: source or left, argument or right, further arguments; -1 where there is none.
    var first: Int32 = -1
    var second: Int32 = -1
    var third: Int32 = -1
    var fourth: Int32 = -1
    /// Of `literal`; the name of `member` and its kin.
    var value: PathItem = .empty
    var hint: TypeHint = .none
    /// A pattern of the program, a component of a date, the value that `allAre` and `anyIs` ask for.
    var detail: Int32 = 0
}

/// The compiled paths of one view: steps in one array, names and literals in one place.
///
/// INVARIANT: nothing changes once the view is compiled; the texts live as long as the program.
final class PathProgram: @unchecked Sendable {
    private var steps = UnsafeMutableBufferPointer<PathStep>.allocate(capacity: 64)
    private var count = 0
    private var texts: [String: Tape.Text] = [:]
    private(set) var patterns: [PathPattern] = []

    deinit {
        for text in texts.values { text.deallocate() }
        steps.deallocate()
    }

    subscript(index: Int32) -> PathStep {
        @inline(__always)
        unsafeAddress { UnsafePointer(steps.baseAddress! + Int(index)) }
    }

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

    func add(_ pattern: PathPattern) -> Int32 {
        patterns.append(pattern)
        return Int32(patterns.count - 1)
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
