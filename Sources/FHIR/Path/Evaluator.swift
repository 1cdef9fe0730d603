/// Evaluates compiled paths over one tape.
///
/// Collections are segments at the top of one stack of trivial items, so that after warming up nothing is
/// allocated: evaluating a step pushes its result.
struct Evaluator {
    private let program: PathProgram
    var tape: Tape
    let arena = ByteArena()
    var stack = ItemStack()
    /// `%rowIndex` of the innermost loop.
    var rowIndex = 0

    typealias Fault = LineFault.Reason

    init(program: PathProgram) {
        self.program = program
        tape = .nothing
    }

    /// Pushes the result of a step for one focus.
    mutating func evaluate(_ index: Int32, _ focus: PathItem) throws(Fault) {
        let step = program[index]
        switch step.operation {
        case .this: if !focus.isEmpty { stack.append(focus) }
        case .resource: stack.append(.node(Tape.root, .none))
        case .rowIndex: stack.append(.integer(Int64(rowIndex)))
        case .nothing: break
        case .literal: stack.append(step.value)
        case .member, .typedMember, .resourceType, .ofResourceType: try navigate(step, focus)
        case .index, .first, .last: try pick(step, focus)
        case .whereTrue, .existsWhere: try filter(step, focus)
        case .exists, .empty, .count: try count(step, focus)
        case .not: if let value = try boolean(step.first, focus) { stack.append(.boolean(!value)) }
        case .iif:
            try evaluate(try boolean(step.first, focus) == true ? step.second : step.third, focus)
        case .extensionByURL: try extensions(step, focus)
        case .join: try join(step, focus)
        case .resourceKey, .referenceKey: try keys(step, focus)
        case .lowBoundary, .highBoundary, .precision, .toText: try convert(step, focus)
        case .negate, .add, .subtract, .multiply, .divide, .concatenate: try arithmetic(step, focus)
        case .equal, .notEqual: try equality(step, focus)
        case .less, .lessOrEqual, .greater, .greaterOrEqual: try order(step, focus)
        case .and, .or, .xor, .implies: try logic(step, focus)
        }
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
        let base = stack.count
        try evaluate(index, focus)
        defer { truncate(to: base) }
        switch stack.count - base {
        case 0: return .empty
        case 1: return stack[base]
        default: throw .notSingleton
        }
    }

    mutating func boolean(_ index: Int32, _ focus: PathItem) throws(Fault) -> Bool? {
        switch primitive(try singleton(index, focus)) {
        case .empty: return nil
        case .boolean(let value): return value
        default: throw .notBoolean
        }
    }

    func primitive(_ item: PathItem) -> PathItem { item.primitive(tape) }
}

extension PathItem {
    /// A node that holds a primitive as that primitive; everything else as it is.
    func primitive(_ tape: Tape) -> PathItem {
        guard case .node(let node, let hint) = self else { return self }
        switch tape.kind(node) {
        case Tape.Kind.string: return .text(tape.text(node), hint)
        case Tape.Kind.yes: return .boolean(true)
        case Tape.Kind.no: return .boolean(false)
        case Tape.Kind.signed: return .integer(tape.integer(node))
        case Tape.Kind.unsigned: return .decimal(Double(UInt64(bitPattern: tape.integer(node))))
        case Tape.Kind.double: return .decimal(tape.double(node))
        default: return self
        }
    }

    /// A primitive as FHIRPath's `toString()` writes it.
    func written(_ arena: ByteArena) throws(LineFault.Reason) -> Tape.Text {
        switch self {
        case .text(let text, _): return text
        case .boolean(let value): return StaticText(value ? "true" : "false").text
        case .integer(let value): return arena.copy(Array(String(value).utf8))
        case .decimal(let value): return arena.copy(Array("\(value)".utf8))
        default: throw .wrongType
        }
    }
}

// MARK: - Navigation

extension Evaluator {
    private mutating func navigate(_ step: PathStep, _ focus: PathItem) throws(Fault) {
        if program[step.first].operation == .this {
            visit(step, focus)
            return
        }
        let base = stack.count
        try evaluate(step.first, focus)
        let end = stack.count
        for index in base..<end { visit(step, stack[index]) }
        collapse(base, end)
    }

    private mutating func visit(_ step: PathStep, _ item: PathItem) {
        guard case .node(let node, _) = item, case .text(let name, _) = step.value,
            tape.kind(node) == Tape.Kind.object
        else { return }
        switch step.operation {
        case .member: member(node, name)
        case .typedMember: if let value = tape.member(node, name) { push(value, step.hint) }
        default:
            if let type = tape.member(node, Self.resourceTypeKey), tape.kind(type) == Tape.Kind.string,
                tape.text(type).equals(name)
            {
                stack.append(item)
            }
        }
    }

