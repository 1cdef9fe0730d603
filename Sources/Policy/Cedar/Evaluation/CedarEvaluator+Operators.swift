/// Operators, typed operands and the methods of sets and entities.
extension CedarEvaluator {
    func binary(
        _ operation: CedarExpression.Binary, _ left: CedarExpression, _ right: CedarExpression,
        _ whole: CedarExpression
    ) throws(CedarFault) -> CedarValue {
        switch operation {
        case .equal: return .bool(try evaluate(left) == evaluate(right))
        case .notEqual: return .bool(try evaluate(left) != evaluate(right))
        case .less: return .bool(try order(left, right) { $0 < $1 })
        case .lessOrEqual: return .bool(try order(left, right) { $0 <= $1 })
        case .greater: return .bool(try order(left, right) { $0 > $1 })
        case .greaterOrEqual: return .bool(try order(left, right) { $0 >= $1 })
        case .within: return .bool(try isWithin(try entity(left), right))
        case .plus: return try arithmetic(left, right, whole) { $0.addingReportingOverflow($1) }
        case .minus: return try arithmetic(left, right, whole) { $0.subtractingReportingOverflow($1) }
        case .times: return try arithmetic(left, right, whole) { $0.multipliedReportingOverflow(by: $1) }
        }
    }

    /// Longs, datetimes and durations have an order; both sides must be of one type.
    private func order(
        _ left: CedarExpression, _ right: CedarExpression, _ compare: (Int64, Int64) -> Bool
    ) throws(CedarFault) -> Bool {
        let (a, b) = (try evaluate(left), try evaluate(right))
        switch (a, b) {
        case (.long(let x), .long(let y)), (.datetime(let x), .datetime(let y)),
            (.duration(let x), .duration(let y)):
            return compare(x, y)
        case (.long, _), (.datetime, _), (.duration, _): throw typeFault(a.typeName, b, right)
        default: throw typeFault("long, datetime or duration", a, left)
        }
    }

    private func arithmetic(
        _ left: CedarExpression, _ right: CedarExpression, _ whole: CedarExpression,
        _ compute: (Int64, Int64) -> (partialValue: Int64, overflow: Bool)
    ) throws(CedarFault) -> CedarValue {
        let (result, overflow) = compute(try long(left), try long(right))
        return try checked(result, overflow, whole)
    }

    func checked(
        _ result: Int64, _ overflow: Bool, _ whole: CedarExpression
    ) throws(CedarFault) -> CedarValue {
        if overflow { throw CedarFault(.overflow, "integer overflow", at: whole.position) }
        return .long(result)
    }

    func bool(_ expression: CedarExpression) throws(CedarFault) -> Bool {
        let value = try evaluate(expression)
        guard case .bool(let result) = value else { throw typeFault("bool", value, expression) }
        return result
    }

    func long(_ expression: CedarExpression) throws(CedarFault) -> Int64 {
        let value = try evaluate(expression)
        guard case .long(let result) = value else { throw typeFault("long", value, expression) }
        return result
    }

    func string(_ expression: CedarExpression) throws(CedarFault) -> String {
        let value = try evaluate(expression)
        guard case .string(let result) = value else { throw typeFault("string", value, expression) }
        return result
    }

    func entity(_ expression: CedarExpression) throws(CedarFault) -> EntityUID {
        let value = try evaluate(expression)
        guard case .entity(let result) = value else { throw typeFault("entity", value, expression) }
        return result
    }

    func set(_ expression: CedarExpression) throws(CedarFault) -> Set<CedarValue> {
        let value = try evaluate(expression)
        guard case .set(let result) = value else { throw typeFault("set", value, expression) }
        return result
    }

    func typeFault(_ expected: String, _ found: CedarValue, _ place: CedarExpression) -> CedarFault {
        CedarFault(.type, "expected \(expected), found \(found.typeName)", at: place.position)
    }

    func method(
        _ name: String, of base: CedarExpression, _ arguments: [CedarExpression], _ whole: CedarExpression
    ) throws(CedarFault) -> CedarValue {
        switch (name, arguments.count) {
        case ("contains", 1): return .bool(try set(base).contains(try evaluate(arguments[0])))
        case ("containsAll", 1): return .bool(try set(base).isSuperset(of: try set(arguments[0])))
        case ("containsAny", 1): return .bool(!(try set(base).isDisjoint(with: try set(arguments[0]))))
        case ("isEmpty", 0): return .bool(try set(base).isEmpty)
        case ("hasTag", 1):
            let (uid, tag) = (try entity(base), try string(arguments[0]))
            return .bool(entities[uid]?.tags[CedarText(tag)] != nil)
        case ("getTag", 1):
            let (uid, tag) = (try entity(base), try string(arguments[0]))
            guard let value = entities[uid]?.tags[CedarText(tag)] else {
                throw CedarFault(.missingAttribute, "there is no such tag", at: whole.position)
            }
            return value
        default:
            var values = [try evaluate(base)]
            for argument in arguments { values.append(try evaluate(argument)) }
            return try CedarExtension.call(name, values, at: whole.position)
        }
    }
}
