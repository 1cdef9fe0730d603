// Operators of FHIRPath with its three-valued logic: an empty operand gives an empty result.

extension Evaluator {
    mutating func logic(_ step: PlacedStep, _ focus: PathItem) throws(Fault) {
        let left = try operand(step.first, focus)
        if step.operation == .and && left == false || step.operation == .or && left == true {
            stack.append(.boolean(left == true))
            return
        }
        let right = try operand(step.second, focus)
        let result: Bool? =
            switch step.operation {
            case .and: left == false || right == false ? false : left == true && right == true ? true : nil
            case .or: left == true || right == true ? true : left == false && right == false ? false : nil
            case .xor: left.flatMap { left in right.map { left != $0 } }
            default: left == false || right == true ? true : left == true && right == false ? false : nil
            }
        if let result { stack.append(.boolean(result)) }
    }

    mutating func order(_ step: PlacedStep, _ focus: PathItem) throws(Fault) {
        let left = (try singleton(step.first, focus)).primitive(tape)
        let right = (try singleton(step.second, focus)).primitive(tape)
        if left.isEmpty || right.isEmpty { return }
        guard let order = try order(left, right) else { return }
        let result =
            switch step.operation {
            case .less: order < 0
            case .lessOrEqual: order <= 0
            case .greater: order > 0
            default: order >= 0
            }
        stack.append(.boolean(result))
    }

    /// Negative, zero or positive; nil where precision leaves it open.
    private func order(_ left: PathItem, _ right: PathItem) throws(Fault) -> Int? {
        switch (left, right) {
        case (.text(let a, let x), .text(let b, let y)):
            switch TimeOrder.of(a, b, isTime: x == .time || y == .time) {
            case .notTimes: return a.lexicographicallyPrecedes(b) ? -1 : a.equals(b) ? 0 : 1
            case .open: return nil
            case .known(let order): return order
            }
        case (.integer(let a), .integer(let b)): return a < b ? -1 : a > b ? 1 : 0
        default:
            guard let a = number(left), let b = number(right) else { throw .notComparable }
            return a < b ? -1 : a > b ? 1 : 0
        }
    }

    // MARK: - Arithmetic

    mutating func arithmetic(_ step: PlacedStep, _ focus: PathItem) throws(Fault) {
        let left = (try singleton(step.first, focus)).primitive(tape)
        if step.operation == .negate {
            if !left.isEmpty { stack.append(try combine(.subtract, .integer(0), left)) }
            return
        }
        let right = (try singleton(step.second, focus)).primitive(tape)
        if left.isEmpty || right.isEmpty { return }
        if case .text = left, case .text = right, step.operation == .add {
            stack.append(.text(try concatenate(left, right), .string))
            return
        }
        let result = try combine(step.operation, left, right)
        if !result.isEmpty { stack.append(result) }
    }

    private func combine(
        _ operation: PathStep.Operation, _ left: PathItem, _ right: PathItem
    ) throws(Fault) -> PathItem {
        if case .integer(let a) = left, case .integer(let b) = right, operation != .divide {
            return try combine(operation, a, b)
        }
        guard let a = number(left), let b = number(right) else { throw .wrongType }
        if operation == .divide { return b == 0 ? .empty : .decimal(a / b, places: -1) }
        if b == 0, operation == .wholeDivide || operation == .remainder { return .empty }
        if let x = ExactDecimal(a), let y = ExactDecimal(b), let exact = Self.exact(operation, x, y) {
            if operation == .wholeDivide, let whole = Int64(exactly: exact.mantissa) {
                return .integer(whole)
            }
            return .decimal(exact.double, places: Int8(clamping: exact.places))
        }
        let result =
            switch operation {
            case .add: a + b
            case .subtract: a - b
            case .multiply: a * b
            case .remainder: a.truncatingRemainder(dividingBy: b)
            default: (a / b).rounded(.towardZero)
            }
        guard result.isFinite else { throw .overflow }
        return .decimal(result, places: -1)
    }

    private func combine(
        _ operation: PathStep.Operation, _ a: Int64, _ b: Int64
    ) throws(Fault) -> PathItem {
        let (value, overflow): (Int64, Bool)
        switch operation {
        case .add: (value, overflow) = a.addingReportingOverflow(b)
        case .subtract: (value, overflow) = a.subtractingReportingOverflow(b)
        case .multiply: (value, overflow) = a.multipliedReportingOverflow(by: b)
        case .wholeDivide:
            if b == 0 { return .empty }
            (value, overflow) = a.dividedReportingOverflow(by: b)
        default:
            if b == 0 { return .empty }
            (value, overflow) = a.remainderReportingOverflow(dividingBy: b)
        }
        if overflow { throw .overflow }
        return .integer(value)
    }

