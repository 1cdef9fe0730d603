import Core

/// The annotations a policy may bear, and the obligations they stand for.
enum ObligationAnnotations {
    private static let onAny: Set<String> = ["id", "reason"]
    private static let onPermits: Set<String> = [
        "minimum_people", "profile", "honour", "columns", "exclude", "valid_until",
    ]

    /// Refuses unknown and misspelt annotations, obligations on a forbid, and values that cannot be read.
    static func check(_ policy: CedarPolicy) throws(CedarFault) {
        guard policy.annotation("id") != nil else {
            throw CedarFault(.annotation, "the policy has no @id", at: policy.position)
        }
        if policy.effect == .forbid, policy.annotation("reason") == nil {
            throw CedarFault(.annotation, "a forbid needs a @reason in words", at: policy.position)
        }
        for annotation in policy.annotations where !onAny.contains(annotation.name) {
            guard onPermits.contains(annotation.name) else {
                throw CedarFault(
                    .annotation, "@\(annotation.name) is not an annotation that is known",
                    at: annotation.position)
            }
            guard policy.effect == .permit else {
                throw CedarFault(
                    .annotation, "@\(annotation.name) belongs on a permit", at: annotation.position)
            }
        }
        _ = try obligations(of: policy)
        _ = try validUntil(policy)
    }

    /// What a permit attaches to the answer, with the policy as its origin.
    static func obligations(of policy: CedarPolicy) throws(CedarFault) -> Obligations {
        var result = Obligations()
        for annotation in policy.annotations {
            let items = annotation.value.split(separator: ",").map { item in
                String(item.drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed())
            }
            let field: String
            switch annotation.name {
            case "minimum_people":
                guard let people = Int(annotation.value), people > 0 else { throw unreadable(annotation) }
                (result.minimumPeople, field) = (people, "minimumPeople")
            case "profile": (result.profiles, field) = (Set(items), "profiles")
            case "honour":
                let schemes = items.compactMap(OptOutScheme.init)
                guard schemes.count == items.count else { throw unreadable(annotation) }
                (result.honour, field) = (Set(schemes), "honour")
            case "columns": (result.columns, field) = (Set(items), "columns")
            case "exclude": (result.excludedCodelists, field) = (Set(items), "excludedCodelists")
            default: continue
            }
            if annotation.name != "minimum_people", items.isEmpty { throw unreadable(annotation) }
            result.provenance[field] = [policy.id]
        }
        return result
    }

    /// The last day on which a permit holds.
    static func validUntil(_ policy: CedarPolicy) throws(CedarFault) -> CivilDate? {
        guard let annotation = policy.annotation("valid_until") else { return nil }
        guard let date = CivilDate(annotation.value) else { throw unreadable(annotation) }
        return date
    }

    private static func unreadable(_ annotation: CedarPolicy.Annotation) -> CedarFault {
        CedarFault(
            .annotation, "@\(annotation.name) has a value that cannot be read", at: annotation.position)
    }
}
