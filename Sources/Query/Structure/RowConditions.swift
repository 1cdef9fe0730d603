import Core

/// Which kinds of row a set of conditions tells apart: every row of a table is of exactly one kind, and fulfils exactly
/// those conditions that its kind fulfils.
///
/// Each thing that conditions compare with constants has a place for each constant, for what lies between two of them,
/// and for NULL; anything else is true, false or NULL as it likes. So `sex = 'male'`, `sex <> 'male'` and `sex IS NULL`
/// are known to exclude each other and to leave nobody out, and `age < 40` to be part of `age < 60`.
struct RowConditions {
    /// What a row may be, by the place of each thing that is compared.
    private typealias Kind = [Int]

    private static let most = 4_096

    private let texts: PlanText
    private var subjects: [String: Int] = [:]
    /// Constants of each subject, ascending; nil for what is only true, false or NULL.
    private var constants: [[Value]?] = []

    init(_ texts: PlanText) { self.texts = texts }

    /// Makes the constants of a condition known.
    mutating func take(_ condition: Expression) {
        switch condition.node {
        case .call(let function, let arguments):
            switch function {
            case .and, .or, .not, .isTrue, .isNotTrue, .isFalse, .isNotFalse:
                for argument in arguments { take(argument) }
            case .isNull, .isNotNull:
                arguments[0].type == .boolean ? take(arguments[0]) : note(arguments[0], [])
            default:
                guard let (subject, _, value) = Self.comparison(function, arguments) else {
                    return noteWhole(condition)
                }
                subject.type == .boolean ? take(subject) : note(subject, [value])
            }
        case .inList(let subject, let items, _):
            let values = items.compactMap(\.constant)
            guard values.count == items.count, subject.type != .boolean else { return noteWhole(condition) }
            note(subject, values)
        case .literal: break
        default: noteWhole(condition)
        }
    }

    private mutating func note(_ subject: Expression, _ values: [Value]) {
        let place = place(of: subject)
        for value in values where !(constants[place] ?? []).contains(value) {
            constants[place] = (constants[place] ?? []) + [value]
        }
        constants[place] = constants[place] ?? []
    }

    private mutating func noteWhole(_ condition: Expression) { _ = place(of: condition) }

    private mutating func place(of subject: Expression) -> Int {
        let text = texts.text(of: subject.withoutSafeCasts)
        if let known = subjects[text] { return known }
        subjects[text] = constants.count
        constants.append(nil)
        return constants.count - 1
    }

    /// What a condition compares with constants, if it is one thing; and the constant, where it must be equal to one.
    static func subject(of condition: Expression) -> (expression: Expression, value: Value?)? {
        switch condition.node {
        case .call(let function, let sides):
            guard let (subject, function, value) = comparison(function, sides), value != .null else {
                return nil
            }
            let literal = sides.first { $0.constant != nil }?.literal
            return (subject.withoutSafeCasts, function == .equal ? literal : nil)
        case .inList(let subject, let items, false):
            return items.allSatisfy { $0.constant != nil } ? (subject.withoutSafeCasts, nil) : nil
        default: return nil
        }
    }

    private static func comparison(
        _ function: Function, _ sides: [Expression]
    ) -> (subject: Expression, function: Function, value: Value)? {
        guard sides.count == 2 else { return nil }
        let mirrored: [Function: Function] = [
            .equal: .equal, .notEqual: .notEqual, .less: .greater, .greater: .less,
            .lessOrEqual: .greaterOrEqual, .greaterOrEqual: .lessOrEqual,
            .isDistinctFrom: .isDistinctFrom, .isNotDistinctFrom: .isNotDistinctFrom,
        ]
        guard let other = mirrored[function] else { return nil }
        if let value = sides[1].constant { return (sides[0], function, value) }
        return sides[0].constant.map { (sides[1], other, $0) }
    }

    /// Of each set of conditions that hold together, the kinds of row that fulfil it; nil where they are too many.
    ///
    /// Kinds that no set tells apart are one.
    func kinds(of sets: [[Expression]]) -> [[Int]]? {
        var sorted = constants
        var sizes: [Int] = []
        for place in constants.indices {
            guard let values = constants[place] else {
                sizes.append(3)
                continue
            }
            guard let ordered = Self.ascending(values) else { return nil }
            sorted[place] = ordered
            // Before, at and after each constant, and NULL at the end.
            sizes.append(2 * ordered.count + 2)
        }
        let count = sizes.reduce(1) { $0.multipliedReportingOverflow(by: $1).overflow ? Int.max : $0 * $1 }
        guard count <= Self.most, sets.count <= 62 else { return nil }
        var known: [UInt64: Int] = [:]
        for number in 0..<count {
            var (rest, kind) = (number, Kind())
            for size in sizes {
                kind.append(rest % size)
                rest /= size
            }
            var signature: UInt64 = 0
            for (place, set) in sets.enumerated() {
                if set.allSatisfy({ holds($0, kind, sorted) == true }) { signature |= 1 << UInt64(place) }
            }
            if signature != 0, known[signature] == nil { known[signature] = known.count }
        }
        return sets.indices.map { place in
            known.filter { $0.key & 1 << UInt64(place) != 0 }.map(\.value).sorted()
        }
    }

