/// Evaluates compiled paths over one tape.
///
/// Collections are segments at the top of one stack of trivial items, so that after warming up nothing is
/// allocated: evaluating a step pushes its result.
struct Evaluator {
    /// A resource that needs more steps than this, and so many a byte of it, is set aside: no view that means
    /// well comes near it.
    private static let workLimit = (base: 500_000, perByte: 20)

    let program: PathProgram
    var tape: Tape
    let arena = ByteArena()
    var stack = ItemStack()
    /// `%rowIndex` of the innermost loop.
    var rowIndex = 0
    /// `$index` of the innermost function that goes through items.
    var index = 0
    /// Where an evaluation notes what it looks at; nil while nobody wants to know.
    var record: EvaluationRecord?
    private var workLeft = 0
    private let chains: ElementChains
    private let found: ChainsFound

    typealias Fault = LineFault.Reason

    init(program: PathProgram) {
        self.program = program
        tape = .nothing
        chains = program.chains
        found = ChainsFound(count: chains.count)
    }

    /// Forgets everything of the resource before.
    mutating func begin(_ tape: Tape) {
        restart(tape)
        chains.find(in: tape, found.nodes)
    }

    /// The same for a resource in which chains of names lead where they led in another.
    mutating func begin(_ tape: Tape, as ends: [Int32]) {
        restart(tape)
        ends.withUnsafeBufferPointer { found.nodes.update(from: $0.baseAddress!, count: $0.count) }
    }

    private mutating func restart(_ tape: Tape) {
        self.tape = tape
        arena.reset()
        stack.truncate(to: 0)
        (rowIndex, index) = (0, 0)
        workLeft = Self.workLimit.base + Self.workLimit.perByte * tape.source.count
    }

    /// Where the chains of names lead in this resource.
    var ends: [Int32] { Array(UnsafeBufferPointer(start: found.nodes, count: chains.count)) }

    /// Where a step that is a chain of names leads: to a node (perhaps a list) or, 0, nowhere; nil where it has to be
    /// followed name by name.
    @inline(__always)
    func end(of step: PlacedStep, _ focus: PathItem) -> Int? {
        guard step.chain >= 0 else { return nil }
        if !step.isFromResource {
            guard case .node(Tape.root, _) = focus else { return nil }
        }
        let node = found.nodes[Int(step.chain)]
        if node > 0 { return Int(node) }
        guard node == ElementChains.Found.nothing else { return nil }
        if step.plainChain >= 0 {
            let plain = found.nodes[Int(step.plainChain)]
            guard plain == ElementChains.Found.nothing || plain == ElementChains.Found.choice else {
                return nil
            }
        }
        return 0
    }

    /// Pushes the result of a step for one focus.
    mutating func evaluate(_ index: Int32, _ focus: PathItem) throws(Fault) {
        let step = program[index]
        try spend(1)
        switch step.operation {
        case .this: if !focus.isEmpty { stack.append(focus) }
        case .resource: stack.append(.node(Tape.root, .none))
        case .rowIndex: stack.append(.integer(Int64(rowIndex)))
        case .index: stack.append(.integer(Int64(self.index)))
        case .nothing: break
        case .literal: stack.append(step.value)
        case .member, .typedMember:
            if let node = end(of: step, focus) {
                if node > 0 { push(node, step.hint) }
            } else {
                try navigate(step, focus)
            }
        case .resourceType, .ofResourceType, .ofDataType, .children, .descendants: try navigate(step, focus)
        case .shadowedMember: try shadow(step, focus)
        case .isType, .asType: try typeTest(step, focus)
        case .item, .first, .last: try pick(step, focus)
        case .tail, .skip, .take, .single: try part(step, focus)
        case .whereTrue, .existsWhere, .allTrue: try filter(step, focus)
        case .select: try select(step, focus)
        case .descend: try descend(step, focus)
        case .iif: try conditional(step, focus)
        case .firstOf: try firstOf(step, focus)
        case .exists, .empty, .count, .hasValue: try count(step, focus)
        case .not: if let value = try operand(step.first, focus) { stack.append(.boolean(!value)) }
        case .allAre, .anyIs: try quantify(step, focus)
        case .distinct, .isDistinct, .union, .combine, .intersect, .exclude, .subset, .superset, .isIn,
            .contains:
            try combineSets(step, focus)
        default: try evaluateValues(step, focus)
        }
    }

    private mutating func evaluateValues(_ step: PlacedStep, _ focus: PathItem) throws(Fault) {
        switch step.operation {
        case .extensionByURL: try extensions(step, focus)
        case .join: try join(step, focus)
        case .resourceKey, .referenceKey: try keys(step, focus)
        case .lowBoundary, .highBoundary: try boundary(step, focus)
        case .precision, .component: try measure(step, focus)
        case .convert, .isConvertible: try convert(step, focus)
        case .negate, .add, .subtract, .multiply, .divide, .wholeDivide, .remainder:
            try arithmetic(step, focus)
        case .concatenate: try concatenate(step, focus)
        case .absolute, .ceiling, .floor, .round, .truncate, .squareRoot, .naturalLogarithm, .logarithm,
            .exponential, .power:
            try mathematics(step, focus)
        case .equal, .equalText, .notEqual, .equivalent, .notEquivalent: try equality(step, focus)
        case .less, .lessOrEqual, .greater, .greaterOrEqual: try order(step, focus)
        case .and, .or, .xor, .implies: try logic(step, focus)
        default: try text(step, focus)
        }
    }

    /// Counts work, so that no view and no resource can keep a thread for ever.
    @inline(__always)
    mutating func spend(_ amount: Int) throws(Fault) {
        workLeft &-= amount
        guard workLeft >= 0 else { throw .tooMuchWork }
    }

