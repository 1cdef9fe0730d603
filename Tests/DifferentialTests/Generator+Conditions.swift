extension Generator {
    private static let comparisons = ["=", "<>", "<", "<=", ">", ">=", "IS DISTINCT FROM", "IS NOT DISTINCT FROM"]

    /// - Parameter isConjunct: whether it stands alone in WHERE, where sub-queries may be anything.
    mutating func condition(_ scope: Scope, depth: Int, isConjunct: Bool = false) -> Term {
        if !scope.people.isEmpty, random.chance(isConjunct ? 30 : 8) {
            return subquery(scope, isConjunct: isConjunct)
        }
        if depth > 0, random.chance(25) {
            note("and, or, not")
            let parts = (0..<2).map { _ in condition(scope, depth: depth - 1) }
            return random.pick([.and(parts), .or(parts), .not(parts[0])])
        }
        return simple(scope, max(0, depth))
    }

    private mutating func simple(_ scope: Scope, _ depth: Int) -> Term {
        let kinds: [Kind] = [.int, .real, .text, .text, .date, .time, .decimal]
        let known = kinds.filter { !scope.columns([$0]).isEmpty }
        let kind = random.pick(known.isEmpty ? kinds : known)
        let left = value(kind, scope, depth: depth)
        switch random.below(10) {
        case 0, 1, 2:
            return .compare(random.pick(Self.comparisons), left, value(kind, scope, depth: depth))
        case 3:
            note("compare with a literal")
            return .compare(random.pick(Self.comparisons), left, literal(kind))
        case 4:
            note("null test")
            return .test(random.pick(["IS NULL", "IS NOT NULL"]), left)
        case 5:
            note("in list")
            return .inList(left, [literal(kind), literal(kind), literal(kind)], negated: random.chance(30))
        case 6:
            note("between")
            return .between(
                left, literal(kind), literal(kind),
                words: random.pick(["BETWEEN", "NOT BETWEEN", "BETWEEN SYMMETRIC"]))
        case 7 where !scope.columns([.text]).isEmpty:
            note("like")
            return .like(
                random.pick(scope.columns([.text])).term, random.pick(["4%", "%1", "_", "%\\%%", "a\\_b", "É%", "%"]),
                word: random.pick(["LIKE", "NOT LIKE", "ILIKE"]))
        case 8 where !scope.columns([.bool]).isEmpty:
            note("boolean test")
            let inner = random.pick(scope.columns([.bool])).term
            return random.pick([inner, .test(random.pick(["IS TRUE", "IS NOT TRUE", "IS FALSE", "IS UNKNOWN"]), inner)])
        case 9:
            if let code = scope.columns([.text]).first(where: { $0.name == "code" }) {
                note("codelist")
                return .inCodelist(code.term, "diabetes", negated: random.chance(20))
            }
            fallthrough
        default: return .compare(random.pick(Self.comparisons), left, literal(kind))
        }
    }

    /// A sub-query about the same person.
    private mutating func subquery(_ scope: Scope, isConjunct: Bool) -> Term {
        let around = random.pick(scope.people)
        let (inner, own) = inner(around)
        switch random.below(6) {
        case 0, 1:
            note(isConjunct ? "exists" : "exists in an expression")
            return .exists(inner, negated: random.chance(35))
        case 2:
            note(isConjunct ? "person in" : "person in, in an expression")
            return .personIn(inner, negated: random.chance(35))
        default:
            note("scalar sub-query")
            let scalar = scalar(inner, own)
            return .compare(random.pick(Self.comparisons), .scalar(scalar), literal(scalar.value?.kind ?? .int))
        }
    }

    mutating func inner(_ around: String) -> (Inner, Scope) {
        let alias = alias()
        let dataset = random.pick(NastyData.datasets)
        let own = Scope(columns: columns(of: dataset, as: alias))
        let filter = random.chance(60) ? [condition(own, depth: 1)] : []
        return (Inner(table: dataset, alias: alias, around: around, filter: filter, order: nil, value: nil), own)
    }

    mutating func scalar(_ inner: Inner, _ own: Scope) -> Inner {
        var inner = inner
        if random.chance(25) {
            note("first row as a value")
            let value = value(random.pick([.text, .date, .real, .int]), own, depth: 1)
            inner.value = value
            inner.order = [Order(term: value, isDescending: random.chance(50), nullsFirst: random.pick([nil, true, false]))]
            if let column = own.columns([.date, .time]).first { inner.order?.insert(Order(term: column.term, isDescending: random.chance(50)), at: 0) }
            return inner
        }
        inner.value = .aggregate(personAggregate(own))
        return inner
    }

    /// An aggregate over one person's rows.
    mutating func personAggregate(_ scope: Scope) -> Aggregation {
        let filter = random.chance(25) ? condition(scope, depth: 1) : nil
        if filter != nil { note("filter per person") }
        var call: Aggregation
        switch random.below(8) {
        case 0, 1: call = Aggregation(function: .countRows, argument: nil, kind: .big)
        case 2: call = Aggregation(function: .count, argument: value(random.pick([.text, .date, .real]), scope, depth: 1), kind: .big)
        case 3, 4:
            let kind = random.pick([Kind.real, .int, .text, .date, .time])
            call = Aggregation(function: random.pick([.min, .max]), argument: value(kind, scope, depth: 1), kind: kind)
        case 5:
            call = Aggregation(function: .sum, argument: value(.int, scope, depth: 1), kind: .big)
        case 6:
            note("average per person")
            call = Aggregation(function: .avg, argument: value(.real, scope, depth: 0), kind: .real)
        default:
            note("bool_or per person")
            call = Aggregation(
                function: random.pick([.boolOr, .boolAnd]), argument: condition(scope, depth: 1), kind: .bool)
        }
        call.filter = filter
        call.atCut = false
        return call
    }
}
