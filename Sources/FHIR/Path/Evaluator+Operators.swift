// Operators of FHIRPath with its three-valued logic: an empty operand gives an empty result.

extension Evaluator {
    mutating func logic(_ step: PathStep, _ focus: PathItem) throws(Fault) {
        let left = try boolean(step.first, focus)
        let right = try boolean(step.second, focus)
        let result: Bool? =
            switch step.operation {
            case .and: left == false || right == false ? false : left == true && right == true ? true : nil
            case .or: left == true || right == true ? true : left == false && right == false ? false : nil
            case .xor: left.flatMap { left in right.map { left != $0 } }
            default: left == false || right == true ? true : left == true && right == false ? false : nil
            }
        if let result { stack.append(.boolean(result)) }
    }

    mutating func equality(_ step: PathStep, _ focus: PathItem) throws(Fault) {
        let base = stack.count
        try evaluate(step.first, focus)
        let middle = stack.count
        try evaluate(step.second, focus)
        let (left, right) = (middle - base, stack.count - middle)
        var result: Bool? = left == right
        if left == 0 || right == 0 { result = nil }
        if result == true {
            for offset in 0..<left {
                let same = try areEqual(primitive(stack[base + offset]), primitive(stack[middle + offset]))
                if same != true { result = result == false ? false : same }
            }
        }
        truncate(to: base)
        if let result { stack.append(.boolean(step.operation == .equal ? result : !result)) }
    }

    /// nil where dates of unlike precision cannot be told apart.
    private func areEqual(_ left: PathItem, _ right: PathItem) throws(Fault) -> Bool? {
        switch (left, right) {
        case (.boolean(let a), .boolean(let b)): return a == b
        case (.text(let a, let x), .text(let b, let y)):
            guard x.isTemporal || y.isTemporal else { return a.equals(b) }
            switch timeOrder(a, b) {
            case .notTimes: return a.equals(b)
            case .open: return nil
            case .known(let order): return order == 0
            }
        case (.node, _), (_, .node): throw .notComparable
        default:
            guard let a = number(left), let b = number(right) else { return false }
            return a == b
        }
    }

    mutating func order(_ step: PathStep, _ focus: PathItem) throws(Fault) {
        let left = primitive(try singleton(step.first, focus))
        let right = primitive(try singleton(step.second, focus))
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
        case (.text(let a, _), .text(let b, _)):
            switch timeOrder(a, b) {
            case .notTimes: return a.lexicographicallyPrecedes(b) ? -1 : a.equals(b) ? 0 : 1
            case .open: return nil
            case .known(let order): return order
            }
        default:
            guard let a = number(left), let b = number(right) else { throw .notComparable }
            return a < b ? -1 : a > b ? 1 : 0
        }
    }

    private enum TimeOrder {
        case notTimes
        /// The written precision does not tell.
        case open
        /// Negative, zero or positive.
        case known(Int)
    }

    private func timeOrder(_ a: Tape.Text, _ b: Tape.Text) -> TimeOrder {
        guard let left = FHIRTime(a), let right = FHIRTime(b) else { return .notTimes }
        let sameKind = (left.offset == nil) == (right.offset == nil)
        if sameKind, left.precision == right.precision || left.precision > 8 {
            return .known(left.instant < right.instant ? -1 : left.instant > right.instant ? 1 : 0)
        }
        let shorter = length(min(left.precision, right.precision, 8))
        let (x, y) = (Tape.Text(rebasing: a[0..<shorter]), Tape.Text(rebasing: b[0..<shorter]))
        return x.equals(y) ? .open : .known(x.lexicographicallyPrecedes(y) ? -1 : 1)
    }

    /// Characters of a date of that many digits.
    private func length(_ digits: Int) -> Int { digits == 4 ? 4 : digits == 6 ? 7 : 10 }

    private func number(_ item: PathItem) -> Double? {
        switch item {
        case .integer(let value): Double(value)
        case .decimal(let value): value
        default: nil
        }
    }

    mutating func arithmetic(_ step: PathStep, _ focus: PathItem) throws(Fault) {
        let left = primitive(try singleton(step.first, focus))
        if step.operation == .negate {
            if !left.isEmpty { stack.append(try combine(.subtract, .integer(0), left)) }
            return
        }
        let right = primitive(try singleton(step.second, focus))
        if step.operation == .concatenate {
            stack.append(.text(try concatenate(left, right), .string))
            return
        }
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
            let (value, overflow) =
                operation == .add
                ? a.addingReportingOverflow(b)
                : operation == .subtract
                    ? a.subtractingReportingOverflow(b) : a.multipliedReportingOverflow(by: b)
            if overflow { throw .overflow }
            return .integer(value)
        }
        guard let a = number(left), let b = number(right) else { throw .wrongType }
        switch operation {
        case .add: return .decimal(a + b)
        case .subtract: return .decimal(a - b)
        case .multiply: return .decimal(a * b)
        default: return b == 0 ? .empty : .decimal(a / b)
        }
    }

    private func concatenate(_ left: PathItem, _ right: PathItem) throws(Fault) -> Tape.Text {
        var parts: [Tape.Text] = []
        for item in [left, right] {
            switch item {
            case .empty: continue
            case .text(let text, _): parts.append(text)
            default: throw .wrongType
            }
        }
        return parts.count == 1 ? parts[0] : arena.copy(Array(parts.joined()))
    }
}
