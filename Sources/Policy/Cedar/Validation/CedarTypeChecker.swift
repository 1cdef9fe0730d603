/// Gives every expression of a policy a type, for one kind of request: one action with the types of its
/// principal and resource (Cedar's strict mode).
///
/// An expression without a type is wrong, and why has been noted. What cannot be reached, behind a condition
/// that is always false, is not looked at.
struct CedarTypeChecker {
    /// That an attribute or a tag is there, learned from a `has` or `hasTag` further left. The place is known by
    /// how the expression is written.
    struct Capability: Hashable {
        enum Member: Hashable {
            case attribute(CedarText)
            case tag(CedarText)
        }

        let base: CedarText
        let member: Member
    }

    typealias Known = Set<Capability>

    /// What an expression is, and what is known where it is true.
    struct Result {
        var type: CedarType?
        var known: Known = []

        init(_ type: CedarType?, _ known: Known = []) {
            self.type = type
            self.known = known
        }
    }

    let schema: CedarSchema
    let principal: String
    let action: EntityUID
    let resource: String
    let context: CedarType
    private(set) var faults: [CedarFault] = []

    init(
        schema: CedarSchema, principal: String, action: EntityUID, resource: String,
        context: [CedarText: CedarType.Field]
    ) {
        self.schema = schema
        self.principal = principal
        self.action = action
        self.resource = resource
        self.context = .record(context)
    }

    /// What all conditions of a policy together are.
    mutating func conditions(of policy: CedarPolicy) -> CedarType? {
        var (type, known, isWrong): (CedarType, Known, Bool) = (.always(true), [], false)
        for condition in policy.conditions {
            if type == .always(false) { break }
            let result = expect(condition.body, known, "Bool", \.isBool)
            guard let found = result.type else {
                isWrong = true
                continue
            }
            let part = condition.isUnless ? Self.negated(found) : found
            if !condition.isUnless { known.formUnion(result.known) }
            type = Self.conjunction(type, part)
        }
        return isWrong ? nil : type
    }

    mutating func note(_ code: CedarFault.Code, _ message: String, _ place: CedarExpression) -> Result {
        faults.append(CedarFault(code, message, at: place.position))
        return Result(nil)
    }

    /// The type of an expression that must be of a kind.
    mutating func expect(
        _ expression: CedarExpression, _ known: Known, _ kind: String, _ isKind: (CedarType) -> Bool
    ) -> Result {
        let result = check(expression, known)
        guard let type = result.type else { return result }
        guard isKind(type) else { return note(.type, "expected \(kind), found \(type)", expression) }
        return result
    }

    static func negated(_ type: CedarType) -> CedarType {
        if case .always(let value) = type { return .always(!value) }
        return .bool
    }

    private static func conjunction(_ left: CedarType, _ right: CedarType) -> CedarType {
        if left == .always(false) || right == .always(false) { return .always(false) }
        if right == .always(true) { return left }
        return left == .always(true) ? right : .bool
    }

    mutating func check(_ expression: CedarExpression, _ known: Known) -> Result {
        switch expression.kind {
        case .literal(let value): return Result(literal(value))
        case .variable(let variable): return Result(type(of: variable))
        case .and(let parts): return and(parts, known)
        case .or(let parts): return or(parts, known)
        case .not(let inner):
            return Result(expect(inner, known, "Bool", \.isBool).type.map(Self.negated))
        case .negate(let inner):
            return Result(expect(inner, known, "Long") { $0 == .long }.type)
        case .choice(let test, let yes, let no): return choice(expression, test, yes, no, known)
        case .binary(let operation, let left, let right):
            return binary(expression, operation, left, right, known)
        case .attribute(let base, let name): return attribute(expression, base, name, known)
        case .has(let base, let path): return has(expression, base, path, known)
        case .like(let inner, _):
            return Result(expect(inner, known, "String") { $0 == .string }.type.map { _ in .bool })
        case .isType(let inner, let type, let within):
            return isType(inner, type, within, known)
        case .set(let elements): return set(expression, elements, known)
        case .record(let fields): return record(fields, known)
        case .method(let base, let name, let arguments):
            return method(expression, base, name, arguments, known)
        case .function(let name, let arguments): return function(expression, name, arguments, known)
        }
    }

