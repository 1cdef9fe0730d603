// Functions that take collections apart and put them together.

extension Evaluator {
    mutating func pick(_ step: PlacedStep, _ focus: PathItem) throws(Fault) {
        let base = stack.count
        try evaluate(step.first, focus)
        let count = stack.count - base
        var wanted = step.operation == .last ? count - 1 : 0
        if step.operation == .item { wanted = try integer(step.second, focus) ?? -1 }
        let kept: PathItem = wanted >= 0 && wanted < count ? stack[base + wanted] : .empty
        truncate(to: base)
        if !kept.isEmpty { stack.append(kept) }
    }

    mutating func part(_ step: PlacedStep, _ focus: PathItem) throws(Fault) {
        let base = stack.count
        try evaluate(step.first, focus)
        let count = stack.count - base
        var (from, to) = (0, count)
        switch step.operation {
        case .tail: from = 1
        case .single: if count > 1 { throw .notSingleton }
        case .skip: from = max(0, try integer(step.second, focus) ?? count)
        default: to = min(count, max(0, try integer(step.second, focus) ?? 0))
        }
        from = min(from, to)
        for index in from..<to { stack[base + index - from] = stack[base + index] }
        truncate(to: base + to - from)
    }

    /// `where`, `exists(…)`, `all`.
    mutating func filter(_ step: PlacedStep, _ focus: PathItem) throws(Fault) {
        let base = stack.count
        try evaluate(step.first, focus)
        let end = stack.count
        let outer = index
        var kept = base
        let condition = program[step.second]
        for place in base..<end {
            index = place - base
            let isWanted =
                try condition.operation == .equalText
                ? equalsText(condition, stack[place]) : boolean(step.second, stack[place])
            guard isWanted == true else { continue }
            stack[kept] = stack[place]
            kept += 1
        }
        index = outer
        truncate(to: kept)
        guard step.operation != .whereTrue else { return }
        truncate(to: base)
        stack.append(.boolean(step.operation == .existsWhere ? kept > base : kept == end))
    }

    mutating func select(_ step: PlacedStep, _ focus: PathItem) throws(Fault) {
        let base = stack.count
        try evaluate(step.first, focus)
        let end = stack.count
        let outer = index
        for place in base..<end {
            index = place - base
            try evaluate(step.second, stack[place])
        }
        index = outer
        collapse(base, end)
    }

    /// `repeat`: what the argument gives, and what it gives for that, each value once.
    mutating func descend(_ step: PlacedStep, _ focus: PathItem) throws(Fault) {
        let base = stack.count
        try evaluate(step.first, focus)
        let end = stack.count
        var seen = ItemSet()
        var place = base
        while place < stack.count {
            let before = stack.count
            try evaluate(step.second, stack[place])
            var kept = before
            for index in before..<stack.count where try seen.insert(stack[index], &self) {
                stack[kept] = stack[index]
                kept += 1
            }
            truncate(to: kept)
            place += 1
        }
        collapse(base, end)
    }

    mutating func conditional(_ step: PlacedStep, _ focus: PathItem) throws(Fault) {
        let item = step.fourth < 0 ? focus : try singleton(step.fourth, focus)
        try evaluate(try boolean(step.first, item) == true ? step.second : step.third, item)
    }

    /// `iif(A.exists(), A, B)`: A is evaluated once.
    mutating func firstOf(_ step: PlacedStep, _ focus: PathItem) throws(Fault) {
        let base = stack.count
        try evaluate(step.first, focus)
        if stack.count == base { try evaluate(step.second, focus) }
    }

    mutating func count(_ step: PlacedStep, _ focus: PathItem) throws(Fault) {
        let base = stack.count
        if step.operation != .hasValue, let node = end(of: program[step.first], focus),
            node == 0 || tape.kind(node) != Tape.Kind.array
        {
            answer(step.operation, count: node == 0 ? 0 : 1)
            return
        }
        try evaluate(step.first, focus)
        let count = stack.count - base
        var isValue = count == 1
        if isValue, case .node(let node, _) = stack[base] { isValue = tape.kind(node) != Tape.Kind.object }
        truncate(to: base)
        if step.operation == .hasValue {
            stack.append(.boolean(isValue))
        } else {
            answer(step.operation, count: count)
        }
    }

