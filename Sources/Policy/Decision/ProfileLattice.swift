/// What this room must know of disclosure profiles: which names there are, and which of them hold together.
///
/// Profiles are `Disclosure`'s business; `Node` fills this in, so that a policy that cannot be enforced is an
/// error when it is loaded and not when somebody asks.
package struct ProfileLattice: Sendable {
    package let isKnown: @Sendable (String) -> Bool
    /// Why profiles, all of them known, cannot hold together, in words; nil where they can.
    package let conflict: @Sendable (Set<String>) -> String?

    package init(
        isKnown: @escaping @Sendable (String) -> Bool,
        conflict: @escaping @Sendable (Set<String>) -> String?
    ) {
        self.isKnown = isKnown
        self.conflict = conflict
    }

    /// A policy with the file it stands in.
    struct Origin {
        let file: String
        let policy: CedarPolicy
    }

    /// Refuses names that are not known, and permits that may apply together but whose profiles cannot.
    func check(_ policies: [Origin]) throws(PolicyFault) {
        var seen: [(origin: Origin, annotation: CedarPolicy.Annotation, names: Set<String>)] = []
        for origin in policies where origin.policy.effect == .permit {
            guard let annotation = origin.policy.annotation("profile") else { continue }
            let names = Set(ObligationAnnotations.items(of: annotation))
            if let name = names.sorted().first(where: { !isKnown($0) }) {
                throw Self.fault(origin, annotation, "the disclosure profile '\(name)' is not known")
            }
            if let words = conflict(names) { throw Self.fault(origin, annotation, words) }
            for other in seen where other.origin.policy.mayApply(together: origin.policy) {
                guard let words = conflict(names.union(other.names)) else { continue }
                throw Self.fault(
                    origin, annotation,
                    "\(words); the policy '\(other.origin.policy.id)' (\(other.origin.file): "
                        + "\(other.annotation.position)) may apply to the same question")
            }
            seen.append((origin, annotation, names))
        }
    }

    private static func fault(
        _ origin: Origin, _ annotation: CedarPolicy.Annotation, _ words: String
    ) -> PolicyFault {
        PolicyFault(origin.file, CedarFault(.annotation, words, at: annotation.position).description)
    }
}

extension CedarPolicy {
    /// The actions that its head lets it speak of.
    package var actions: Set<AccessAction> {
        func named(_ uid: EntityUID) -> [AccessAction] {
            uid == AccessAction.group
                ? AccessAction.overData : AccessAction(rawValue: uid.id).map { [$0] } ?? []
        }
        switch action {
        case .equal(let uid), .within(let uid): return Set(named(uid))
        case .withinAny(let uids): return Set(uids.flatMap(named))
        default: return Set(AccessAction.allCases)
        }
    }

    /// Whether one request may satisfy both, by their heads: conditions are not looked at.
    func mayApply(together other: CedarPolicy) -> Bool {
        func areApart(_ left: Scope, _ right: Scope) -> Bool {
            if case .equal(let one) = left, case .equal(let two) = right { return one != two }
            return false
        }
        return !actions.isDisjoint(with: other.actions) && !areApart(principal, other.principal)
            && !areApart(resource, other.resource)
    }
}

extension AccessAction {
    /// The group, in the policies' vocabulary, of the actions under an agreement.
    static let group = EntityUID("Action", "useOfData")
}
