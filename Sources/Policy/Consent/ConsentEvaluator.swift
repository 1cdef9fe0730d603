import Core

/// Evaluates FHIR R4 Consents (4.0.1).
///
/// - Only `active` counts. Consents to a treatment and advance decisions (`scope`) are not about records.
/// - The base is `policyRule` or `policy` (`ConsentBase`); one that is not known denies.
/// - The root provision says what the consent is about: outside it the consent is silent. It bears no type.
/// - A nested provision is an exception to its parent, tested only if that matches; different elements AND, repeats
///   OR, absent is any. The deepest match wins, wherever in the tree it is; a conflict at one depth is deny.
/// - What cannot be told is read both ways, and the strictest result holds: deny, then silent, then permit.
/// - An element that modifies the rest and is not understood denies.
package enum ConsentEvaluator {
    /// What one consent says. Total: ends for every consent that could be read.
    package static func evaluate(_ consent: FHIRConsent, _ request: ConsentRequest) -> ConsentAnswer {
        guard consent.status == "active", !consent.isAboutCare else { return .silent }
        let studies = consent.studies
        if !studies.isEmpty {
            guard let study = request.study, studies.contains(study) else { return .silent }
        }
        if consent.hasUnknownModifier { return ConsentAnswer(.deny) }
        let classes: [String?] = request.classes.isEmpty ? [nil] : request.classes.sorted()
        let first = evaluate(consent, request, classes[0], isForStudy: !studies.isEmpty)
        return classes.dropFirst().reduce(first) {
            $0.stricter(evaluate(consent, request, $1, isForStudy: !studies.isEmpty))
        }
    }

    /// What all of a person's consents say: a deny wins, and a permit needs one that permits.
    package static func join(_ answers: some Sequence<ConsentAnswer>) -> ConsentAnswer {
        var joined = ConsentAnswer.silent
        for answer in answers {
            switch answer.effect {
            case .deny: return answer
            case .permit:
                joined = ConsentAnswer(.permit, isSpecific: joined.isSpecific || answer.isSpecific)
            case .silent: break
            }
        }
        return joined
    }

    /// The instants at which what a consent says may change.
    package static func instants(_ consent: FHIRConsent) -> [Int64] {
        var found: [Int64] = []
        var level = [consent.provision].compactMap(\.self)
        while !level.isEmpty {
            for period in level.compactMap({ $0.period.flatMap(ConsentPeriod.init) }) {
                found += [period.start, period.end].compactMap(\.self)
            }
            level = level.flatMap { $0.provision ?? [] }
        }
        return found
    }

    private static func evaluate(
        _ consent: FHIRConsent, _ request: ConsentRequest, _ recordClass: String?, isForStudy: Bool
    ) -> ConsentAnswer {
        let walk = Walk(filters: ConsentFilters(request: request, recordClass: recordClass))
        let base = ConsentBase.permits(consent)
        let isNamed = isForStudy || consent.isResearch(request)
        guard let root = consent.provision else {
            return ConsentAnswer(base ? .permit : .deny, isSpecific: isNamed)
        }
        // A root must not bear a type; one that does cannot widen its base.
        let permits = base && (root.type == nil || root.type == "permit")
        let match = walk.filters.match(root)
        if match == .no { return .silent }
        let results = walk.results(of: root, permits: permits, depth: 0, isNamed: isNamed)
        let effects = results.map {
            ConsentAnswer($0.permits ? .permit : .deny, isSpecific: $0.isNamed)
        }
        let strictest = effects.dropFirst().reduce(effects[0]) { $0.stricter($1) }
        return match == .maybe ? strictest.stricter(.silent) : strictest
    }

    /// Follows every reading of a tree at once.
    private struct Walk {
        /// The deepest match of one reading, and what it says.
        struct Result: Hashable {
            let depth: Int
            let permits: Bool
            let isNamed: Bool

            /// The deeper; of two at one depth a deny.
            func joined(_ other: Result) -> Result {
                if depth != other.depth { return depth > other.depth ? self : other }
                if permits != other.permits { return permits ? other : self }
                return Result(depth: depth, permits: permits, isNamed: isNamed || other.isNamed)
            }
        }

        let filters: ConsentFilters

        /// What a provision that matches comes to, over all readings of what is below it; never empty. There are at
        /// most four results a level, so that the work is bounded by the number of provisions.
        func results(
            of provision: FHIRConsent.Provision, permits: Bool, depth: Int, isNamed: Bool
        ) -> [Result] {
            let isPurposeNamed = !(provision.purpose ?? []).isEmpty && filters.purpose(provision) == .yes
            let own = Result(depth: depth, permits: permits, isNamed: isNamed || isPurposeNamed)
            var readings: Set<Result> = [own]
            for child in provision.provision ?? [] {
                let match = filters.match(child)
                guard match != .no else { continue }
                let below = results(
                    of: child, permits: child.type == "permit", depth: depth + 1, isNamed: own.isNamed)
                var next = Set(readings.flatMap { reading in below.map { reading.joined($0) } })
                if match == .maybe { next.formUnion(readings) }
                readings = next
            }
            return Array(readings)
        }
    }
}

extension FHIRConsent {
    /// Consents to undergo something and advance decisions say nothing of records.
    fileprivate var isAboutCare: Bool {
        let codes = (scope?.coding ?? []).filter { $0.system == Self.scopeSystem }.compactMap(\.code)
        return !codes.isEmpty && codes.allSatisfy { $0 == "treatment" || $0 == "adr" }
    }

    private static let scopeSystem = "http://terminology.hl7.org/CodeSystem/consentscope"

    /// Whether it is a consent to research, and the request is for research.
    fileprivate func isResearch(_ request: ConsentRequest) -> Bool {
        let isScope = (scope?.coding ?? []).contains {
            $0.system == Self.scopeSystem && $0.code == "research"
        }
        guard isScope, let research = Purpose("research") else { return false }
        return request.hierarchy.isWithin(request.purpose, research)
    }

    fileprivate var hasUnknownModifier: Bool {
        if implicitRules != nil || !(modifierExtension ?? []).isEmpty { return true }
        var level = [provision].compactMap(\.self)
        while !level.isEmpty {
            if level.contains(where: { !($0.modifierExtension ?? []).isEmpty }) { return true }
            level = level.flatMap { $0.provision ?? [] }
        }
        return false
    }
}
