import Core
import Foundation

/// What would have to change for a refused request to be permitted: found by deciding changed requests, never by
/// guessing from the text of a policy.
///
/// Of a finite list of changes that a party may make. Who asks, who is asked and whether the data is real are not
/// among them.
package struct ChangeFinder {
    /// Who can make a change.
    package enum Party: String, Codable, Sendable, Comparable {
        case requester
        /// Whoever halted or has not signed the agreement; the words name them.
        case party
        /// Requester and controllers together, by an amendment that all sign.
        case both

        private var effort: Int { [.requester, .party, .both].firstIndex(of: self) ?? 0 }

        package static func < (left: Party, right: Party) -> Bool { left.effort < right.effort }
    }

    /// One change.
    package struct Step: Hashable, Sendable, Codable {
        package let who: Party
        package let words: String
    }

    private struct Candidate {
        let who: Party
        /// `%` stands for one of several values that would do as well.
        let words: String
        let value: String?
        /// Two candidates about one thing never go together.
        let about: String
        let apply: (inout Asked) -> Void

        /// - Parameter values: the alternatives; its own value if empty.
        func step(_ values: [String]) -> Step {
            let all = values.isEmpty ? value.map { [$0] } ?? [] : values
            return Step(who: who, words: words.replacing("%", with: all.joined(separator: " or ")))
        }
    }

    private let engine: PolicyEngine
    private let start: Asked
    private var candidates: [Candidate] = []

    /// The smallest sets of changes, of at most two, that would make a request permitted; those that need the
    /// fewest people first. Empty where no two changes of the list suffice.
    /// - Parameter others: agreements that the request might name instead.
    package static func changes(
        for request: AccessRequest, _ engine: PolicyEngine, others: [AgreementRecord] = []
    ) -> [[Step]] {
        var finder = ChangeFinder(engine: engine, start: Asked(request))
        finder.addOfRequest(others)
        finder.addOfAgreement()
        return finder.smallest()
    }

    private init(engine: PolicyEngine, start: Asked) {
        self.engine = engine
        self.start = start
    }

    private func isPermitted(_ steps: [Candidate]) -> Bool {
        var asked = start
        for step in steps { step.apply(&asked) }
        return engine.decide(asked.facts).isPermit
    }

    private func smallest() -> [[Step]] {
        let single = candidates.map { isPermitted([$0]) }
        var sets = candidates.indices.filter { single[$0] }.map { [candidates[$0]] }
        if sets.isEmpty {
            for one in candidates.indices {
                for other in candidates.indices.dropFirst(one + 1)
                where candidates[one].about != candidates[other].about {
                    let pair = [candidates[one], candidates[other]]
                    if isPermitted(pair) { sets.append(pair) }
                }
            }
        }
        func effort(_ steps: [Step]) -> [Party] { steps.map(\.who).sorted(by: >) }
        return Self.merged(sets).enumerated().sorted { left, right in
            let (a, b) = (effort(left.element), effort(right.element))
            return a == b ? left.offset < right.offset : a.lexicographicallyPrecedes(b)
        }.map(\.element)
    }

    /// Sets that differ in one value only are one set, with the values as alternatives.
    private static func merged(_ sets: [[Candidate]]) -> [[Step]] {
        var order: [[String]] = []
        var groups: [[String]: [[Candidate]]] = [:]
        for set in sets {
            // The last one that has a value is the one that may vary.
            let open = set.lastIndex { $0.value != nil }
            let key = set.enumerated().map {
                $0.offset == open ? $0.element.words : $0.element.step([]).words
            }
            if groups[key] == nil { order.append(key) }
            groups[key, default: []].append(set)
        }
        return order.compactMap { groups[$0] }.map { alike in
            let first = alike[0]
            let open = first.lastIndex { $0.value != nil }
            return first.enumerated().map { place, candidate in
                candidate.step(place == open ? alike.compactMap { $0[place].value } : [])
            }
        }
    }

    private mutating func add(
        _ who: Party, _ about: String, _ words: String, value: String? = nil,
        _ apply: @escaping (inout Asked) -> Void
    ) {
        candidates.append(
            Candidate(who: who, words: words, value: value, about: about, apply: apply))
    }

    // MARK: What the requester may do

    private mutating func addOfRequest(_ others: [AgreementRecord]) {
        let record = start.agreement
        for action in AccessAction.overData
        where action != start.action && !start.action.isLocal
            && (record?.agreement.actions.contains(action) ?? true)
        {
            add(.requester, "action", "ask for % instead of \(start.action.rawValue)", value: action.rawValue)
            {
                $0.action = action
            }
        }
        addPurposes()
        addColumns()
        for codelist in start.codelists.sorted() {
            add(.requester, "codelists", "leave out \(codelist)") { $0.codelists.remove(codelist) }
        }
        for role in UserRole.allCases where !start.roles.contains(role) {
            add(.requester, "role", "have somebody ask whose role is %", value: role.rawValue) {
                $0.roles = [role]
            }
        }
        if let care = start.care, !care.hasReason {
            add(.requester, "care", "give a reason in words") {
                $0.care = CareFacts(
                    hasLegitimateRelationship: care.hasLegitimateRelationship,
                    isBreakGlass: care.isBreakGlass, hasReason: true,
                    recentBreakGlassUses: care.recentBreakGlassUses)
            }
        }
        if let care = start.care, care.isBreakGlass, care.recentBreakGlassUses > 0 {
            add(.requester, "care", "wait until the glass was not broken for 24 hours") {
                $0.care = CareFacts(
                    hasLegitimateRelationship: care.hasLegitimateRelationship, isBreakGlass: true,
                    hasReason: care.hasReason, recentBreakGlassUses: 0)
            }
        }
        for other in others
        where other.agreement.requester == start.requester && other.agreement.id != record?.agreement.id {
            add(.requester, "agreement", "ask under the agreement %", value: other.agreement.id) {
                $0.agreement = other
            }
        }
    }

    private mutating func addPurposes() {
        guard let stated = start.statedPurpose else { return }
        let own = start.agreement?.agreement.purpose
        if let own, own != stated {
            add(
                .requester, "purpose",
                "ask for the agreement's own purpose, \(own), if that is what it is for"
            ) {
                $0.statedPurpose = nil
            }
        }
    }

    private mutating func addColumns() {
        let facts = start.facts
        var groups: [(words: String, columns: Set<String>)] = []
        let outside = facts.columnsOutside
        if start.agreement != nil, !outside.isEmpty {
            groups.append(("the columns \(outside.joined(separator: ", "))", Set(outside)))
        }
        for column in start.columns.sorted() { groups.append(("the column \(column)", [column])) }
        let byClass = Dictionary(grouping: start.columns) {
            engine.columnClasses.columns[$0] ?? "unclassified"
        }
        for (name, columns) in byClass.sorted(by: { $0.key < $1.key }) where columns.count > 1 {
            let list = columns.sorted().joined(separator: ", ")
            groups.append(("the columns of the class \(name) (\(list))", Set(columns)))
        }
        var seen: Set<Set<String>> = []
        for group in groups where seen.insert(group.columns).inserted {
            add(.requester, "columns \(group.columns.sorted())", "leave out \(group.words)") {
                $0.leaveOut(group.columns)
            }
        }
    }

    // MARK: What the parties may do

    private mutating func addOfAgreement() {
        guard let record = start.agreement else { return }
        addState(record)
        let agreement = record.agreement
        if !agreement.actions.contains(start.action), !start.action.isLocal {
            let action = start.action.rawValue
            add(.both, "actions", "amend the agreement to name the action \(action)") {
                $0.amend { $0["actions"] = (($0["actions"] as? [String]) ?? []) + [action] }
            }
        }
        if let stated = start.statedPurpose, engine.purposes.contains(stated),
            !engine.purposes.isWithin(stated, agreement.purpose)
        {
            add(.both, "purpose", "amend the agreement to be for \(stated)") {
                $0.amend { $0["purpose"] = stated.name }
            }
        }
        for purpose in engine.purposes.terms
        where purpose != agreement.purpose && engine.purposes.parent(of: purpose) == nil
            && start.statedPurpose == nil
        {
            add(
                .both, "purpose", "amend the agreement to be for %, if that is what it is for",
                value: purpose.name
            ) {
                $0.amend { $0["purpose"] = purpose.name }
            }
        }
        for gateway in LegalContext.Gateway.allCases where gateway != agreement.legalContext.gateway {
            add(.both, "gateway", "amend the agreement to rest on %, if it does", value: gateway.rawValue) {
                $0.amend { fields in
                    var legal = fields["legalContext"] as? [String: Any] ?? [:]
                    legal["gateway"] = gateway.rawValue
                    fields["legalContext"] = legal
                }
            }
        }
        if agreement.disclosureProfile != "concordat" {
            add(.both, "profile", "amend the agreement to have the disclosure profile concordat") {
                $0.amend { $0["disclosureProfile"] = "concordat" }
            }
        }
        let outside = start.facts.columnsOutside
        if !outside.isEmpty {
            add(
                .both, "columns", "amend the agreement to name the columns \(outside.joined(separator: ", "))"
            ) {
                $0.amend { fields in
                    var datasets = fields["datasets"] as? [String: [String]] ?? [:]
                    for column in outside {
                        let dataset = Asked.dataset(column)
                        datasets[dataset, default: []].append(String(column.dropFirst(dataset.count + 1)))
                    }
                    fields["datasets"] = datasets
                }
            }
        }
    }

    /// What brings an agreement into force; a revocation is for good.
    private mutating func addState(_ record: AgreementRecord) {
        let agreement = record.agreement
        func set(_ asked: inout Asked, _ signers: Set<OrganisationCode>, _ suspended: Set<OrganisationCode>) {
            asked.agreement = AgreementRecord(
                agreement: agreement, signers: signers, revokedBy: record.revokedBy, suspendedBy: suspended)
        }
        let missing = agreement.parties.subtracting(record.signers).map(\.text).sorted()
        if !missing.isEmpty {
            add(.party, "signatures", "\(missing.joined(separator: " and ")) must sign the agreement") {
                set(&$0, agreement.parties, record.suspendedBy)
            }
        }
        if !record.suspendedBy.isEmpty {
            let who = record.suspendedBy.map(\.text).sorted().joined(separator: " and ")
            add(.party, "suspension", "\(who) must take back the suspension") {
                set(&$0, record.signers, [])
            }
        }
        let today = start.facts.today
        if today < agreement.validFrom {
            add(.requester, "day", "wait until \(agreement.validFrom), when the agreement begins") {
                $0.now = Date(timeIntervalSince1970: Double(agreement.validFrom.days) * 86_400 + 3600)
            }
        }
        if today > agreement.validUntil {
            let last = CivilDate(days: today.days + 365).description
            add(.both, "day", "renew the agreement, which ended on \(agreement.validUntil)") {
                $0.amend { $0["validUntil"] = last }
            }
        }
        if let due = agreement.legalContext.references.cagReviewDue, due < today {
            let next = CivilDate(days: today.days + 365).description
            add(
                .both, "review",
                "have the Confidentiality Advisory Group's review confirmed, which was due \(due)"
            ) {
                $0.amend { fields in
                    var legal = fields["legalContext"] as? [String: Any] ?? [:]
                    var references = legal["references"] as? [String: Any] ?? [:]
                    references["cagReviewDue"] = next
                    legal["references"] = references
                    fields["legalContext"] = legal
                }
            }
        }
    }
}
