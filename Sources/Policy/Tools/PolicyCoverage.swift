import Core

/// Which policies and which clauses of them the cases of a folder have tried.
///
/// A policy is covered when a case was permitted or refused by it; a forbid when, besides, it did not apply to
/// another case. A clause is a condition, or each part of one that is a conjunction: covered when it was true in
/// one case and false in another.
package struct PolicyCoverage: Sendable, Codable {
    /// What no case has tried.
    package struct Gap: Sendable, Codable, Hashable {
        package let file: String
        package let line: Int
        package let column: Int
        package let policy: String
        /// The clause as it is written; empty where the policy as a whole is meant.
        package let clause: String
        /// What is missing, in words.
        package let missing: String
    }

    package let policies: Int
    package let coveredPolicies: Int
    package let clauses: Int
    package let coveredClauses: Int
    package let gaps: [Gap]

    /// Covered policies and clauses of all there are, in percent, rounded down; 100 where there are none.
    package var percent: Int {
        let all = policies + clauses
        return all == 0 ? 100 : (coveredPolicies + coveredClauses) * 100 / all
    }

    /// - Parameter requests: those of all cases.
    package init(_ engine: PolicyEngine, files: PolicyFiles, requests: [AccessRequest]) {
        var tallies = engine.policies.policies.map { Tally($0) }
        for request in requests {
            let determining = Set(engine.decide(request).determining)
            let (asked, entities) = (engine.cedarRequest(of: request), engine.cedarEntities(of: request))
            for place in tallies.indices where engine.isInForce(tallies[place].policy, on: request.today) {
                tallies[place].take(asked, entities, determining)
            }
        }
        let origins = PolicyReader(files).entries.reduce(into: [:]) { $0[$1.policy.id] = $1.source.file }
        policies = tallies.count
        coveredPolicies = tallies.count { $0.missing == nil }
        clauses = tallies.reduce(0) { $0 + $1.clauses.count }
        coveredClauses = tallies.reduce(0) { $0 + $1.clauses.count { $0.missing == nil } }
        gaps = tallies.flatMap { $0.gaps(in: origins[$0.policy.id] ?? "") }.sorted {
            ($0.file, $0.line, $0.column) < ($1.file, $1.line, $1.column)
        }
    }
}

extension PolicyCoverage {
    private struct Clause {
        let expression: CedarExpression
        var seen: Set<Bool> = []

        var missing: String? {
            switch (seen.contains(true), seen.contains(false)) {
            case (true, true): nil
            case (true, false): "never false"
            case (false, true): "never true"
            case (false, false): "never looked at"
            }
        }
    }

    /// What was seen of one policy.
    private struct Tally {
        let policy: CedarPolicy
        var clauses: [Clause]
        /// Where each condition's clauses begin.
        private let starts: [Int]
        private var determined = false
        private var passedBy = false

        init(_ policy: CedarPolicy) {
            self.policy = policy
            var clauses: [Clause] = []
            var starts: [Int] = []
            for condition in policy.conditions {
                starts.append(clauses.count)
                clauses += Self.leaves(condition.body).map { Clause(expression: $0) }
            }
            (self.clauses, self.starts) = (clauses, starts)
        }

        /// The parts of a conjunction, and of those within it; else the expression itself.
        private static func leaves(_ expression: CedarExpression) -> [CedarExpression] {
            if case .and(let parts) = expression.kind { return parts.flatMap(leaves) }
            return [expression]
        }

        mutating func take(_ request: CedarRequest, _ entities: CedarEntities, _ determining: Set<String>) {
            let trace = CedarPolicyTrace(policy, request, entities)
            if determining.contains(policy.id) { determined = true }
            if trace.isSatisfied == false { passedBy = true }
            guard trace.scopeMismatch == nil else { return }
            for place in trace.conditions.indices {
                var index = starts[place]
                note(trace.conditions[place], &index)
                // As the evaluator: what stands behind a condition that fails is not looked at.
                if trace.holds(place) != true { break }
            }
        }

        private mutating func note(_ trace: CedarTrace, _ index: inout Int) {
            guard case .and(let parts) = trace.expression.kind else {
                if let truth = trace.truth { clauses[index].seen.insert(truth) }
                index += 1
                return
            }
            for part in trace.parts { note(part, &index) }
            // Those that were not looked at.
            for part in parts.dropFirst(trace.parts.count) { index += Self.leaves(part).count }
        }

        var missing: String? {
            switch policy.effect {
            case .permit: determined ? nil : "no case is permitted by it"
            case .forbid where !determined: "no case is refused by it"
            case .forbid: passedBy ? nil : "it applies to every case"
            }
        }

        func gaps(in file: String) -> [Gap] {
            var gaps: [Gap] = []
            if let missing {
                gaps.append(
                    Gap(
                        file: file, line: policy.position.line, column: policy.position.column,
                        policy: policy.id, clause: "", missing: missing))
            }
            for clause in clauses {
                guard let missing = clause.missing else { continue }
                gaps.append(
                    Gap(
                        file: file, line: clause.expression.start.line,
                        column: clause.expression.start.column, policy: policy.id,
                        clause: CedarPrinter.text(clause.expression), missing: missing))
            }
            return gaps
        }
    }
}

extension CedarExpression {
    /// Where the first character of it stands; `position` is where its operator does.
    var start: CedarPosition {
        var first = position
        walk {
            if ($0.position.line, $0.position.column) < (first.line, first.column) { first = $0.position }
        }
        return first
    }
}
