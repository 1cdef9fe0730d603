internal import Catalog
internal import Core

extension PlanWords {
    /// Deeper than this a value is not spelt out: the exact question stands beside the words.
    private static let deepest = 12

    // MARK: What is counted

    func words(_ call: AggregateCall) -> String {
        let argument = call.argument.map { value($0) }
        var text =
            switch (call.function, argument) {
            case (.count, nil): "how many records"
            case (.count, let argument?):
                if call.isDistinct, call.argument.map(isPerson) == true {
                    "how many people\(whose(call.argument))"
                } else {
                    call.isDistinct
                        ? "how many different \(argument)" : "how many records that bear \(argument)"
                }
            case (.sum, _): "the total of \(argument ?? "")"
            case (.avg, _): "the average of \(argument ?? "")"
            case (.min, _): "the smallest \(argument ?? "")"
            case (.max, _): "the largest \(argument ?? "")"
            case (.boolAnd, _): "whether always \(argument ?? "")"
            case (.boolOr, _): "whether ever \(argument ?? "")"
            default: "the \(call.function.rawValue.replacing("_", with: " ")) of \(argument ?? "")"
            }
        if let filter = call.filter {
            text += " (only where \(QuestionWords.list(Self.conjuncts(filter).map { condition($0) })))"
        }
        return text
    }

    // MARK: What must hold

    func condition(_ expression: Expression, depth: Int = 0) -> String {
        guard depth < Self.deepest else { return "a further condition holds" }
        switch expression.node {
        case .call(let function, let parts): return condition(function, parts, depth)
        case .inList(let tested, let items, let negated):
            let all = items.map { value($0, depth: depth + 1) }.joined(separator: ", ")
            return "\(value(tested, depth: depth + 1)) is \(negated ? "none" : "one") of \(all)"
        case .inCodelist(let code, let set, let negated):
            return "\(value(code, depth: depth + 1)) is \(negated ? "not " : "")\(Self.words(set))"
        case .literal(.boolean(let truth)): return truth ? "always" : "never"
        case .column(let id):
            if case .expression(let inner)? = definitions[id] { return condition(inner, depth: depth + 1) }
            return "\(value(expression, depth: depth + 1)) is yes"
        case .caseWhen, .cast, .literal: return "\(value(expression, depth: depth + 1)) is yes"
        }
    }

    private func condition(_ function: Function, _ parts: [Expression], _ depth: Int) -> String {
        func inner(_ place: Int) -> String { value(parts[place], depth: depth + 1) }
        func test(_ place: Int) -> String { condition(parts[place], depth: depth + 1) }
        switch function {
        case .and: return "(" + parts.map { condition($0, depth: depth + 1) }.joined(separator: " and ") + ")"
        case .or: return "(" + parts.map { condition($0, depth: depth + 1) }.joined(separator: " or ") + ")"
        case .not: return "it is not so that \(test(0))"
        case .isNull: return "\(inner(0)) is not recorded"
        case .isNotNull: return "\(inner(0)) is recorded"
        case .isTrue: return test(0)
        case .isNotTrue: return "it is not known that \(test(0))"
        case .isFalse: return "it is not so that \(test(0))"
        case .isNotFalse: return "it is not ruled out that \(test(0))"
        case .like, .ilike: return "\(inner(0)) is written like \(inner(1))"
        case .startsWith: return "\(inner(0)) begins with \(inner(1))"
        default: break
        }
        guard parts.count == 2, let relation = Self.relation(function, isTime: Self.isTime(parts[0].type))
        else {
            return "\(call(function, parts, depth)) is yes"
        }
        return "\(inner(0)) \(relation) \(inner(1))"
    }

    private static func isTime(_ type: ColumnType) -> Bool { type == .date || type == .timestamp }

    private static func relation(_ function: Function, isTime: Bool) -> String? {
        switch function {
        case .equal, .isNotDistinctFrom: "is"
        case .notEqual, .isDistinctFrom: "is not"
        case .less: isTime ? "is before" : "is below"
        case .lessOrEqual: isTime ? "is on or before" : "is at most"
        case .greater: isTime ? "is after" : "is above"
        case .greaterOrEqual: isTime ? "is on or after" : "is at least"
        default: nil
        }
    }

