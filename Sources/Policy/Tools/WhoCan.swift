package import Core
import Foundation

/// Who may do something with a dataset, or with one column of it.
package struct WhoCan: Sendable, Codable {
    /// Those who may, under the same conditions.
    package struct Row: Sendable, Codable, Hashable {
        /// The organisation; `any` where no agreement is known.
        package let requester: String
        package let roles: [String]
        /// The agreement with its version; empty where none is known.
        package let agreement: String
        package let purposes: [String]
        /// Gateways of an agreement, where none is known.
        package let gateways: [String]
        /// Only of one person's record: on which ground of care.
        package let care: String
        package let columns: [String]
        package let until: String
        package let conditions: String
        package let policies: [String]
    }

    /// An agreement under which nobody may, and why.
    package struct Refused: Sendable, Codable, Hashable {
        package let agreement: String
        package let requester: String
        package let reason: String
    }

    package let rows: [Row]
    package let refused: [Refused]
    /// How many requests were decided.
    package let requests: Int

    /// What is asked about.
    package struct Subject: Sendable {
        package let action: AccessAction
        package let dataset: String
        /// The column, or every column of the dataset.
        package let columns: [String]

        package init(action: AccessAction, dataset: String, columns: [String]) {
            self.action = action
            self.dataset = dataset
            self.columns = columns
        }
    }
}

extension WhoCan.Row {
    fileprivate var order: [String] {
        [requester, agreement, care] + policies + [conditions] + roles + [""] + gateways + [""] + purposes
            + columns
    }
}

extension WhoCan {
    private struct Trial {
        let request: Asked
        let requester: String
        let agreement: String
        let role: UserRole
        let purpose: String
        let gateway: String
        let care: String
        /// That no policy tells apart.
        let columns: [String]
    }

    /// What is the same for everybody in a row.
    private struct Terms: Hashable {
        let requester: String
        let agreement: String
        let care: String
        let until: String
        let conditions: String
        let policies: [String]
    }

    /// Over the agreements that a controller knows.
    package init(
        _ subject: Subject, _ engine: PolicyEngine, agreements: [AgreementRecord],
        controller: OrganisationCode, isSynthetic: Bool, on day: CivilDate
    ) {
        var trials: [Trial] = []
        var refused: [Refused] = []
        var count = 0
        for record in agreements {
            let name = "\(record.agreement.id) version \(record.agreement.version)"
            let requester = record.agreement.requester
            let covered = subject.columns.filter { record.agreement.covers(column: $0) }
            let alike = Self.alike(covered, engine)
            var reason =
                "the agreement does not name \(subject.columns.count == 1 ? "the column" : "the dataset")"
            let purposes = engine.purposes.terms.filter {
                engine.purposes.isWithin($0, record.agreement.purpose)
            }
            var own: [Trial] = []
            for columns in alike {
                let column = columns[0]
                for role in UserRole.allCases {
                    for purpose in purposes {
                        for (care, words) in Self.care(subject.action) {
                            let facts = Self.request(
                                subject, requester, controller, role, record, purpose, column, care,
                                isSynthetic, day)
                            count += 1
                            let decision = engine.decide(facts.facts)
                            guard decision.isPermit else {
                                reason = decision.reason
                                continue
                            }
                            own.append(
                                Trial(
                                    request: facts, requester: requester.text, agreement: name, role: role,
                                    purpose: purpose.name, gateway: "", care: words, columns: columns))
                        }
                    }
                }
            }
            if own.isEmpty {
                refused.append(Refused(agreement: name, requester: requester.text, reason: reason))
            }
            trials += own
        }
        self.init(rows: Self.rows(trials, engine, showsGateways: false), refused: refused, requests: count)
    }

    /// Over made-up agreements for every purpose and gateway, where none is known.
    package init(_ subject: Subject, _ engine: PolicyEngine, on day: CivilDate) throws {
        let base = try RequestDimensions([engine]).base.agreement
        let alike = Self.alike(subject.columns, engine)
        var trials: [Trial] = []
        var count = 0
        for purpose in engine.purposes.terms {
            for gateway in LegalContext.Gateway.allCases {
                let agreement = base.edited { fields in
                    var legal = fields["legalContext"] as? [String: Any] ?? [:]
                    legal["gateway"] = gateway.rawValue
                    fields["legalContext"] = legal
                    fields["purpose"] = purpose.name
                    fields["datasets"] = [subject.dataset: ["*"]]
                }
                guard let agreement, let controller = agreement.controllers.first else { continue }
                let record = AgreementRecord(agreement: agreement, signers: agreement.parties)
                for role in UserRole.allCases {
                    for (care, words) in Self.care(subject.action) {
                        for columns in alike {
                            let column = columns[0]
                            let facts = Self.request(
                                subject, agreement.requester, controller, role, record, purpose, column, care,
                                false, day)
                            count += 1
                            guard engine.decide(facts.facts).isPermit else { continue }
                            trials.append(
                                Trial(
                                    request: facts, requester: "any", agreement: "", role: role,
                                    purpose: purpose.name, gateway: gateway.rawValue, care: words,
                                    columns: columns))
                        }
                    }
                }
            }
        }
        self.init(rows: Self.rows(trials, engine, showsGateways: true), refused: [], requests: count)
    }

