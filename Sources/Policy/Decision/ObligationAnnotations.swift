import Core

/// The annotations a policy may bear, and the obligations they stand for.
enum ObligationAnnotations {
    /// On every policy.
    static let onAny: Set<String> = ["id", "reason"]
    /// On permits.
    static let onPermits: Set<String> = [
        "minimum_people", "profile", "honour", "columns", "exclude", "release_cap", "valid_until", "alert",
        "review",
    ]
    /// Carried out where one record is read, and nowhere else.
    private static let onRecords: Set<String> = ["alert", "review"]

    /// Refuses unknown and misspelt annotations, obligations on a forbid or where nobody carries them out, and
    /// values that cannot be read.
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
            guard !onRecords.contains(annotation.name) || policy.actions == [.readRecord] else {
                throw CedarFault(
                    .annotation,
                    "@\(annotation.name) belongs on a permit for readRecord alone: no other door carries it out",
                    at: annotation.position)
            }
        }
        _ = try obligations(of: policy)
    }

    /// What a permit attaches to the answer, with the policy as its origin.
    static func obligations(of policy: CedarPolicy) throws(CedarFault) -> Obligations {
        var result = Obligations()
        for annotation in policy.annotations where onPermits.contains(annotation.name) {
            let field = try set(annotation, in: &result)
            result.provenance[field] = [policy.id]
        }
        return result
    }

    /// - Returns: the name of the field.
    private static func set(
        _ annotation: CedarPolicy.Annotation, in result: inout Obligations
    ) throws(CedarFault) -> String {
        switch annotation.name {
        case "minimum_people":
            result.minimumPeople = try count(annotation)
            return "minimumPeople"
        case "release_cap":
            result.releaseCap = try count(annotation)
            return "releaseCap"
        case "valid_until":
            guard let day = CivilDate(annotation.value) else { throw unreadable(annotation) }
            result.validUntil = day
            return "validUntil"
        case "review":
            guard annotation.value == "required" else { throw unreadable(annotation) }
            result.needsReview = true
            return "needsReview"
        default: break
        }
        let names = items(of: annotation)
        guard !names.isEmpty, !names.contains("") else { throw unreadable(annotation) }
        switch annotation.name {
        case "profile":
            result.profiles = Set(names)
            return "profiles"
        case "honour":
            let schemes = names.compactMap(OptOutScheme.init)
            guard schemes.count == names.count else { throw unreadable(annotation) }
            result.honour = Set(schemes)
            return "honour"
        case "columns":
            guard names.allSatisfy({ $0.contains(".") }) else { throw unreadable(annotation) }
            result.columns = Set(names)
            return "columns"
        case "alert":
            guard names == ["privacy-officer"] else { throw unreadable(annotation) }
            result.alerts = Set(names)
            return "alerts"
        default:
            guard names.allSatisfy({ $0.hasPrefix("codelist.") }) else { throw unreadable(annotation) }
            result.excludedCodelists = Set(names)
            return "excludedCodelists"
        }
    }

    /// The values between commas.
    static func items(of annotation: CedarPolicy.Annotation) -> [String] {
        annotation.value.split(separator: ",", omittingEmptySubsequences: false).map { item in
            String(item.drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed())
        }
    }

    private static func count(_ annotation: CedarPolicy.Annotation) throws(CedarFault) -> Int {
        guard let number = Int(annotation.value), number > 0 else { throw unreadable(annotation) }
        return number
    }

    private static func unreadable(_ annotation: CedarPolicy.Annotation) -> CedarFault {
        CedarFault(
            .annotation, "@\(annotation.name) has a value that cannot be read", at: annotation.position)
    }
}
