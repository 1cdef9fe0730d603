/// Checks policies against a schema before any request (Cedar's strict validation).
///
/// What passes never fails for a type or a missing attribute when it is evaluated over entities and requests
/// that conform to the schema; it may still overflow, and an entity may be unknown.
package struct CedarValidator: Sendable {
    /// Something that is wrong with a policy, or worth a look.
    package struct Finding: Sendable, Hashable, CustomStringConvertible {
        package let policy: String
        package let fault: CedarFault
        package let isWarning: Bool

        package var position: CedarPosition? { fault.position }

        package var description: String { "\(isWarning ? "warning: " : "")\(policy): \(fault)" }
    }

    package let schema: CedarSchema

    package init(_ schema: CedarSchema) { self.schema = schema }

    /// All findings, policy by policy, in the order of the text. No errors among them: the set is valid.
    package func validate(_ set: CedarPolicySet) -> [Finding] {
        var findings: [Finding] = []
        for policy in set.policies + set.templates {
            findings += policy.link == nil ? validate(policy) : validateLink(policy)
        }
        return findings
    }

    /// Whether a set has no errors.
    package func isValid(_ set: CedarPolicySet) -> Bool { validate(set).allSatisfy(\.isWarning) }

    /// The findings of one policy or template.
    package func validate(_ policy: CedarPolicy) -> [Finding] {
        var faults = literalFaults(policy)
        if !isApplicable(policy) {
            faults.append(
                CedarFault(
                    .notApplicable, "no action of the schema applies to this scope", at: policy.position))
        }
        let (typeFaults, isImpossible) = types(of: policy)
        faults += typeFaults
        var findings = Self.unique(faults).map { Finding(policy: policy.id, fault: $0, isWarning: false) }
        if isImpossible {
            let fault = CedarFault(.impossible, "the policy can never apply", at: policy.position)
            findings.append(Finding(policy: policy.id, fault: fault, isWarning: true))
        }
        findings += confusables(policy).map { Finding(policy: policy.id, fault: $0, isWarning: true) }
        return findings
    }

    /// A linked template: the template is checked by itself, here only what is in its slots.
    private func validateLink(_ policy: CedarPolicy) -> [Finding] {
        var faults: [CedarFault] = []
        for uid in [policy.link?.principal, policy.link?.resource].compactMap({ $0 })
        where !uid.isAction && schema.entityTypes[uid.type] == nil {
            faults.append(
                CedarFault(.unknownType, "there is no entity type \(uid.type)", at: policy.position))
        }
        if !isApplicable(policy) {
            faults.append(
                CedarFault(
                    .notApplicable, "no action of the schema applies to this scope", at: policy.position))
        }
        return faults.map { Finding(policy: policy.id, fault: $0, isWarning: false) }
    }

    private static func unique(_ faults: [CedarFault]) -> [CedarFault] {
        var seen: Set<CedarFault> = []
        let different = faults.filter { seen.insert($0).inserted }
        func place(_ fault: CedarFault) -> (Int, Int) {
            (fault.position?.line ?? 0, fault.position?.column ?? 0)
        }
        return different.enumerated().sorted { a, b in
            place(a.element) == place(b.element) ? a.offset < b.offset : place(a.element) < place(b.element)
        }.map(\.element)
    }

    // MARK: Names

    /// Entities and types that the schema does not know.
    private func literalFaults(_ policy: CedarPolicy) -> [CedarFault] {
        var faults: [CedarFault] = []
        for scope in [policy.principal, policy.action, policy.resource] {
            switch scope {
            case .equal(let uid), .within(let uid): faults += check(uid, policy.position)
            case .withinAny(let uids): for uid in uids { faults += check(uid, policy.position) }
            case .isType(let type, let group):
                faults += check(type, policy.position)
                if let group { faults += check(group, policy.position) }
            case .isTypeWithinSlot(let type): faults += check(type, policy.position)
            case .any, .equalSlot, .withinSlot: break
            }
        }
        for condition in policy.conditions {
            condition.body.walk { expression in
                if let uid = expression.entityLiteral { faults += check(uid, expression.position) }
                if case .isType(_, let type, _) = expression.kind {
                    faults += check(type, expression.position)
                }
            }
        }
        return faults
    }

    private func check(_ type: String, _ position: CedarPosition) -> [CedarFault] {
        if CedarName.isAction(type) || schema.entityTypes[type] != nil { return [] }
        return [CedarFault(.unknownType, "there is no entity type \(type)", at: position)]
    }

    private func check(_ uid: EntityUID, _ position: CedarPosition) -> [CedarFault] {
        if uid.isAction {
            if schema.actions[uid] != nil { return [] }
            return [CedarFault(.unknownAction, "there is no action \(uid)", at: position)]
        }
        guard let type = schema.entityTypes[uid.type] else { return check(uid.type, position) }
        guard let choices = type.enumeration, !choices.contains(CedarText(uid.id)) else { return [] }
        return [
            CedarFault(.notInEnumeration, "\(uid) is not one that the schema lists", at: position)
        ]
    }

    // MARK: Scope

    /// Whether some action of the scope applies to a principal and a resource of the scope.
    private func isApplicable(_ policy: CedarPolicy) -> Bool {
        schema.actions.contains { uid, action in
            matches(policy.action, uid) && action.principals.contains { mayMatch(policy.principal, $0) }
                && action.resources.contains { mayMatch(policy.resource, $0) }
        }
    }

    private func matches(_ scope: CedarPolicy.Scope, _ action: EntityUID) -> Bool {
        switch scope {
        case .equal(let uid): action == uid
        case .within(let uid): schema.isAction(action, within: uid)
        case .withinAny(let uids): uids.contains { schema.isAction(action, within: $0) }
        default: true
        }
    }

    /// Whether an entity of a type may be what the scope asks for.
    private func mayMatch(_ scope: CedarPolicy.Scope, _ type: String) -> Bool {
        switch scope {
        case .any, .equalSlot, .withinSlot: true
        case .equal(let uid): uid.type == type
        case .within(let uid): schema.canBe(type, within: uid.type)
        case .withinAny(let uids): uids.contains { schema.canBe(type, within: $0.type) }
        case .isType(let name, let group):
            name == type && (group.map { schema.canBe(type, within: $0.type) } ?? true)
        case .isTypeWithinSlot(let name): name == type
        }
    }

    // MARK: Types

    /// The type faults over all kinds of request, and whether none of them can satisfy the policy.
    private func types(of policy: CedarPolicy) -> (faults: [CedarFault], isImpossible: Bool) {
        var faults: [CedarFault] = []
        var isImpossible = true
        for (uid, action) in schema.actions where matches(policy.action, uid) {
            for principal in action.principals where mayMatch(policy.principal, principal) {
                for resource in action.resources where mayMatch(policy.resource, resource) {
                    var checker = CedarTypeChecker(
                        schema: schema, principal: principal, action: uid, resource: resource,
                        context: action.context)
                    let type = checker.conditions(of: policy)
                    faults += checker.faults
                    if type != .always(false) { isImpossible = false }
                }
            }
        }
        return (faults, isImpossible)
    }
}

/// Texts that look like others.
extension CedarValidator {
    /// Strings and identifiers of entities with characters that do not show, or of more than one script.
    private func confusables(_ policy: CedarPolicy) -> [CedarFault] {
        var faults: [CedarFault] = []
        func check(_ text: String, _ position: CedarPosition) {
            if text.utf8.allSatisfy({ $0 < 0x80 }) { return }
            let hidden = text.unicodeScalars.contains { scalar in
                scalar.properties.generalCategory == .format
                    || scalar.properties.isDefaultIgnorableCodePoint
            }
            if hidden {
                faults.append(
                    CedarFault(.confusable, "a string has characters that do not show", at: position))
            }
        }
        for scope in [policy.principal, policy.action, policy.resource] {
            switch scope {
            case .equal(let uid), .within(let uid), .isType(_, let uid?): check(uid.id, policy.position)
            case .withinAny(let uids): for uid in uids { check(uid.id, policy.position) }
            default: break
            }
        }
        for condition in policy.conditions {
            condition.body.walk { expression in
                switch expression.kind {
                case .literal(.string(let text)): check(text, expression.position)
                case .literal(.entity(let uid)): check(uid.id, expression.position)
                default: break
                }
            }
        }
        return faults
    }
}