    private mutating func answer(_ operation: PathStep.Operation, count: Int) {
        switch operation {
        case .exists: stack.append(.boolean(count > 0))
        case .empty: stack.append(.boolean(count == 0))
        default: stack.append(.integer(Int64(count)))
        }
    }

    mutating func quantify(_ step: PlacedStep, _ focus: PathItem) throws(Fault) {
        let base = stack.count
        try evaluate(step.first, focus)
        var matches = 0
        let count = stack.count - base
        for place in base..<stack.count {
            guard case .boolean(let value) = stack[place].primitive(tape) else { throw .notBoolean }
            if value == (step.detail == 1) { matches += 1 }
        }
        truncate(to: base)
        stack.append(.boolean(step.operation == .allAre ? matches == count : matches > 0))
    }

    // MARK: - Sets

    mutating func combineSets(_ step: PlacedStep, _ focus: PathItem) throws(Fault) {
        let base = stack.count
        try evaluate(step.first, focus)
        let middle = stack.count
        if step.second >= 0 { try evaluate(step.second, focus) }
        switch step.operation {
        case .combine: return
        case .distinct, .union: try keepDistinct(base)
        case .isDistinct:
            let count = stack.count - base
            try keepDistinct(base)
            answer(stack.count - base == count, base)
        case .intersect, .exclude:
            let other = try set(middle, stack.count)
            truncate(to: middle)
            var kept = base
            for place in base..<middle
            where try other.contains(stack[place], &self) == (step.operation == .intersect) {
                stack[kept] = stack[place]
                kept += 1
            }
            truncate(to: kept)
            if step.operation == .intersect { try keepDistinct(base) }
        case .isIn: try membership(base, middle, middle, stack.count)
        case .contains: try membership(middle, stack.count, base, middle)
        case .superset: try inclusion(middle, stack.count, base, middle)
        default: try inclusion(base, middle, middle, stack.count)
        }
    }

    private mutating func answer(_ value: Bool, _ base: Int) {
        truncate(to: base)
        stack.append(.boolean(value))
    }

    private mutating func set(_ from: Int, _ to: Int) throws(Fault) -> ItemSet {
        var set = ItemSet()
        for place in from..<to { _ = try set.insert(stack[place], &self) }
        return set
    }

    private mutating func keepDistinct(_ base: Int) throws(Fault) {
        var seen = ItemSet()
        var kept = base
        for place in base..<stack.count where try seen.insert(stack[place], &self) {
            stack[kept] = stack[place]
            kept += 1
        }
        truncate(to: kept)
    }

    /// One value in a collection.
    private mutating func membership(
        _ from: Int, _ to: Int, _ otherFrom: Int, _ otherTo: Int
    ) throws(Fault) {
        let base = min(from, otherFrom)
        guard to - from <= 1 else { throw .notSingleton }
        guard to > from else { return truncate(to: base) }
        let item = stack[from]
        answer(try set(otherFrom, otherTo).contains(item, &self), base)
    }

    private mutating func inclusion(
        _ from: Int, _ to: Int, _ otherFrom: Int, _ otherTo: Int
    ) throws(Fault) {
        let other = try set(otherFrom, otherTo)
        var isWhole = true
        for place in from..<to where isWhole { isWhole = try other.contains(stack[place], &self) }
        answer(isWhole, min(from, otherFrom))
    }
}

/// Values of which no two are equal, found by a number that equal values share.
struct ItemSet {
    private var buckets: [Int: [PathItem]] = [:]

    /// - Returns: false if an equal one was there.
    mutating func insert(_ item: PathItem, _ evaluator: inout Evaluator) throws(LineFault.Reason) -> Bool {
        if try contains(item, &evaluator) { return false }
        buckets[evaluator.hash(item), default: []].append(item)
        return true
    }

    func contains(_ item: PathItem, _ evaluator: inout Evaluator) throws(LineFault.Reason) -> Bool {
        for known in buckets[evaluator.hash(item)] ?? [] {
            try evaluator.spend(1)
            if try evaluator.areEqual(known, item) == true { return true }
        }
        return false
    }
}
