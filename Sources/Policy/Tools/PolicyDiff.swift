package import Core

/// In what two folders of policies decide differently, over generated requests.
package struct PolicyDiff: Sendable {
    /// What became of a request, widest first.
    package enum Kind: String, Codable, Sendable, CaseIterable, Comparable {
        case nowPermitted = "now-permitted"
        /// Permitted by both, and the new one asks for less, or for less of something.
        case fewerConditions = "fewer-conditions"
        case moreConditions = "more-conditions"
        case nowRefused = "now-refused"
        /// The same answer from other policies.
        case otherPolicies = "other-policies"

        /// Whether somebody may now see more than before.
        package var isWider: Bool { self == .nowPermitted || self == .fewerConditions }

        package static func < (left: Kind, right: Kind) -> Bool {
            (allCases.firstIndex(of: left) ?? 0) < (allCases.firstIndex(of: right) ?? 0)
        }
    }

    package struct Change: Sendable {
        package let kind: Kind
        package let request: AccessRequest
        package let old: Decision
        package let new: Decision
    }

    /// How many generated requests there were.
    package let requests: Int
    /// How many there would have been without the bound.
    package let possible: Int
    /// Widest first, and within a kind as they were generated.
    package let changes: [Change]

    package var isWider: Bool { changes.contains { $0.kind.isWider } }

    package init(
        old: PolicyEngine, new: PolicyEngine, bound: Int = RequestSpace.usualBound
    ) throws {
        let space = try RequestSpace([old, new], bound: bound)
        requests = space.count
        possible = space.possible
        var found: [Change] = []
        for member in space.members {
            let (before, after) = (old.decide(member.facts), new.decide(member.facts))
            guard let kind = Self.kind(before, after) else { continue }
            found.append(Change(kind: kind, request: member.facts, old: before, new: after))
        }
        changes = found.enumerated().sorted { ($0.element.kind, $0.offset) < ($1.element.kind, $1.offset) }
            .map(\.element)
    }

    /// nil where nothing changed but words.
    static func kind(_ old: Decision, _ new: Decision) -> Kind? {
        switch (old.isPermit, new.isPermit) {
        case (false, true): return .nowPermitted
        case (true, false): return .nowRefused
        case (false, false): return old.determining == new.determining ? nil : .otherPolicies
        case (true, true):
            if old.obligations.isSame(as: new.obligations) {
                return old.determining == new.determining ? nil : .otherPolicies
            }
            let isStricter = new.obligations.joined(with: old.obligations).isSame(as: new.obligations)
            return isStricter ? .moreConditions : .fewerConditions
        }
    }

    /// Requests of which the same became, with the first of them.
    package struct Group: Sendable {
        package let first: Change
        package let count: Int
        /// What the new policies no longer ask for, and what they ask for besides.
        package let dropped: [String]
        package let added: [String]
    }

    /// The changes of a kind by what became of them, the most frequent first.
    package func groups(_ kind: Kind) -> [Group] {
        struct Key: Hashable {
            let policies: [[String]]
            let dropped: [String]
            let added: [String]
        }
        var order: [Key] = []
        var found: [Key: [Change]] = [:]
        for change in changes where change.kind == kind {
            let before = Self.conditions(change.old)
            let after = Self.conditions(change.new)
            let key = Key(
                policies: [change.old.determining, change.new.determining],
                dropped: before.filter { !after.contains($0) }, added: after.filter { !before.contains($0) })
            if found[key] == nil { order.append(key) }
            found[key, default: []].append(change)
        }
        let groups = order.compactMap { key in
            found[key].map {
                Group(first: $0[0], count: $0.count, dropped: key.dropped, added: key.added)
            }
        }
        return groups.enumerated().sorted { left, right in
            left.element.count == right.element.count
                ? left.offset < right.offset : left.element.count > right.element.count
        }.map(\.element)
    }

    private static func conditions(_ decision: Decision) -> [String] {
        ObligationWords.list(decision.obligations).filter { $0.field != "columns" }.map(\.words)
    }
}