    /// A text that was computed, kept until the next resource. It costs work by its length: a path that makes
    /// texts of texts ends before memory does.
    mutating func keep(_ bytes: [UInt8]) throws(Fault) -> Tape.Text {
        try spend(bytes.count)
        return arena.copy(bytes)
    }

    /// Room for such a text, which the caller writes.
    mutating func take(_ count: Int) throws(Fault) -> UnsafeMutableBufferPointer<UInt8> {
        try spend(count)
        guard record != nil else { return arena.take(count) }
        // While texts are told apart by where they begin, an empty one has a place of its own too.
        return UnsafeMutableBufferPointer(rebasing: arena.take(count + 1).prefix(count))
    }

    mutating func truncate(to count: Int) { stack.truncate(to: count) }

    /// Removes the segment that served as input below the results.
    mutating func collapse(_ base: Int, _ end: Int) {
        let results = stack.count - end
        if end == base { return }
        for offset in 0..<results { stack[base + offset] = stack[end + offset] }
        truncate(to: base + results)
    }

    /// The one value of a step, or `.empty`.
    mutating func singleton(_ index: Int32, _ focus: PathItem) throws(Fault) -> PathItem {
        if let node = end(of: program[index], focus) {
            if node == 0 { return .empty }
            if tape.kind(node) != Tape.Kind.array { return .node(node, program[index].hint) }
        }
        switch program[index].operation {
        case .literal: return program[index].value
        case .member where program[program[index].first].operation == .this:
            if let node = element(of: focus, program[index].value) { return .node(node, program[index].hint) }
        default: break
        }
        let base = stack.count
        try evaluate(index, focus)
        defer { truncate(to: base) }
        switch stack.count - base {
        case 0: return .empty
        case 1: return stack[base]
        default: throw .notSingleton
        }
    }

    /// The one element of a name that a value has; nil where it has several or none.
    @inline(__always)
    private func element(of focus: PathItem, _ name: PathItem) -> Int? {
        guard case .node(let object, _) = focus, case .text(let name, _) = name,
            let node = tape.member(object, name),
            tape.kind(node) != Tape.Kind.array, tape.kind(node) != Tape.Kind.null
        else { return nil }
        return node
    }

    /// A condition: true, false or nothing, and nothing else.
    mutating func boolean(_ index: Int32, _ focus: PathItem) throws(Fault) -> Bool? {
        switch (try singleton(index, focus)).primitive(tape) {
        case .empty: return nil
        case .boolean(let value): return value
        default: throw .notBoolean
        }
    }

    /// An operand of a logical operator: one value that is no boolean stands for true.
    /// Source: HL7 FHIRPath, "Singleton Evaluation of Collections".
    mutating func operand(_ index: Int32, _ focus: PathItem) throws(Fault) -> Bool? {
        switch (try singleton(index, focus)).primitive(tape) {
        case .empty: return nil
        case .boolean(let value): return value
        default: return true
        }
    }

    /// A whole number, or nil for nothing.
    mutating func integer(_ index: Int32, _ focus: PathItem) throws(Fault) -> Int? {
        switch (try singleton(index, focus)).primitive(tape) {
        case .empty: return nil
        case .integer(let value): return Int(clamping: value)
        default: throw .wrongType
        }
    }
}

extension PathItem {
    /// A node that holds a primitive as that primitive; everything else as it is.
    func primitive(_ tape: Tape) -> PathItem {
        guard case .node(let node, let hint) = self else { return self }
        switch tape.kind(node) {
        case Tape.Kind.string:
            // FHIR R5 writes integer64 as a text, so that no reader loses digits.
            if hint == .integer64, let value = Int64(String(decoding: tape.text(node), as: UTF8.self)) {
                return .integer(value)
            }
            return .text(tape.text(node), hint)
        case Tape.Kind.yes: return .boolean(true)
        case Tape.Kind.no: return .boolean(false)
        case Tape.Kind.signed: return .integer(tape.integer(node))
        case Tape.Kind.unsigned:
            return .decimal(Double(UInt64(bitPattern: tape.integer(node))), places: 0)
        case Tape.Kind.double: return .decimal(tape.double(node), places: -1)
        default: return self
        }
    }

    /// A primitive as FHIRPath's `toString()` writes it.
    func written(_ tape: Tape, _ arena: ByteArena) throws(LineFault.Reason) -> Tape.Text {
        if case .node(let node, _) = self, tape.kind(node) == Tape.Kind.double {
            return tape.writtenNumber(node)
        }
        switch primitive(tape) {
        case .text(let text, _): return text
        case .boolean(let value): return StaticText(value ? "true" : "false").text
        case .integer(let value): return arena.copy(Array(String(value).utf8))
        case .decimal(let value, let places): return arena.copy(Array(Self.text(value, places).utf8))
        default: throw .wrongType
        }
    }

    private static func text(_ value: Double, _ places: Int8) -> String {
        guard var exact = ExactDecimal(value) else { return "\(value)" }
        let missing = Int(places) - exact.places
        if (1...18).contains(missing), exact.mantissa.magnitude < 1_000_000_000_000_000_000 {
            exact.mantissa *= ExactDecimal.power(missing)
            exact.places += missing
        }
        return exact.text
    }
}

/// The UTF-8 of a literal of the program text, which never goes away.
struct StaticText: Sendable {
    private let string: StaticString

    init(_ string: StaticString) { self.string = string }

    var text: Tape.Text { Tape.Text(start: string.utf8Start, count: string.utf8CodeUnitCount) }
}
