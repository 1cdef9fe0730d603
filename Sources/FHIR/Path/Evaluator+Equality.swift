// What is the same as what, with FHIRPath's three answers: yes, no and open.

extension Evaluator {
    mutating func equality(_ step: PlacedStep, _ focus: PathItem) throws(Fault) {
        let base = stack.count
        try evaluate(step.first, focus)
        let middle = stack.count
        try evaluate(step.second, focus)
        let result =
            step.operation == .equal || step.operation == .equalText || step.operation == .notEqual
            ? try equal(base, middle) : try equivalent(base, middle)
        truncate(to: base)
        let isNegated = step.operation == .notEqual || step.operation == .notEquivalent
        if let result { stack.append(.boolean(result != isNegated)) }
    }

    /// Whether an element of the focus is the text of a literal.
    mutating func equalsText(_ step: PlacedStep, _ focus: PathItem) throws(Fault) -> Bool? {
        if case .node(let object, _) = focus, case .text(let name, _) = program[step.first].value,
            case .text(let wanted, _) = program[step.second].value, let value = tape.member(object, name),
            tape.kind(value) == Tape.Kind.string
        {
            record?.examine(value)
            return tape.text(value).equals(wanted)
        }
        let base = stack.count
        defer { truncate(to: base) }
        try equality(step, focus)
        guard stack.count > base, case .boolean(let answer) = stack[base] else { return nil }
        return answer
    }

    private mutating func equal(_ base: Int, _ middle: Int) throws(Fault) -> Bool? {
        let (left, right) = (middle - base, stack.count - middle)
        if left == 0 || right == 0 { return nil }
        guard left == right else { return false }
        var result: Bool? = true
        for offset in 0..<left {
            switch try areEqual(stack[base + offset], stack[middle + offset]) {
            case true: continue
            case false: return false
            default: result = nil
            }
        }
        return result
    }

    /// In any order.
    private mutating func equivalent(_ base: Int, _ middle: Int) throws(Fault) -> Bool? {
        let (left, right) = (middle - base, stack.count - middle)
        guard left == right else { return false }
        var taken = Array(repeating: false, count: right)
        for offset in 0..<left {
            try spend(right)
            var found = false
            for other in 0..<right where !found && !taken[other] {
                found = try areEquivalent(stack[base + offset], stack[middle + other])
                if found { taken[other] = true }
            }
            if !found { return false }
        }
        return true
    }

    /// nil where dates of unlike precision cannot be told apart.
    mutating func areEqual(_ left: PathItem, _ right: PathItem) throws(Fault) -> Bool? {
        record?.examine(left)
        record?.examine(right)
        switch (left.primitive(tape), right.primitive(tape)) {
        case (.boolean(let a), .boolean(let b)): return a == b
        case (.integer(let a), .integer(let b)): return a == b
        case (.text(let a, let x), .text(let b, let y)): return Self.textsEqual(a, x, b, y)
        case (.node(let a, _), .node(let b, _)): return try nodesEqual(a, b)
        case (.node, _), (_, .node): return false
        case (let a, let b):
            guard let a = number(a), let b = number(b) else { return false }
            return a == b
        }
    }

    private static func textsEqual(
        _ a: Tape.Text, _ x: TypeHint, _ b: Tape.Text, _ y: TypeHint
    ) -> Bool? {
        if a.equals(b) { return true }
        // Of unknown type, only what bears a time of day and a zone is surely no code or name.
        let mayBeTimes =
            x.isTemporal || y.isTemporal || (x == .none && y == .none && isInstant(a) && isInstant(b))
        guard mayBeTimes else { return false }
        switch TimeOrder.of(a, b, isTime: x == .time || y == .time) {
        case .notTimes: return false
        case .open: return nil
        case .known(let order): return order == 0
        }
    }

    private static func isInstant(_ text: Tape.Text) -> Bool {
        text.count >= 17 && text[10] == UInt8(ascii: "T") && FHIRTime(text) != nil
    }

    /// Objects and arrays, member by member.
    private mutating func nodesEqual(_ a: Int, _ b: Int) throws(Fault) -> Bool? {
        if a == b { return true }
        try spend(1)
        let kind = tape.kind(a)
        guard kind == tape.kind(b) else { return false }
        var (left, leftEnd) = tape.inside(a)
        var (right, rightEnd) = tape.inside(b)
        var result: Bool? = true
        var count = 0
        while left < leftEnd {
            count += 1
            var (one, other): (Int, Int?) = (left, right < rightEnd ? right : nil)
            if kind == Tape.Kind.object {
                (one, other) = (left + 1, tape.member(b, tape.text(left)))
            } else if right < rightEnd {
                right = tape.next(right)
            }
            guard let other else { return false }
            switch try areEqual(.node(one, .none), .node(other, .none)) {
            case true: break
            case false: return false
            default: result = nil
            }
            left = tape.next(one)
        }
        if kind == Tape.Kind.array { return right == rightEnd ? result : false }
        var members = 0
        while right < rightEnd {
            members += 1
            right = tape.next(right + 1)
        }
        return members == count ? result : false
    }

    /// Texts but for case and kinds of blanks; decimals to the places of the less precise; otherwise as
    /// equal.
    private mutating func areEquivalent(_ left: PathItem, _ right: PathItem) throws(Fault) -> Bool {
        switch (left.primitive(tape), right.primitive(tape)) {
        case (.text(let a, let x), .text(let b, let y)):
            if Self.textsEqual(a, x, b, y) == true { return true }
            guard !x.isTemporal, !y.isTemporal else { return false }
            return Self.folded(a) == Self.folded(b)
        case (.decimal, .decimal), (.decimal, .integer), (.integer, .decimal):
            guard let a = number(left.primitive(tape)), let b = number(right.primitive(tape)) else {
                return false
            }
            guard let a = ExactDecimal(a), let b = ExactDecimal(b) else { return a == b }
            let places = min(a.places, b.places)
            let (x, y) = (a.rounded(to: places, .nearest), b.rounded(to: places, .nearest))
            return ExactDecimal.aligned(x, y).map { $0.0 == $0.1 } ?? false
        default: return try areEqual(left, right) == true
        }
    }

    private static func folded(_ text: Tape.Text) -> String {
        String(
            String.UnicodeScalarView(
                String(decoding: text, as: UTF8.self).lowercased().unicodeScalars.map {
                    $0.properties.isWhitespace ? " " : $0
                }))
    }

    /// A number that equal values share.
    func hash(_ item: PathItem) -> Int {
        switch item.primitive(tape) {
        case .empty: return 0
        case .boolean(let value): return value ? 1 : 2
        case .integer(let value): return Double(value).hashValue
        case .decimal(let value, _): return value.hashValue
        case .node: return 3
        case .text(let text, _):
            // Times of unlike precision or zone may be equal: they share one number.
            if Self.mayBeTime(text) { return 4 }
            var hasher = Hasher()
            hasher.combine(bytes: UnsafeRawBufferPointer(text))
            return hasher.finalize()
        }
    }

    private static func mayBeTime(_ text: Tape.Text) -> Bool {
        guard let first = text.first, (0x30...0x39).contains(first) else { return false }
        return FHIRTime(text, offset: .optional) != nil || FHIRTime.Clock(text, from: 0)?.end == text.count
    }

    /// A number as the shortest decimal's `Double`.
    func number(_ item: PathItem) -> Double? {
        switch item {
        case .integer(let value): Double(value)
        case .decimal(let value, _): value
        default: nil
        }
    }
}