    /// Columns that no policy can tell apart: of one class, and named by none. Each in a group of its own where some
    /// permit lists columns.
    private static func alike(_ columns: [String], _ engine: PolicyEngine) -> [[String]] {
        let named = PolicyConstants([engine]).strings["columns"] ?? []
        let isListed = engine.policies.policies.contains { $0.annotation("columns") != nil }
        let groups = Dictionary(grouping: columns) { column in
            isListed || named.contains(column) ? column : "class \(engine.columnClasses.of(column))"
        }
        return groups.values.map { $0.sorted() }.sorted { $0[0] < $1[0] }
    }

    /// Nothing to say but where one person's record is asked for.
    private static func care(_ action: AccessAction) -> [(CareFacts?, String)] {
        guard action == .readRecord else { return [(nil, "")] }
        return [
            (
                CareFacts(
                    hasLegitimateRelationship: true, isBreakGlass: false, hasReason: false,
                    recentBreakGlassUses: 0), "legitimate relationship"
            ),
            (
                CareFacts(
                    hasLegitimateRelationship: false, isBreakGlass: true, hasReason: true,
                    recentBreakGlassUses: 0), "glass broken with a reason"
            ),
        ]
    }

    private static func request(
        _ subject: Subject, _ requester: OrganisationCode, _ controller: OrganisationCode, _ role: UserRole,
        _ record: AgreementRecord, _ purpose: Purpose, _ column: String, _ care: CareFacts?,
        _ isSynthetic: Bool, _ day: CivilDate
    ) -> Asked {
        Asked(
            AccessRequest(
                requester: requester, controller: controller, user: "u", roles: [role],
                action: subject.action,
                agreement: record, statedPurpose: purpose, columns: [column], datasets: [subject.dataset],
                codelists: [], care: care, isSynthetic: isSynthetic,
                now: Date(timeIntervalSince1970: Double(day.days) * 86_400 + 3600)))
    }

    /// Who may under the same terms stands in one row.
    private static func rows(_ trials: [Trial], _ engine: PolicyEngine, showsGateways: Bool) -> [Row] {
        var groups: [Terms: [Trial]] = [:]
        for trial in trials {
            let decision = engine.decide(trial.request.facts)
            // A made-up agreement's end says nothing.
            let isOfPolicy = decision.determining.contains { engine.obligations[$0]?.validUntil != nil }
            let until = isOfPolicy || !showsGateways ? decision.obligations.validUntil : nil
            var obligations = decision.obligations
            obligations.columns = nil
            obligations.validUntil = nil
            let terms = Terms(
                requester: trial.requester, agreement: trial.agreement, care: trial.care,
                until: until?.description ?? "", conditions: ObligationWords.line(obligations),
                policies: decision.determining)
            groups[terms, default: []].append(trial)
        }
        let rows = groups.flatMap { terms, trials in
            let tuples = Set(
                trials.flatMap { trial in
                    trial.columns.map { [trial.role.rawValue, trial.gateway, trial.purpose, $0] }
                })
            return product(tuples, width: 4).map { values in
                Row(
                    requester: terms.requester, roles: values[0], agreement: terms.agreement,
                    purposes: values[2], gateways: showsGateways ? values[1] : [], care: terms.care,
                    columns: values[3], until: terms.until, conditions: terms.conditions,
                    policies: terms.policies)
            }
        }
        return rows.sorted {
            $0.order.lexicographicallyPrecedes($1.order)
        }
    }

    /// Tuples as rows of lists: every combination of a row's lists is one of the tuples, and none is missing.
    private static func product(_ tuples: Set<[String]>, width: Int) -> [[[String]]] {
        guard width > 0 else { return [[]] }
        var rests: [String: Set<[String]>] = [:]
        for tuple in tuples { rests[tuple[0], default: []].insert(Array(tuple.dropFirst())) }
        let alike = Dictionary(grouping: rests.keys) { rests[$0] ?? [] }
        return alike.flatMap { rest, values in
            product(rest, width: width - 1).map { [values.sorted()] + $0 }
        }
    }
}
