extension Generator {
    /// A derived table about people, with what its columns are.
    mutating func personRows(depth: Int) -> (PersonRows, [Column]) {
        switch random.below(10) {
        case 0, 1, 2, 3: return grouped(depth)
        case 4, 5: return numbered(depth)
        case 6: return combined(depth)
        case 7: return first(depth)
        default:
            let (body, scope) = body(depth: depth, most: 2)
            let columns = selected(scope)
            let isDistinct = random.chance(30)
            note(isDistinct ? "distinct rows of a person" : "derived table")
            return (.rows(body, columns, isDistinct: isDistinct), described(columns))
        }
    }

    private func described(_ columns: [Named]) -> [Column] {
        columns.map { Column(alias: "", name: $0.name, kind: $0.term.kind) }
    }

    /// Some columns, plain or computed.
    private mutating func selected(_ scope: Scope, _ prefix: String = "x") -> [Named] {
        (0..<(1 + random.below(3))).map { place in
            let kind = random.pick([Kind.text, .int, .real, .date, .time, .bool])
            return Named(name: "\(prefix)\(place)", term: value(kind, scope, depth: 1))
        }
    }

    private mutating func grouped(_ depth: Int) -> (PersonRows, [Column]) {
        note("aggregate per person")
        let (body, scope) = body(depth: depth, most: 2)
        let keys = random.chance(30) ? [Named(name: "k0", term: value(random.pick([.text, .date]), scope, depth: 0))] : []
        let values = (0..<(1 + random.below(2))).map { Named(name: "v\($0)", term: .aggregate(personAggregate(scope))) }
        var having: Term?
        if random.chance(25) {
            note("having per person")
            having = .compare(
                random.pick([">", ">=", "<", "="]), .aggregate(Aggregation(function: .countRows, kind: .big)),
                .int(1 + random.below(3)))
        }
        // A constant is no key.
        let named = keys.filter { if case .column = $0.term { true } else { false } }
        return (.grouped(body, keys: named, values: values, having: having), described(named + values))
    }

    /// Window functions within a person, in an order that is total over what is selected.
    private mutating func numbered(_ depth: Int) -> (PersonRows, [Column]) {
        note("window within a person")
        let (body, scope) = body(depth: depth, most: 2)
        let base = selected(scope)
        let order = base.map { Order(term: $0.term, isDescending: random.chance(40), nullsFirst: random.pick([nil, nil, true, false])) }
        var columns = base
        for place in 0..<(1 + random.below(2)) {
            columns.append(Named(name: "w\(place)", term: .window(window(base, order, person: body.person))))
        }
        return (.rows(body, columns, isDistinct: false), described(columns))
    }

    mutating func window(_ base: [Named], _ order: [Order], person: String?) -> WindowCall {
        var call = WindowCall(
            function: "row_number", arguments: [], person: person, partition: [], order: order, kind: .big, frame: nil)
        switch random.below(8) {
        case 0, 1: break
        case 2: call.function = random.pick(["rank", "dense_rank"])
        case 3, 4:
            let value = random.pick(base)
            call.function = random.pick(["lag", "lead", "first_value", "last_value"])
            call.arguments = [value.term]
            call.kind = value.term.kind
        case 5:
            call.function = "count"
        case 6:
            call.function = "count"
            call.arguments = [random.pick(base).term]
            if random.chance(50) { call.order = [] }
        default:
            guard let value = base.first(where: { [.int, .big].contains($0.term.kind) }) else { break }
            call.function = random.pick(["sum", "min", "max"])
            call.arguments = [value.term]
            call.kind = call.function == "sum" ? (value.term.kind == .int ? .big : .decimal) : value.term.kind
            if random.chance(30) { call.order = [] }
        }
        if ["count", "sum", "min", "max", "first_value", "last_value"].contains(call.function), !call.order.isEmpty,
            random.chance(35)
        {
            note("window frame")
            call.frame = random.pick([
                "ROWS BETWEEN 1 PRECEDING AND CURRENT ROW", "ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING",
                "ROWS BETWEEN 2 PRECEDING AND 1 FOLLOWING", "ROWS UNBOUNDED PRECEDING",
                "GROUPS BETWEEN 1 PRECEDING AND 1 FOLLOWING", "RANGE BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING",
            ])
        }
        note("window \(call.function)")
        return call
    }

    private mutating func combined(_ depth: Int) -> (PersonRows, [Column]) {
        note("set operation within a person")
        let kinds = (0..<(1 + random.below(2))).map { _ in random.pick([Kind.text, .date, .int]) }
        func side(_ generator: inout Generator) -> PersonRows {
            let (body, scope) = generator.body(depth: 0, most: 1)
            let columns = kinds.enumerated().map { place, kind in
                Named(name: "x\(place)", term: generator.value(kind, scope, depth: 1))
            }
            return .rows(body, columns, isDistinct: false)
        }
        let words = random.pick(["UNION", "UNION ALL", "INTERSECT", "EXCEPT", "INTERSECT ALL", "EXCEPT ALL"])
        note("\(words.lowercased()) within a person")
        let left = side(&self)
        return (.combined(words, left, side(&self)), described(left.columns))
    }

    private mutating func first(_ depth: Int) -> (PersonRows, [Column]) {
        note("distinct on person")
        let (body, scope) = body(depth: depth, most: 2)
        let columns = selected(scope)
        let order = columns.shuffled(using: &random).map {
            Order(term: $0.term, isDescending: random.chance(50), nullsFirst: random.pick([nil, nil, true, false]))
        }
        return (.first(body, columns, order: order), described(columns))
    }
}
