import Core

/// The names, days and numbers that policies mention: where their decisions may turn.
struct PolicyConstants {
    /// Type -> identifiers, e.g. `Purpose` -> `planning`.
    private(set) var entities: [String: Set<String>] = [:]
    /// Attribute -> the strings it is compared with.
    private(set) var strings: [String: Set<String>] = [:]
    private(set) var numbers: Set<Int64> = []
    private(set) var days: Set<CivilDate> = []

    init(_ engines: [PolicyEngine]) {
        for engine in engines {
            for policy in engine.policies.policies { take(policy, engine) }
        }
    }

    private mutating func take(_ policy: CedarPolicy, _ engine: PolicyEngine) {
        for scope in [policy.principal, policy.action, policy.resource] {
            switch scope {
            case .equal(let uid), .within(let uid), .isType(_, within: let uid?): take(uid)
            case .withinAny(let uids): for uid in uids { take(uid) }
            default: break
            }
        }
        if let day = engine.lastDay(of: policy) { days.insert(day) }
        var found: [CedarExpression] = []
        for condition in policy.conditions { condition.body.walk { found.append($0) } }
        for expression in found {
            for (attribute, text, _) in NameCheck.comparisons(expression) {
                strings[attribute.string, default: []].insert(text)
            }
            switch expression.kind {
            case .literal(.entity(let uid)): take(uid)
            case .literal(.long(let number)): numbers.insert(number)
            case .function("datetime", let arguments):
                if case .literal(.string(let text))? = arguments.first?.kind,
                    let day = CivilDate(String(text.prefix(10)))
                {
                    days.insert(day)
                }
            default: break
            }
        }
    }

    private mutating func take(_ uid: EntityUID) { entities[uid.type, default: []].insert(uid.id) }
}