    /// nil for NULL.
    private func holds(_ condition: Expression, _ kind: Kind, _ constants: [[Value]?]) -> Bool? {
        switch condition.node {
        case .literal(let value): return value == .null ? nil : value == .boolean(true)
        case .call(let function, let arguments):
            switch function {
            case .and, .or:
                let all = arguments.map { holds($0, kind, constants) }
                let decisive = function == .or
                return all.contains(decisive) ? decisive : all.contains(nil) ? nil : !decisive
            case .not: return holds(arguments[0], kind, constants).map { !$0 }
            case .isTrue: return holds(arguments[0], kind, constants) == true
            case .isNotTrue: return holds(arguments[0], kind, constants) != true
            case .isFalse: return holds(arguments[0], kind, constants) == false
            case .isNotFalse: return holds(arguments[0], kind, constants) != false
            case .isNull, .isNotNull:
                let isNull =
                    arguments[0].type == .boolean
                    ? holds(arguments[0], kind, constants) == nil : isNull(arguments[0], kind, constants)
                return isNull == (function == .isNull)
            default:
                guard let (subject, function, value) = Self.comparison(function, arguments) else {
                    return whole(condition, kind)
                }
                guard subject.type != .boolean else {
                    let other: Bool? = value == Value.null ? nil : value == Value.boolean(true)
                    return Self.compare(holds(subject, kind, constants), function, other)
                }
                return compare(subject, function, value, kind, constants)
            }
        case .inList(let subject, let items, let negated):
            let values = items.compactMap(\.constant)
            guard values.count == items.count, subject.type != .boolean else { return whole(condition, kind) }
            let found = values.map { compare(subject, .equal, $0, kind, constants) }
            if found.contains(true) { return !negated }
            return found.contains(nil) ? nil : negated
        default: return whole(condition, kind)
        }
    }

    private func whole(_ condition: Expression, _ kind: Kind) -> Bool? {
        guard let place = subjects[texts.text(of: condition.withoutSafeCasts)] else { return nil }
        return [true, false, nil][min(kind[place], 2)]
    }

    private func isNull(_ subject: Expression, _ kind: Kind, _ constants: [[Value]?]) -> Bool {
        guard let place = subjects[texts.text(of: subject.withoutSafeCasts)], let values = constants[place]
        else { return false }
        return kind[place] == 2 * values.count + 1
    }

    private func compare(
        _ subject: Expression, _ function: Function, _ value: Value, _ kind: Kind, _ constants: [[Value]?]
    ) -> Bool? {
        guard let place = subjects[texts.text(of: subject.withoutSafeCasts)], let values = constants[place]
        else { return nil }
        let isNull = kind[place] == 2 * values.count + 1
        switch function {
        case .isDistinctFrom, .isNotDistinctFrom:
            if value == .null { return isNull == (function == .isNotDistinctFrom) }
        default: if isNull || value == .null { return nil }
        }
        guard let own = values.firstIndex(of: value) else { return nil }
        let (at, here) = (2 * own + 1, isNull ? -1 : kind[place])
        switch function {
        case .equal, .isNotDistinctFrom: return here == at
        case .notEqual, .isDistinctFrom: return here != at
        case .less: return here < at
        case .lessOrEqual: return here <= at
        case .greater: return here > at
        default: return here >= at
        }
    }

    /// Truth values with each other.
    private static func compare(_ left: Bool?, _ function: Function, _ right: Bool?) -> Bool? {
        switch function {
        case .isDistinctFrom: return left != right
        case .isNotDistinctFrom: return left == right
        default: break
        }
        guard let left, let right else { return nil }
        switch function {
        case .equal: return left == right
        case .notEqual: return left != right
        case .less: return !left && right
        case .lessOrEqual: return !left || right
        case .greater: return left && !right
        default: return left || !right
        }
    }

    /// nil where the values are of several types.
    private static func ascending(_ values: [Value]) -> [Value]? {
        let real = values.filter { $0 != .null }
        if real.allSatisfy({ $0.order != nil }) {
            return real.sorted { ($0.order ?? 0) < ($1.order ?? 0) }
        }
        let texts = real.compactMap { if case .text(let text) = $0 { text } else { nil } }
        guard texts.count == real.count else { return nil }
        return texts.sorted { Array($0.utf8).lexicographicallyPrecedes(Array($1.utf8)) }.map(Value.text)
    }
}

extension Value {
    /// Numbers and times by their size.
    fileprivate var order: Double? {
        switch self {
        case .integer(let value), .timestamp(let value): Double(value)
        case .double(let value): value
        case .date(let day): Double(day)
        case .boolean(let value): value ? 1 : 0
        default: nil
        }
    }
}

extension Expression {
    /// A constant, with its sign; numbers as one type, so that 1 and 1.0 are the same.
    var constant: Value? {
        switch withoutCasts.node {
        case .literal(let value): value.number.map(Value.double) ?? value
        default: constantNumber.map(Value.double)
        }
    }

    /// The expression below casts that change no value.
    var withoutSafeCasts: Expression {
        guard case .cast(let inner) = node, inner.type.isNumeric || inner.type == .text,
            type == .double || type == .numeric || type == .bigint && inner.type.isInteger
                || type == .text && inner.type == .text
        else { return self }
        return inner.withoutSafeCasts
    }
}