    /// nil where the schema does not know the entity: the validator says so once for the whole policy.
    private func literal(_ value: CedarValue) -> CedarType? {
        switch value {
        case .bool(let value): .always(value)
        case .long: .long
        case .string: .string
        case .entity(let uid):
            (uid.isAction ? schema.actions[uid] != nil : schema.entityTypes[uid.type] != nil)
                ? .entity(uid.type) : nil
        default: nil
        }
    }

    private func type(of variable: CedarExpression.Variable) -> CedarType {
        switch variable {
        case .principal: .entity(principal)
        case .action: .entity(action.type)
        case .resource: .entity(resource)
        case .context: context
        }
    }

    private mutating func and(_ parts: [CedarExpression], _ known: Known) -> Result {
        var (all, learned, isWrong) = (known, Known(), false)
        var type = CedarType.always(true)
        for part in parts {
            if type == .always(false) { break }
            let right = expect(part, all, "Bool", \.isBool)
            guard let next = right.type else {
                isWrong = true
                continue
            }
            type = Self.conjunction(type, next)
            all.formUnion(right.known)
            learned.formUnion(right.known)
        }
        if isWrong { return Result(nil) }
        return Result(type, type == .always(false) ? [] : learned)
    }

    private mutating func or(_ parts: [CedarExpression], _ known: Known) -> Result {
        var result = expect(parts[0], known, "Bool", \.isBool)
        var isWrong = result.type == nil
        for part in parts.dropFirst() {
            if result.type == .always(true) { return isWrong ? Result(nil) : result }
            let right = expect(part, known, "Bool", \.isBool)
            guard let type = right.type else {
                isWrong = true
                continue
            }
            switch (result.type ?? .bool, type) {
            case (_, .always(true)): result = right
            case (_, .always(false)): break
            case (.always(false), _): result = right
            default: result = Result(.bool, result.known.intersection(right.known))
            }
        }
        return isWrong ? Result(nil) : result
    }

    private mutating func choice(
        _ whole: CedarExpression, _ test: CedarExpression, _ yes: CedarExpression, _ no: CedarExpression,
        _ known: Known
    ) -> Result {
        let condition = expect(test, known, "Bool", \.isBool)
        if condition.type == .always(false) { return check(no, known) }
        var first = check(yes, known.union(condition.known))
        first.known.formUnion(condition.known)
        if condition.type == .always(true) { return first }
        let second = check(no, known)
        guard condition.type != nil, let left = first.type, let right = second.type else {
            return Result(nil)
        }
        guard let joined = left.joined(with: right) else {
            return note(.incompatibleTypes, "the branches are \(left) and \(right)", whole)
        }
        return Result(joined, first.known.intersection(second.known))
    }

    private mutating func set(
        _ whole: CedarExpression, _ elements: [CedarExpression], _ known: Known
    ) -> Result {
        guard !elements.isEmpty else {
            return note(.emptySet, "an empty set has no type, so it cannot stand in a policy", whole)
        }
        var joined: CedarType?
        var isWrong = false
        for element in elements {
            guard let type = check(element, known).type else {
                isWrong = true
                continue
            }
            guard let before = joined, !isWrong else {
                joined = type
                continue
            }
            joined = before.joined(with: type)
            if joined == nil {
                _ = note(.incompatibleTypes, "the set has elements of types \(before) and \(type)", whole)
                isWrong = true
            }
        }
        return isWrong ? Result(nil) : Result(joined.map(CedarType.set))
    }

    private mutating func record(_ fields: [CedarExpression.Field], _ known: Known) -> Result {
        var types: [CedarText: CedarType.Field] = [:]
        for field in fields {
            guard let type = check(field.value, known).type else { continue }
            types[field.name] = CedarType.Field(type)
        }
        return Result(types.count == fields.count ? .record(types) : nil)
    }
}