    private static var resourceTypeKey: Tape.Text { StaticText("resourceType").text }
    private static var urlKey: Tape.Text { StaticText("url").text }
    private static var extensionKey: Tape.Text { StaticText("extension").text }
    static var idKey: Tape.Text { StaticText("id").text }
    static var referenceKey: Tape.Text { StaticText("reference").text }

    /// An element by its name; if there is none, a choice element whose name starts so and ends in a type.
    private mutating func member(_ object: Int, _ name: Tape.Text) {
        var (node, end) = tape.inside(object)
        var choice: (value: Int, hint: TypeHint)?
        while node < end {
            let key = tape.text(node)
            if key.hasPrefix(name) {
                if key.count == name.count {
                    push(node + 1, .none)
                    return
                }
                if (0x41...0x5A).contains(key[name.count]) {
                    let suffix = String(decoding: Tape.Text(rebasing: key[name.count...]), as: UTF8.self)
                    if let type = FHIRTypes.dataType(suffix: suffix) {
                        choice = (node + 1, TypeHint(type: type))
                    }
                }
            }
            node = tape.next(node + 1)
        }
        if let choice { push(choice.value, choice.hint) }
    }

    /// Pushes a value; an array as its elements. JSON nulls (which stand for "only extensions") are nothing.
    mutating func push(_ node: Int, _ hint: TypeHint) {
        switch tape.kind(node) {
        case Tape.Kind.null: return
        case Tape.Kind.array:
            var (item, end) = tape.inside(node)
            while item < end {
                push(item, hint)
                item = tape.next(item)
            }
        default: stack.append(.node(node, hint))
        }
    }

    private mutating func pick(_ step: PathStep, _ focus: PathItem) throws(Fault) {
        let base = stack.count
        try evaluate(step.first, focus)
        let count = stack.count - base
        var wanted = step.operation == .last ? count - 1 : 0
        if step.operation == .index {
            switch primitive(try singleton(step.second, focus)) {
            case .integer(let number): wanted = Int(clamping: number)
            case .empty: wanted = -1
            default: throw .wrongType
            }
        }
        let kept: PathItem = wanted >= 0 && wanted < count ? stack[base + wanted] : .empty
        truncate(to: base)
        if !kept.isEmpty { stack.append(kept) }
    }

    private mutating func filter(_ step: PathStep, _ focus: PathItem) throws(Fault) {
        let base = stack.count
        try evaluate(step.first, focus)
        let end = stack.count
        var kept = base
        for index in base..<end where try boolean(step.second, stack[index]) == true {
            stack[kept] = stack[index]
            kept += 1
        }
        truncate(to: kept)
        guard step.operation == .existsWhere else { return }
        truncate(to: base)
        stack.append(.boolean(kept > base))
    }

    private mutating func count(_ step: PathStep, _ focus: PathItem) throws(Fault) {
        let base = stack.count
        try evaluate(step.first, focus)
        let count = stack.count - base
        truncate(to: base)
        switch step.operation {
        case .exists: stack.append(.boolean(count > 0))
        case .empty: stack.append(.boolean(count == 0))
        default: stack.append(.integer(Int64(count)))
        }
    }

    private mutating func extensions(_ step: PathStep, _ focus: PathItem) throws(Fault) {
        guard case .text(let url, _) = primitive(try singleton(step.second, focus)) else { return }
        let base = stack.count
        try evaluate(step.first, focus)
        let end = stack.count
        for index in base..<end {
            guard case .node(let owner, _) = stack[index], let list = tape.member(owner, Self.extensionKey),
                tape.kind(list) == Tape.Kind.array
            else { continue }
            var (node, last) = tape.inside(list)
            while node < last {
                if let found = tape.member(node, Self.urlKey), tape.kind(found) == Tape.Kind.string,
                    tape.text(found).equals(url)
                {
                    stack.append(.node(node, .none))
                }
                node = tape.next(node)
            }
        }
        collapse(base, end)
    }
}

/// The UTF-8 of a literal of the program text, which never goes away.
struct StaticText: Sendable {
    private let string: StaticString

    init(_ string: StaticString) { self.string = string }

    var text: Tape.Text { Tape.Text(start: string.utf8Start, count: string.utf8CodeUnitCount) }
}