    private static func words(_ set: CodeSet) -> String {
        switch set {
        case .codelist(let name):
            let parts = name.split(separator: "@", maxSplits: 1).map(String.init)
            return "on the codelist ‘\(parts[0])’" + (parts.count > 1 ? " (version \(parts[1]))" : "")
        case .descendants(let set): return "\(set.concept) of \(set.terminology.key), or a kind of it"
        }
    }

    // MARK: Values

    func value(_ expression: Expression, depth: Int = 0) -> String {
        guard depth < Self.deepest else { return "a value worked out from others" }
        switch expression.node {
        case .column(let id):
            if let name = names[id] { return name }
            switch definitions[id] {
            case .words(let words)?: return words
            case .expression(let inner)?: return value(inner, depth: depth + 1)
            case nil: return "a value"
            }
        case .literal(let literal): return Self.words(literal)
        case .call(let function, let parts): return call(function, parts, depth)
        case .caseWhen(let branches, let otherwise):
            var parts = branches.map {
                "\(value($0.value, depth: depth + 1)) where \(condition($0.condition, depth: depth + 1))"
            }
            if let otherwise { parts.append("otherwise \(value(otherwise, depth: depth + 1))") }
            return "one of [\(parts.joined(separator: "; "))]"
        case .cast(let inner):
            let text = value(inner, depth: depth + 1)
            return expression.type == .date && inner.type == .timestamp ? "the day of \(text)" : text
        case .inList, .inCodelist: return "whether \(condition(expression, depth: depth + 1))"
        }
    }

    private static func words(_ literal: Value) -> String {
        switch literal {
        case .null: "nothing"
        case .boolean(let truth): truth ? "yes" : "no"
        case .text(let text): "‘\(text)’"
        default: literal.text
        }
    }

    private func call(_ function: Function, _ parts: [Expression], _ depth: Int) -> String {
        func inner(_ place: Int) -> String { value(parts[place], depth: depth + 1) }
        func both(_ word: String) -> String { "(\(inner(0)) \(word) \(inner(1)))" }
        func all() -> String { QuestionWords.list(parts.map { value($0, depth: depth + 1) }) }
        switch function {
        case .and, .or, .not, .isNull, .isNotNull, .isTrue, .isNotTrue, .isFalse, .isNotFalse, .equal,
            .notEqual, .less, .lessOrEqual, .greater, .greaterOrEqual, .isDistinctFrom, .isNotDistinctFrom,
            .like, .ilike:
            return "whether \(condition(function, parts, depth))"
        case .add: return both("plus")
        case .subtract: return both("minus")
        case .multiply: return both("times")
        case .divide: return both("divided by")
        case .modulo: return "the rest of \(inner(0)) divided by \(inner(1))"
        case .negate: return "minus \(inner(0))"
        case .concatenate, .concat: return "\(all()) written together"
        case .coalesce: return "the first that is recorded of \(all())"
        case .greatest: return "the greatest of \(all())"
        case .least: return "the least of \(all())"
        case .nullif: return "\(inner(0)) unless it is \(inner(1))"
        case .age: return "the time from \(inner(1)) to \(inner(0))"
        case .datePart, .extract: return part(parts, depth)
        case .dateTrunc: return "the \(Self.plain(parts[0])) of \(inner(1))"
        default:
            return "\(function.rawValue.replacing("_", with: " ")) of \(all())"
        }
    }

    private func part(_ parts: [Expression], _ depth: Int) -> String {
        let field = Self.plain(parts[0])
        if case .call(.age, let ends) = parts[1].node, field == "year", ends.count == 2 {
            let (end, start) = (value(ends[0], depth: depth + 1), value(ends[1], depth: depth + 1))
            return "whole years from \(start) to \(end)"
        }
        return "the \(field) of \(value(parts[1], depth: depth + 1))"
    }

    /// A literal without quotes.
    private static func plain(_ expression: Expression) -> String {
        if case .literal(let value) = expression.node { return value.text }
        return "part"
    }
}
