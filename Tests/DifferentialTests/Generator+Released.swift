extension Generator {
    /// Rows above the cut.
    mutating func released(depth: Int) -> Released {
        guard depth > 0, random.chance(55) else { return .cut(cut(columnsAtMost: 3)) }
        switch random.below(9) {
        case 0:
            note("filter above the cut")
            let input = released(depth: depth - 1)
            return .filtered(input, condition(scope(input), depth: 1))
        case 1, 2: return computed(released(depth: depth - 1))
        case 3, 4: return joined(depth - 1)
        case 5: return combined()
        case 6: return regrouped(released(depth: depth - 1))
        case 7:
            note("released number compared")
            let input = Released.cut(cut(columnsAtMost: 3))
            var other = cut(columnsAtMost: 1)
            other.keys = []
            other.having = nil
            other.values = [Named(name: "n", term: .aggregate(Aggregation(function: .countRows, kind: .big)))]
            let numbers = input.columns.filter { [.int, .big, .real, .decimal].contains($0.kind) }
            guard let column = numbers.last else { return input }
            return .compared(input, column.name, random.pick([">", "<=", "<>"]), .cut(other))
        default: return .cut(cut(columnsAtMost: 3))
        }
    }

    private func scope(_ rows: Released, _ alias: String = "q") -> Scope {
        Scope(columns: rows.columns.map { Column(alias: alias, name: $0.name, kind: $0.kind) })
    }

    mutating func cut(columnsAtMost most: Int) -> Cut {
        let (body, scope) = body(depth: 2)
        var keys: [Named] = []
        for place in 0..<weighted([(2, 0), (5, 1), (3, 2)]) {
            let key = key(scope)
            guard !keys.contains(where: { $0.term == key }) else { continue }
            keys.append(Named(name: "g\(place)", term: key))
        }
        var values: [Named] = []
        for place in 0..<(1 + random.below(most)) {
            values.append(Named(name: "n\(place)", term: output(scope)))
        }
        var having: Term?
        if random.chance(15) {
            note("having")
            having = .compare(random.pick([">", ">=", "<>"]), .aggregate(aggregate(scope, .countRows)), .int(random.below(4)))
        }
        var cut = Cut(body: body, keys: keys, values: values, having: having)
        if !keys.isEmpty, random.chance(20) { sets(&cut) }
        return cut
    }

    /// ROLLUP, CUBE or GROUPING SETS, and which set a row is of.
    private mutating func sets(_ cut: inout Cut) {
        // A constant is a key of its own in one engine and none in another.
        guard cut.keys.allSatisfy({ $0.term.readsColumns }) else { return }
        switch random.below(3) {
        case 0: cut.sets = .rollup
        case 1: cut.sets = .cube
        default:
            let places = Array(cut.keys.indices)
            cut.sets = .sets(random.pick([[places, []], [[0], places], places.map { [$0] } + [[]]]))
        }
        note("grouping sets")
        if random.chance(60) {
            note("grouping()")
            cut.values.append(Named(name: "s", term: .grouping(cut.keys.map(\.term))))
        }
    }

    /// A legal group key.
    mutating func key(_ scope: Scope) -> Term {
        let labels = scope.columns([.text, .bool, .date, .int, .big])
        let areas = scope.columns([.text], .area)
        switch random.below(12) {
        case 0, 1, 2, 3: return labels.isEmpty ? label(scope) : random.pick(labels).term
        case 4 where !areas.isEmpty:
            note("area as key")
            return random.pick(areas).term
        case 5:
            if let birth = scope.columns([.date], .birth).first {
                note("age as key")
                return random.chance(50) ? .part("year", birth.term) : .years(.date("2025-12-31"), birth.term)
            }
        case 6: return .call("floor", [value(.real, scope, depth: 1)], .real)
        case 7: return .bucket(value(.real, scope, depth: 1), 0, 100, 5)
        case 8: return .part(random.pick(Self.parts), value(random.pick([.date, .time]), scope, depth: 1))
        case 9: return .trunc(random.pick(["month", "year"]), value(random.pick([.date, .time]), scope, depth: 0))
        case 10:
            note("condition as key")
            return condition(scope, depth: 1)
        default: break
        }
        return label(scope)
    }

    private mutating func label(_ scope: Scope) -> Term {
        note("label as key")
        switch random.below(3) {
        case 0: return value(.text, scope, depth: 2)
        case 1: return value(.int, scope, depth: 2)
        default:
            return .choose(
                [.init(condition: condition(scope, depth: 1), value: .text("yes"))],
                otherwise: random.chance(50) ? .text("no") : nil)
        }
    }

    // MARK: aggregates at the cut

    private mutating func output(_ scope: Scope) -> Term {
        let rows = aggregate(scope, .countRows)
        switch random.below(8) {
        case 0:
            note("rate")
            var some = rows
            some.filter = condition(scope, depth: 1)
            var all = rows
            all.filter = nil
            return .arithmetic(
                "/", .arithmetic("*", .decimal("1000.0"), .aggregate(some)), .call("nullif", [.aggregate(all), .int(0)], .big))
        case 1:
            note("arithmetic on aggregates")
            return .arithmetic(random.pick(["+", "-"]), .aggregate(rows), .aggregate(aggregate(scope)))
        case 2:
            note("coalesce of an aggregate")
            let call = aggregate(scope)
            return .call("coalesce", [.aggregate(call), .int(0)], call.kind)
        default: return .aggregate(aggregate(scope))
        }
    }

    private mutating func aggregate(_ scope: Scope, _ wanted: Aggregation.Function? = nil) -> Aggregation {
        let function = wanted ?? weighted([(3, .countRows), (2, .count), (3, .people), (3, .sum), (2, .avg)])
        var call: Aggregation
        switch function {
        case .count:
            call = Aggregation(function: .count, argument: value(random.pick([.text, .date, .real, .int]), scope, depth: 1), kind: .big)
        case .people:
            call = Aggregation(function: .people, kind: .big)
            call.alias = random.pick(scope.anyPeople)
        case .sum, .avg:
            let (argument, kind) = measure(scope)
            let result: Kind =
                switch (function, kind) {
                case (_, .real): .real
                case (.sum, .int): .big
                default: .decimal
                }
            call = Aggregation(function: function, argument: argument, kind: result)
        default: call = Aggregation(function: .countRows, kind: .big)
        }
        note("aggregate \(function.rawValue)")
        if random.chance(25) {
            note("filter")
            call.filter = condition(scope, depth: 1)
        }
        return call
    }

    /// What a site may sum.
    private mutating func measure(_ scope: Scope) -> (Term, Kind) {
        let numbers = scope.columns([.real, .int, .big])
        switch random.below(6) {
        case 0, 1, 2:
            if numbers.isEmpty { break }
            let column = random.pick(numbers)
            return (column.term, column.kind)
        case 3:
            note("sum of an indicator")
            return (.choose([.init(condition: condition(scope, depth: 1), value: .int(1))], otherwise: .int(0)), .int)
        case 4:
            note("sum of a chosen measure")
            let inner = value(.real, Scope(columns: numbers.filter { $0.kind == .real }), depth: 0)
            return (.choose([.init(condition: condition(scope, depth: 1), value: inner)], otherwise: nil), .real)
        default: break
        }
        let kind = random.pick([Kind.int, .real])
        return (value(kind, scope, depth: 1), kind)
    }

    // MARK: above the cut

    private mutating func computed(_ input: Released) -> Released {
        let inner = scope(input)
        let base = input.columns.map { Named(name: $0.name, term: .column("q", $0.name, $0.kind)) }
        let order = base.map { Order(term: $0.term, isDescending: random.chance(40), nullsFirst: random.pick([nil, true, false])) }
        var columns = base
        for place in 0..<(1 + random.below(2)) {
            if random.chance(60) {
                note("window above the cut")
                var call = window(base, order, person: nil)
                if random.chance(30), let first = base.first { call.partition = [first.term] }
                columns.append(Named(name: "w\(place)", term: .window(call)))
            } else {
                note("expression above the cut")
                let kind = random.pick([Kind.text, .bool])
                columns.append(Named(name: "e\(place)", term: value(kind, inner, depth: 2)))
            }
        }
        return .computed(input, columns.shuffled(using: &random), isDistinct: random.chance(10))
    }

    /// The same people twice, other numbers each time, joined by their keys.
    private mutating func joined(_ depth: Int) -> Released {
        let (left, right) = twins()
        guard !left.keys.isEmpty else { return .cut(left) }
        let join = random.pick([Item.Join.inner, .left, .full, .right])
        note("\(join.rawValue.lowercased()) above the cut")
        var columns: [Named] = []
        for (place, key) in left.keys.enumerated() {
            let sides = ["a", "b"].map { Term.column($0, key.name, key.term.kind) }
            columns.append(Named(name: "k\(place)", term: .call("coalesce", sides, key.term.kind)))
        }
        columns += left.values.map { Named(name: "l_\($0.name)", term: .column("a", $0.name, $0.term.kind)) }
        columns += right.values.map { Named(name: "r_\($0.name)", term: .column("b", $0.name, $0.term.kind)) }
        return .joined(
            join, .cut(left), .cut(right), on: left.keys.map { NamePair(left: $0.name, right: $0.name) }, columns)
    }

    /// Two cuts with the same keys over the same rows, under other conditions.
    private mutating func twins() -> (Cut, Cut) {
        let (body, scope) = body(depth: 1)
        var keys: [Named] = []
        for place in 0..<(1 + random.below(2)) {
            let key = key(scope)
            if !keys.contains(where: { $0.term == key }) { keys.append(Named(name: "g\(place)", term: key)) }
        }
        func make(_ generator: inout Generator) -> Cut {
            var other = body
            if generator.random.chance(60) { other.filter.append(generator.condition(scope, depth: 1)) }
            return Cut(body: other, keys: keys, values: [Named(name: "n0", term: generator.output(scope))])
        }
        let left = make(&self)
        return (left, make(&self))
    }

    private mutating func combined() -> Released {
        var (left, right) = twins()
        let rows = Named(name: "n0", term: .aggregate(Aggregation(function: .countRows, kind: .big)))
        left.values = [rows]
        right.values = [rows]
        let words = random.pick(["UNION", "UNION ALL", "INTERSECT", "EXCEPT", "INTERSECT ALL", "EXCEPT ALL"])
        note("\(words.lowercased()) above the cut")
        return .combined(words, .cut(left), .cut(right))
    }

    private mutating func regrouped(_ input: Released) -> Released {
        note("aggregate above the cut")
        let inner = scope(input)
        let labels = input.columns.filter { [.text, .bool, .date].contains($0.kind) }
        var keys: [Named] = []
        if !labels.isEmpty, random.chance(60) {
            let label = random.pick(labels)
            keys = [Named(name: "h0", term: .column("q", label.name, label.kind))]
        }
        var values = [Named(name: "m0", term: .aggregate(Aggregation(function: .countRows, kind: .big, atCut: false)))]
        let numbers = inner.columns([.int, .big, .decimal, .real])
        if !numbers.isEmpty {
            let column = random.pick(numbers)
            let function = random.pick([Aggregation.Function.sum, .max, .min, .avg, .count])
            let kind: Kind =
                switch (function, column.kind) {
                case (.count, _): .big
                case (.min, let kind), (.max, let kind): kind
                case (_, .real): .real
                case (.sum, .int): .big
                default: .decimal
                }
            values.append(
                Named(name: "m1", term: .aggregate(Aggregation(function: function, argument: column.term, kind: kind, atCut: false))))
        }
        return .regrouped(input, keys: keys, values: values)
    }
}
