extension Question {
    /// Smaller questions, the smallest first. Not all mean something: what the oracle refuses is no reduction.
    var reductions: [Question] {
        var result: [Question] = []
        func with(_ change: (inout Question) -> Void) {
            var copy = self
            change(&copy)
            if copy != self { result.append(copy) }
        }
        for body in body.inner { result.append(Question(body: body)) }
        with { $0.order = nil; $0.limit = nil; $0.offset = 0 }
        with { $0.limit = nil; $0.offset = 0 }
        with { $0.usesWith = false }
        for body in body.reductions {
            with {
                $0.body = body
                if $0.order?.count != body.columns.count { $0.order = nil; $0.limit = nil; $0.offset = 0 }
            }
        }
        return result
    }
}

extension Released {
    /// What it is made of.
    var inner: [Released] {
        switch self {
        case .cut: []
        case .filtered(let input, _), .computed(let input, _, _), .regrouped(let input, _, _): [input]
        case .series(_, _, let input, _, _): [input]
        case .joined(_, let left, let right, _, _), .combined(_, let left, let right): [left, right]
        case .compared(let left, _, _, let right): [left, right]
        }
    }

    var reductions: [Released] {
        switch self {
        case .cut(let cut): cut.reductions.map(Released.cut)
        case .filtered(let input, let condition):
            input.reductions.map { .filtered($0, condition) } + condition.reductions.map { .filtered(input, $0) }
        case .computed(let input, let columns, let isDistinct):
            (isDistinct ? [.computed(input, columns, isDistinct: false)] : [])
                + shorter(columns).map { .computed(input, $0, isDistinct: isDistinct) }
                + input.reductions.map { .computed($0, columns, isDistinct: isDistinct) }
                + reduced(columns).map { .computed(input, $0, isDistinct: isDistinct) }
        case .joined(let join, let left, let right, let on, let columns):
            shorter(columns).map { .joined(join, left, right, on: on, $0) }
                + left.reductions.map { .joined(join, $0, right, on: on, columns) }
                + right.reductions.map { .joined(join, left, $0, on: on, columns) }
        case .combined(let words, let left, let right):
            left.reductions.map { .combined(words, $0, right) } + right.reductions.map { .combined(words, left, $0) }
        case .regrouped(let input, let keys, let values):
            shorter(values).map { .regrouped(input, keys: keys, values: $0) }
                + (keys.isEmpty ? [] : [.regrouped(input, keys: [], values: values)])
                + input.reductions.map { .regrouped($0, keys: keys, values: values) }
        case .compared(let left, let column, let symbol, let right):
            left.reductions.map { .compared($0, column, symbol, right) }
                + right.reductions.map { .compared(left, column, symbol, $0) }
        case .series(let low, let high, let input, let key, let columns):
            input.reductions.map { .series(low, high, $0, key, columns) }
        }
    }
}

extension Cut {
    var reductions: [Cut] {
        var result: [Cut] = []
        func with(_ change: (inout Cut) -> Void) {
            var copy = self
            change(&copy)
            if copy != self { result.append(copy) }
        }
        with { $0.having = nil }
        with { $0.sets = .plain }
        for values in shorter(values) { with { $0.values = values } }
        for keys in without(keys) { with { $0.keys = keys } }
        for body in body.reductions { with { $0.body = body } }
        for keys in reduced(keys) { with { $0.keys = keys } }
        for values in reduced(values) { with { $0.values = values } }
        return result
    }
}

extension PersonRows.Body {
    var reductions: [Self] {
        var result: [Self] = []
        for place in filter.indices { var copy = self; copy.filter.remove(at: place); result.append(copy) }
        for place in items.indices where items.count > 1 { var copy = self; copy.items.remove(at: place); result.append(copy) }
        for place in items.indices {
            func with(_ change: (inout Item) -> Void) {
                var copy = self
                change(&copy.items[place])
                if copy != self { result.append(copy) }
            }
            with { $0.join = .inner }
            with { if $0.isAboutPeople { $0.on = [] } }
            if case .people(let rows) = items[place].source {
                for rows in rows.reductions { with { $0.source = .people(rows) } }
            }
            for (index, term) in items[place].on.enumerated() {
                for term in term.reductions { with { $0.on[index] = term } }
            }
        }
        for (place, term) in filter.enumerated() {
            for term in term.reductions { var copy = self; copy.filter[place] = term; result.append(copy) }
        }
        return result
    }
}

extension PersonRows {
    var reductions: [PersonRows] {
        switch self {
        case .rows(let body, let columns, let isDistinct):
            (isDistinct ? [.rows(body, columns, isDistinct: false)] : [])
                + without(columns).map { .rows(body, $0, isDistinct: isDistinct) }
                + body.reductions.map { .rows($0, columns, isDistinct: isDistinct) }
                + reduced(columns).map { .rows(body, $0, isDistinct: isDistinct) }
        case .grouped(let body, let keys, let values, let having):
            (having == nil ? [] : [.grouped(body, keys: keys, values: values, having: nil)])
                + (keys.isEmpty ? [] : [.grouped(body, keys: [], values: values, having: having)])
                + without(values).map { .grouped(body, keys: keys, values: $0, having: having) }
                + body.reductions.map { .grouped($0, keys: keys, values: values, having: having) }
                + reduced(values).map { .grouped(body, keys: keys, values: $0, having: having) }
        case .first(let body, let columns, let order):
            body.reductions.map { .first($0, columns, order: order) }
        case .combined(let words, let left, let right):
            [left, right] + left.reductions.map { .combined(words, $0, right) }
                + right.reductions.map { .combined(words, left, $0) }
        }
    }
}

