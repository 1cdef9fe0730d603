extension Generator {
    static let parts = ["year", "month", "day", "quarter", "dow", "isodow", "doy", "week", "isoyear", "decade"]
    static let truncations = ["month", "year", "quarter", "week", "day"]

    /// A term of one kind over free columns.
    mutating func value(_ kind: Kind, _ scope: Scope, depth: Int) -> Term {
        let columns = scope.columns([kind])
        if !columns.isEmpty, depth <= 0 || random.chance(45) { return random.pick(columns).term }
        guard depth > 0 else { return literal(kind) }
        if random.chance(12) { return literal(kind) }
        if random.chance(20) { return generic(kind, scope, depth) }
        switch kind {
        case .int: return whole(scope, depth)
        case .big: return .cast(whole(scope, depth), .big)
        case .real: return real(scope, depth)
        case .decimal: return decimal(scope, depth)
        case .text: return text(scope, depth)
        case .date: return date(scope, depth)
        case .time: return time(scope, depth)
        case .bool: return condition(scope, depth: depth)
        }
    }

    mutating func literal(_ kind: Kind) -> Term {
        if random.chance(4) { return .null(kind) }
        switch kind {
        case .int: return .int(random.pick([0, 1, 2, 3, 7, -1, -2, 10, 100]))
        case .big: return .cast(.int(random.pick([0, 1, 5, -3])), .big)
        case .real: return .real(random.pick(["0", "0.5", "2.5", "-1.5", "58", "100", "NaN", "Infinity"]))
        case .decimal: return .decimal(random.pick(["0.5", "2.5", "1.25", "100.0", "10.125"]))
        case .text: return .text(random.pick(NastyData.codes + NastyData.words))
        case .date: return .date(random.pick(NastyData.days))
        case .time: return .time(random.pick(NastyData.days) + random.pick([" 00:00:00", " 12:00:00", " 23:59:59"]))
        case .bool: return .truth(random.chance(50))
        }
    }

    /// CASE, coalesce and their like, for any kind.
    private mutating func generic(_ kind: Kind, _ scope: Scope, _ depth: Int) -> Term {
        func next(_ generator: inout Generator) -> Term { generator.value(kind, scope, depth: depth - 1) }
        switch random.below(kind == .bool ? 3 : 5) {
        case 0:
            note("case")
            var branches = [
                Term.Branch(condition: condition(scope, depth: depth - 1), value: next(&self))
            ]
            if random.chance(30) {
                branches.append(.init(condition: condition(scope, depth: depth - 1), value: next(&self)))
            }
            return .choose(branches, otherwise: random.chance(70) ? next(&self) : nil)
        case 1:
            note("coalesce")
            return .call("coalesce", [next(&self), next(&self)], kind)
        case 2:
            note("nullif")
            return .call("nullif", [next(&self), next(&self)], kind)
        default:
            note("greatest, least")
            return .call(random.pick(["greatest", "least"]), [next(&self), next(&self)], kind)
        }
    }

    private mutating func whole(_ scope: Scope, _ depth: Int) -> Term {
        let next = depth - 1
        switch random.below(9) {
        case 0, 1:
            note("integer arithmetic")
            return .arithmetic(
                random.pick(["+", "-", "*"]), value(.int, scope, depth: next), value(.int, scope, depth: next))
        case 2:
            note("integer division")
            return .arithmetic(
                random.pick(["/", "%"]), value(.int, scope, depth: next), value(.int, scope, depth: next))
        case 3:
            note("length")
            return .call("length", [value(.text, scope, depth: next)], .int)
        case 4:
            note("date difference")
            return .arithmetic("-", value(.date, scope, depth: next), value(.date, scope, depth: next))
        case 5:
            note("cast to integer")
            return .cast(value(random.pick([.real, .real, .text, .decimal]), scope, depth: next), .int)
        case 6:
            note("width_bucket")
            return .bucket(value(.real, scope, depth: next), 0, 100, random.pick([4, 5, 10]))
        case 7:
            note("boolean as integer")
            return .cast(condition(scope, depth: next), .int)
        default: return .call("abs", [value(.int, scope, depth: next)], .int)
        }
    }

    private mutating func real(_ scope: Scope, _ depth: Int) -> Term {
        let next = depth - 1
        switch random.below(9) {
        case 0, 1:
            note("real arithmetic")
            return .arithmetic(
                random.pick(["+", "-", "*"]), value(.real, scope, depth: next),
                random.chance(60) ? literal(.real) : value(.int, scope, depth: next))
        case 2:
            note("real division")
            return .arithmetic("/", value(.real, scope, depth: next), value(random.pick([.real, .int]), scope, depth: next))
        case 3, 4:
            note("rounding")
            return .call(
                random.pick(["abs", "floor", "ceil", "round", "sign", "trunc"]), [value(.real, scope, depth: next)],
                .real)
        case 5, 6:
            note("date_part")
            return .part(random.pick(Self.parts), value(random.pick([.date, .time]), scope, depth: next))
        case 7:
            note("age")
            if let birth = scope.columns([.date], .birth).first {
                let events = scope.columns([.date])
                return .years(events.isEmpty || random.chance(50) ? .date("2025-12-31") : random.pick(events).term, birth.term)
            }
            return .years(value(.date, scope, depth: 0), value(.date, scope, depth: 0))
        default: return .cast(value(.int, scope, depth: next), .real)
        }
    }

    private mutating func decimal(_ scope: Scope, _ depth: Int) -> Term {
        let next = depth - 1
        switch random.below(3) {
        case 0:
            note("decimal arithmetic")
            return .arithmetic(random.pick(["+", "-", "*"]), literal(.decimal), value(.int, scope, depth: next))
        case 1:
            note("round to places")
            return .call("round", [.cast(value(.real, scope, depth: next), .decimal), .int(random.below(3))], .decimal)
        default: return .cast(value(.real, scope, depth: next), .decimal)
        }
    }

    private mutating func text(_ scope: Scope, _ depth: Int) -> Term {
        let inner = value(.text, scope, depth: depth - 1)
        note("text function")
        switch random.below(9) {
        case 0: return .arithmetic("||", inner, value(.text, scope, depth: 0))
        case 1: return .call(random.pick(["\"left\"", "\"right\""]), [inner, .int(random.pick([0, 1, 2, -1, 40]))], .text)
        case 2: return .call("substr", [inner, .int(random.pick([-1, 0, 1, 2]))], .text)
        case 3: return .call("substr", [inner, .int(random.pick([-1, 0, 1, 2])), .int(random.below(4))], .text)
        case 4: return .call(random.pick(["lower", "upper"]), [inner], .text)
        case 5: return .call("btrim", [inner], .text)
        case 6: return .call("concat", [inner, value(.text, scope, depth: 0)], .text)
        case 7: return .cast(value(random.pick([.int, .date, .bool]), scope, depth: depth - 1), .text)
        default:
            note("to_char")
            return .formatted(value(.date, scope, depth: depth - 1), random.pick(["YYYY-MM", "YYYY", "DD/MM/YYYY"]))
        }
    }

    private mutating func date(_ scope: Scope, _ depth: Int) -> Term {
        switch random.below(3) {
        case 0: return .cast(value(.time, scope, depth: depth - 1), .date)
        default:
            note("date and days")
            return .arithmetic(random.pick(["+", "-"]), value(.date, scope, depth: depth - 1), .int(random.pick([1, 30, 90, 366])))
        }
    }

    private mutating func time(_ scope: Scope, _ depth: Int) -> Term {
        switch random.below(3) {
        case 0:
            note("date_trunc")
            return .trunc(random.pick(Self.truncations), value(random.pick([.date, .time]), scope, depth: depth - 1))
        case 1:
            note("interval")
            return .shift(
                value(random.pick([.date, .time]), scope, depth: depth - 1), random.pick(["+", "-"]),
                .init(count: random.pick([1, 3, 12, 90]), unit: random.pick(["days", "months", "years", "hours"])))
        default: return .cast(value(.date, scope, depth: depth - 1), .time)
        }
    }
}
