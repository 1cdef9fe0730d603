/// Evaluates expressions over one request (Cedar reference, "Operators and functions").
///
/// Total: every expression yields a value or a `CedarFault`; depth is bounded by the parser.
struct CedarEvaluator {
    let request: CedarRequest
    let entities: CedarEntities
    private let principalAncestors: Set<EntityUID>
    let actionAncestors: Set<EntityUID>
    private let resourceAncestors: Set<EntityUID>
    /// Notes every value on the way, for `CedarTrace`; decisions go without.
    private let recorder: CedarRecorder?

    init(request: CedarRequest, entities: CedarEntities, recorder: CedarRecorder? = nil) {
        self.request = request
        self.entities = entities
        self.recorder = recorder
        principalAncestors = entities[request.principal]?.ancestors ?? []
        actionAncestors = entities[request.action]?.ancestors ?? []
        resourceAncestors = entities[request.resource]?.ancestors ?? []
    }

    /// Whether a policy applies.
    func isSatisfied(_ policy: CedarPolicy) throws(CedarFault) -> Bool {
        guard scopeMismatch(policy) == nil else { return false }
        for condition in policy.conditions where try bool(condition.body) == condition.isUnless {
            return false
        }
        return true
    }

    /// How many of the three parts of the scope hold.
    func scopeMatches(_ policy: CedarPolicy) -> Int {
        [
            Self.matches(policy.principal, request.principal, principalAncestors),
            Self.matches(policy.action, request.action, actionAncestors),
            Self.matches(policy.resource, request.resource, resourceAncestors),
        ].count(where: \.self)
    }

    /// The first variable whose part of the scope does not hold; nil where the scope holds.
    func scopeMismatch(_ policy: CedarPolicy) -> CedarExpression.Variable? {
        if !Self.matches(policy.principal, request.principal, principalAncestors) { return .principal }
        if !Self.matches(policy.action, request.action, actionAncestors) { return .action }
        if !Self.matches(policy.resource, request.resource, resourceAncestors) { return .resource }
        return nil
    }

    private static func matches(
        _ scope: CedarPolicy.Scope, _ uid: EntityUID, _ ancestors: Set<EntityUID>
    ) -> Bool {
        switch scope {
        case .any: true
        case .equal(let other): uid == other
        case .within(let other): uid == other || ancestors.contains(other)
        case .withinAny(let others): others.contains { uid == $0 || ancestors.contains($0) }
        case .isType(let type, let within):
            uid.type == type && (within.map { uid == $0 || ancestors.contains($0) } ?? true)
        case .equalSlot, .withinSlot, .isTypeWithinSlot: false
        }
    }

    func evaluate(_ expression: CedarExpression) throws(CedarFault) -> CedarValue {
        if let recorder, recorder.opens() { return try recorder.record(expression, self) }
        switch expression.kind {
        case .literal(let value): return value
        case .variable(let variable): return value(of: variable)
        case .and(let parts):
            for part in parts where !(try bool(part)) { return .bool(false) }
            return .bool(true)
        case .or(let parts):
            for part in parts where try bool(part) { return .bool(true) }
            return .bool(false)
        case .not(let inner): return .bool(!(try bool(inner)))
        case .negate(let inner):
            let (result, overflow) = Int64(0).subtractingReportingOverflow(try long(inner))
            return try checked(result, overflow, expression)
        case .choice(let test, let yes, let no): return try evaluate(try bool(test) ? yes : no)
        case .binary(let operation, let left, let right):
            return try binary(operation, left, right, expression)
        case .attribute(let base, let name): return try attribute(name, of: base, expression)
        case .has(let base, let path): return .bool(try has(base, path))
        case .like(let inner, let pattern):
            return .bool(Self.isLike(Array(try string(inner).unicodeScalars), pattern))
        case .isType(let inner, let type, let within): return .bool(try isType(inner, type, within))
        case .set(let elements):
            var values: Set<CedarValue> = []
            for element in elements { values.insert(try evaluate(element)) }
            return .set(values)
        case .record(let fields):
            var values: [CedarText: CedarValue] = [:]
            for field in fields { values[field.name] = try evaluate(field.value) }
            return .record(values)
        case .method(let base, let name, let arguments):
            return try method(name, of: base, arguments, expression)
        case .function(let name, let arguments):
            var values: [CedarValue] = []
            for argument in arguments { values.append(try evaluate(argument)) }
            return try CedarExtension.call(name, values, at: expression.position)
        }
    }

    private func value(of variable: CedarExpression.Variable) -> CedarValue {
        switch variable {
        case .principal: .entity(request.principal)
        case .action: .entity(request.action)
        case .resource: .entity(request.resource)
        case .context: .record(request.context)
        }
    }

    private func attribute(
        _ name: CedarText, of base: CedarExpression, _ whole: CedarExpression
    ) throws(CedarFault) -> CedarValue {
        let fields: [CedarText: CedarValue]
        switch try evaluate(base) {
        case .record(let record): fields = record
        case .entity(let uid):
            guard let entity = entities[uid] else {
                throw CedarFault(
                    .missingEntity, "an entity of type \(uid.type) is not known", at: whole.position)
            }
            fields = entity.attributes
        case let other: throw typeFault("record or entity", other, whole)
        }
        guard let value = fields[name] else {
            throw CedarFault(.missingAttribute, "there is no attribute '\(name)'", at: whole.position)
        }
        return value
    }

    private func has(_ base: CedarExpression, _ path: [CedarText]) throws(CedarFault) -> Bool {
        var current = try evaluate(base)
        for name in path {
            let fields: [CedarText: CedarValue]
            switch current {
            case .record(let record): fields = record
            case .entity(let uid): fields = entities[uid]?.attributes ?? [:]
            case let other: throw typeFault("record or entity", other, base)
            }
            guard let value = fields[name] else { return false }
            current = value
        }
        return true
    }

    private func isType(
        _ inner: CedarExpression, _ type: String, _ within: CedarExpression?
    ) throws(CedarFault) -> Bool {
        let uid = try entity(inner)
        guard uid.type == type else { return false }
        guard let within else { return true }
        return try isWithin(uid, within)
    }

    func isWithin(_ uid: EntityUID, _ right: CedarExpression) throws(CedarFault) -> Bool {
        switch try evaluate(right) {
        case .entity(let other): return entities.isWithin(uid, other)
        case .set(let members):
            var others: [EntityUID] = []
            for member in members {
                guard case .entity(let other) = member else { throw typeFault("entity", member, right) }
                others.append(other)
            }
            return others.contains { entities.isWithin(uid, $0) }
        case let other: throw typeFault("entity or set of entities", other, right)
        }
    }

    /// Greedy matching with one point to fall back to: linear in practice, never exponential.
    private static func isLike(_ text: [Unicode.Scalar], _ pattern: [Unicode.Scalar?]) -> Bool {
        var (t, p) = (0, 0)
        var fallback: (t: Int, p: Int)?
        while t < text.count {
            if p < pattern.count, pattern[p] == nil {
                fallback = (t, p)
                p += 1
            } else if p < pattern.count, pattern[p] == text[t] {
                t += 1
                p += 1
            } else if let point = fallback {
                fallback = (point.t + 1, point.p)
                (t, p) = (point.t + 1, point.p + 1)
            } else {
                return false
            }
        }
        return pattern[p...].allSatisfy { $0 == nil }
    }
}