extension Term {
    /// Its parts of the same kind, a literal, and itself with one part reduced.
    var reductions: [Term] {
        var result = parts.filter { $0.kind == kind }
        for (place, part) in parts.enumerated() {
            for smaller in part.reductions + (part.simplest.map { [$0] } ?? []) where smaller.kind == part.kind {
                result.append(replacing(place, by: smaller))
            }
        }
        switch self {
        case .exists(let inner, let negated) where !inner.filter.isEmpty:
            var plain = inner
            plain.filter = []
            result.append(.exists(plain, negated: negated))
        case .personIn(let inner, let negated) where !inner.filter.isEmpty:
            var plain = inner
            plain.filter = []
            result.append(.personIn(plain, negated: negated))
        case .scalar(let inner):
            var plain = inner
            plain.filter = []
            if plain != inner { result.append(.scalar(plain)) }
            if case .aggregate(var call)? = inner.value, call.filter != nil {
                call.filter = nil
                plain = inner
                plain.value = .aggregate(call)
                result.append(.scalar(plain))
            }
            for value in inner.value?.reductions ?? [] where value.kind == inner.value?.kind {
                plain = inner
                plain.value = value
                result.append(.scalar(plain))
            }
        case .aggregate(var call):
            if call.filter != nil {
                call.filter = nil
                result.append(.aggregate(call))
            }
        case .window(let call):
            for place in call.order.indices where call.order.count > 1 {
                var shorter = call
                shorter.order.remove(at: place)
                result.append(.window(shorter))
            }
        default: break
        }
        return result
    }

    private var simplest: Term? {
        switch self {
        case .column, .int, .real, .decimal, .text, .date, .time, .truth, .null: nil
        default:
            switch kind {
            case .int: .int(1)
            case .bool: .truth(true)
            case .text: .text("a")
            case .real: .real("1")
            case .date: .date("2020-02-29")
            default: nil
            }
        }
    }

    /// The terms directly below, in order.
    var parts: [Term] {
        switch self {
        case .arithmetic(_, let a, let b), .compare(_, let a, let b), .years(let a, let b): [a, b]
        case .negate(let a), .not(let a), .test(_, let a), .cast(let a, _), .part(_, let a), .trunc(_, let a),
            .shift(let a, _, _), .formatted(let a, _), .bucket(let a, _, _, _), .inCodelist(let a, _, _),
            .like(let a, _, _), .quantified(let a, _, _, _):
            [a]
        case .and(let list), .or(let list), .call(_, let list, _), .grouping(let list): list
        case .inList(let a, let list, _): [a] + list
        case .between(let a, let b, let c, _): [a, b, c]
        case .choose(let branches, let otherwise):
            branches.flatMap { [$0.condition, $0.value] } + (otherwise.map { [$0] } ?? [])
        case .aggregate(let call): [call.argument, call.filter].compactMap(\.self)
        case .window(let call): call.arguments
        default: []
        }
    }

    private func replacing(_ place: Int, by part: Term) -> Term {
        var list = parts
        list[place] = part
        switch self {
        case .arithmetic(let symbol, _, _): return .arithmetic(symbol, list[0], list[1])
        case .compare(let symbol, _, _): return .compare(symbol, list[0], list[1])
        case .years: return .years(list[0], list[1])
        case .negate: return .negate(list[0])
        case .not: return .not(list[0])
        case .test(let words, _): return .test(words, list[0])
        case .cast(_, let kind): return .cast(list[0], kind)
        case .part(let field, _): return .part(field, list[0])
        case .trunc(let field, _): return .trunc(field, list[0])
        case .shift(_, let symbol, let interval): return .shift(list[0], symbol, interval)
        case .formatted(_, let pattern): return .formatted(list[0], pattern)
        case .bucket(_, let low, let high, let count): return .bucket(list[0], low, high, count)
        case .inCodelist(_, let name, let negated): return .inCodelist(list[0], name, negated: negated)
        case .like(_, let pattern, let word): return .like(list[0], pattern, word: word)
        case .quantified(_, let symbol, let word, let inner): return .quantified(list[0], symbol, word, inner)
        case .and: return .and(list)
        case .or: return .or(list)
        case .call(let name, _, let kind): return .call(name, list, kind)
        case .grouping: return .grouping(list)
        case .inList(_, _, let negated): return .inList(list[0], Array(list.dropFirst()), negated: negated)
        case .between(_, _, _, let words): return .between(list[0], list[1], list[2], words: words)
        case .choose(let branches, let otherwise):
            let made = branches.indices.map { Branch(condition: list[2 * $0], value: list[2 * $0 + 1]) }
            return .choose(made, otherwise: otherwise == nil ? nil : list.last)
        case .aggregate(var call):
            if call.argument != nil { call.argument = list.removeFirst() }
            if call.filter != nil { call.filter = list[0] }
            return .aggregate(call)
        case .window(var call):
            call.arguments = list
            return .window(call)
        default: return self
        }
    }
}

/// Lists with one element less, never empty.
private func shorter(_ columns: [Named]) -> [[Named]] { columns.count > 1 ? without(columns) : [] }

/// Lists with one element less.
private func without(_ columns: [Named]) -> [[Named]] {
    columns.indices.map { place in
        var copy = columns
        copy.remove(at: place)
        return copy
    }
}

/// Lists with one element reduced.
private func reduced(_ columns: [Named]) -> [[Named]] {
    columns.indices.flatMap { place in
        columns[place].term.reductions.map { term in
            var copy = columns
            copy[place].term = term
            return copy
        }
    }
}