    private static func exact(
        _ operation: PathStep.Operation, _ a: ExactDecimal, _ b: ExactDecimal
    ) -> ExactDecimal? {
        if operation == .multiply {
            let (product, overflow) = a.mantissa.multipliedReportingOverflow(by: b.mantissa)
            return overflow ? nil : ExactDecimal(mantissa: product, places: a.places + b.places)
        }
        guard let (x, y, places) = ExactDecimal.aligned(a, b) else { return nil }
        switch operation {
        case .add: return ExactDecimal(mantissa: x + y, places: places)
        case .subtract: return ExactDecimal(mantissa: x - y, places: places)
        case .remainder: return ExactDecimal(mantissa: x % y, places: places)
        default: return ExactDecimal(mantissa: x / y, places: 0)
        }
    }

    private mutating func concatenate(_ left: PathItem, _ right: PathItem) throws(Fault) -> Tape.Text {
        let base = stack.count
        stack.append(left)
        stack.append(right)
        return try concatenation(from: base)
    }

    /// `a & b & …`.
    mutating func concatenate(_ step: PlacedStep, _ focus: PathItem) throws(Fault) {
        let base = stack.count
        for place in step.first..<step.first + step.detail {
            let part = (try singleton(program[place].first, focus)).primitive(tape)
            stack.append(part)
        }
        stack.append(.text(try concatenation(from: base), .string))
    }

    /// One text of those at the top of the stack, which go.
    private mutating func concatenation(from base: Int) throws(Fault) -> Tape.Text {
        var (size, longest) = (0, Tape.Text(start: nil, count: 0))
        for place in base..<stack.count {
            let part = try Self.part(stack[place])
            size += part.count
            if part.count > longest.count { longest = part }
        }
        defer { truncate(to: base) }
        if size == longest.count, record == nil { return longest }
        let room = try take(size)
        var end = 0
        for place in base..<stack.count {
            end = room[end...].update(fromContentsOf: try Self.part(stack[place]))
        }
        noteComposed(Tape.Text(room), base..<stack.count)
        return Tape.Text(room)
    }

    /// Notes that a text was put together from those at these places of the stack.
    func noteComposed(_ text: Tape.Text, _ places: Range<Int>, separator: Tape.Text? = nil) {
        guard let record else { return }
        var parts: [Tape.Text] = []
        for place in places {
            if let separator, place > places.lowerBound { parts.append(separator) }
            guard case .text(let part, let hint) = stack[place] else { continue }
            // Whether such a text is a number depends on what it contains.
            if hint == .integer64 { record.lose() }
            parts.append(part)
        }
        record.compose(text, of: parts)
    }

    /// What an operand of `&` adds: nothing for nothing.
    private static func part(_ item: PathItem) throws(Fault) -> Tape.Text {
        switch item {
        case .empty: Tape.Text(start: nil, count: 0)
        case .text(let text, _): text
        default: throw .wrongType
        }
    }

    // MARK: - Mathematics

    mutating func mathematics(_ step: PlacedStep, _ focus: PathItem) throws(Fault) {
        let item = (try singleton(step.first, focus)).primitive(tape)
        if item.isEmpty { return }
        guard let value = number(item) else { throw .wrongType }
        var argument: Double?
        if step.second >= 0 {
            let second = (try singleton(step.second, focus)).primitive(tape)
            if second.isEmpty { return }
            guard let read = number(second) else { throw .wrongType }
            argument = read
        }
        switch step.operation {
        case .absolute: stack.append(try combine(value < 0 ? .subtract : .add, .integer(0), item))
        case .ceiling, .floor, .truncate: stack.append(try whole(item, value, step.operation))
        case .round:
            guard let places = Int(exactly: argument ?? 0), (0...28).contains(places) else {
                throw .wrongType
            }
            let exact = ExactDecimal(value)?.rounded(to: places, .nearest)
            stack.append(.decimal(exact?.double ?? value, places: Int8(places)))
        case .squareRoot: pushFinite(value.squareRoot())
        case .exponential: pushFinite(Mathematics.exp(value))
        case .naturalLogarithm: pushFinite(Mathematics.log(value))
        case .logarithm: pushFinite(Mathematics.log(value) / Mathematics.log(argument ?? 0))
        default: try power(item, value, argument ?? 0)
        }
    }

    private func whole(
        _ item: PathItem, _ value: Double, _ operation: PathStep.Operation
    ) throws(Fault) -> PathItem {
        if case .integer = item { return item }
        let rule: FloatingPointRoundingRule =
            operation == .ceiling ? .up : operation == .floor ? .down : .towardZero
        guard let whole = Int64(exactly: value.rounded(rule)) else { throw .overflow }
        return .integer(whole)
    }

    private mutating func power(_ item: PathItem, _ value: Double, _ exponent: Double) throws(Fault) {
        let result = Mathematics.pow(value, exponent)
        if case .integer = item, exponent >= 0, abs(result) < 1e15, let whole = Int64(exactly: result) {
            stack.append(.integer(whole))
        } else {
            pushFinite(result)
        }
    }

    /// What cannot be represented is nothing.
    private mutating func pushFinite(_ value: Double) {
        if value.isFinite { stack.append(.decimal(value, places: -1)) }
    }
}
