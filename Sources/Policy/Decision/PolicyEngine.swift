package import Core
package import Foundation

/// Decides requests under the policies of a directory: Cedar, purposes and opt-out rules.
///
/// Loading is all or nothing. A decision is a value with the policies that determined it, a reason in words
/// that depend on no data, and the obligations joined from policies, agreement and law.
package struct PolicyEngine: Sendable {
    package let purposes: PurposeHierarchy
    package let optOuts: OptOutRules
    package let columnClasses: ColumnClasses
    package let policies: CedarPolicySet
    /// What each permit asks for, by identifier.
    let obligations: [String: Obligations]

    /// Reads a folder of policies.
    /// - Throws: as `init(files:profiles:)`.
    package init(directory: URL, profiles: ProfileLattice? = nil) throws {
        try self.init(files: PolicyFiles(directory: directory), profiles: profiles)
    }

    /// Reads policies, `purposes.yaml`, `opt-outs.yaml` and `column-classes.yaml` (without it every column is
    /// unclassified), and checks the policies against every schema.
    /// - Parameter profiles: the disclosure profiles there are. Whoever enforces has them; without them names of
    ///   profiles are taken as they stand.
    /// - Throws: `PolicyFault` with file, line and column of the first thing that is wrong.
    package init(files: PolicyFiles, profiles: ProfileLattice? = nil) throws {
        var policies: [CedarPolicy] = []
        var origins: [String: String] = [:]
        for (name, text) in files.ending(in: ".cedar") {
            for policy in try Self.parse(text, of: name) {
                policies.append(policy)
                origins[policy.id] = name
            }
        }
        guard !policies.isEmpty else {
            throw PolicyFault(
                files.name, "the folder holds no policies: put *.cedar files there, or name another folder")
        }
        do {
            self.policies = try CedarPolicySet(policies)
            obligations = try Dictionary(
                uniqueKeysWithValues: policies.map { ($0.id, try ObligationAnnotations.obligations(of: $0)) })
        } catch let fault as CedarFault {
            throw PolicyFault(files.name, fault.description)
        }
        try profiles?.check(policies.map { .init(file: origins[$0.id] ?? files.name, policy: $0) })
        for (name, text) in files.ending(in: ".cedarschema") {
            try Self.validate(self.policies, against: text, of: name, origins)
        }
        purposes = try PurposeHierarchy(yaml: try files.text("purposes.yaml"))
        optOuts = try OptOutRules(yaml: try files.text("opt-outs.yaml"))
        columnClasses = try files.texts["column-classes.yaml"].map(ColumnClasses.init(yaml:)) ?? .none
    }

    private static func parse(_ text: String, of file: String) throws(PolicyFault) -> [CedarPolicy] {
        do throws(CedarFault) {
            let policies = try CedarParser.policies(in: text)
            for policy in policies {
                try ObligationAnnotations.check(policy)
                guard !policy.isTemplate else {
                    throw CedarFault(
                        .link, "a template decides nothing: write the entity in place of the slot",
                        at: policy.position)
                }
            }
            return policies
        } catch {
            throw PolicyFault(file, error.description)
        }
    }

    /// Strict validation: no policy may speak of what the schema does not have.
    private static func validate(
        _ policies: CedarPolicySet, against text: String, of file: String, _ origins: [String: String]
    ) throws(PolicyFault) {
        let schema: CedarSchema
        do throws(CedarFault) {
            schema = try CedarSchema(parsing: text)
        } catch {
            throw PolicyFault(file, error.description)
        }
        if let first = CedarValidator(schema).validate(policies).first(where: { !$0.isWarning }) {
            throw PolicyFault(origins[first.policy] ?? file, first.fault.description)
        }
    }

    /// Decides one request of one controller. Never throws: what cannot be evaluated denies.
    package func decide(_ request: AccessRequest) -> Decision {
        if let purpose = request.statedPurpose, !purposes.contains(purpose) {
            return refusal([], "the purpose '\(purpose)' is not in the hierarchy of purposes")
        }
        let answer = policies.decide(
            cedarRequest(of: request), cedarEntities(of: request), errors: .forbidDenies,
            isInForce: { policy in obligations[policy.id]?.validUntil.map { request.today <= $0 } ?? true })
        guard answer.isAllowed else { return refusal(answer.determining, reason(for: answer, request)) }
        guard request.action.isLocal || request.agreement != nil else {
            return refusal([], "\(request.controller) knows no agreement of that name")
        }
        let joined = joinedObligations(answer.determining, request)
        if let columns = joined.columns,
            let outside = request.columns.filter({ !Self.covers(columns, $0) }).min()
        {
            return refusal(answer.determining, "a condition of the policy leaves out the column \(outside)")
        }
        let under = request.agreement.map {
            " under agreement \($0.agreement.id) version \($0.agreement.version)"
        }
        return Decision(
            outcome: .permit, determining: answer.determining,
            reason: "permitted by \(answer.determining.joined(separator: ", "))"
                + (request.action.isLocal ? " at \(request.controller)" : under ?? ""),
            obligations: request.action.isLocal ? joined : Self.naming(request.columns, in: joined))
    }

    private func refusal(_ determining: [String], _ reason: String) -> Decision {
        Decision(outcome: .refuse, determining: determining, reason: reason)
    }

    private func reason(for answer: CedarPolicySet.Answer, _ request: AccessRequest) -> String {
        guard let first = answer.determining.first,
            let policy = policies.policies.first(where: { $0.id == first })
        else {
            let purpose =
                request.action.isLocal ? "" : " for the purpose '\(request.purpose?.name ?? "none")'"
            return "no policy of \(request.controller) permits \(request.action.rawValue)\(purpose)"
        }
        if answer.errors[first] != nil {
            return
                "the rule \(first) could not be evaluated, and a prohibition that cannot be evaluated denies"
        }
        return filled(policy.annotation("reason")?.value ?? "forbidden by \(first)", request)
    }

    /// Puts what the request itself says into a rule's words.
    func filled(_ text: String, _ request: AccessRequest) -> String {
        let state = request.agreement.map { $0.stateInWords(for: request.controller, on: request.today) }
        let words = [
            "{state}": state ?? "unknown", "{controller}": request.controller.text,
            "{action}": request.action.rawValue, "{requester}": request.requester.text,
            "{purpose}": request.purpose?.name ?? "none",
            "{columns}": request.columnsOutside.joined(separator: ", "),
            "{unclassified}": request.columns.filter { columnClasses.of($0) == ColumnClasses.unclassified }
                .sorted().joined(separator: ", "),
        ]
        return words.reduce(text) { $0.replacingOccurrences(of: $1.key, with: $1.value) }
    }

    /// The strictest of every determining permit, the agreement and the law.
    private func joinedObligations(_ determining: [String], _ request: AccessRequest) -> Obligations {
        let fromPolicies = determining.compactMap { obligations[$0] }.reduce(Obligations()) {
            $0.joinedCovering($1)
        }
        guard !request.action.isLocal, let agreement = request.agreement?.agreement else {
            return fromPolicies
        }
        let origin = "agreement \(agreement.id)"
        var fromAgreement = Obligations(
            honour: Set(agreement.honour), profiles: [agreement.disclosureProfile],
            releaseCap: agreement.releaseCap, validUntil: agreement.validUntil,
            provenance: ["profiles": [origin], "validUntil": [origin]])
        if !agreement.honour.isEmpty { fromAgreement.provenance["honour"] = [origin] }
        if agreement.releaseCap != nil { fromAgreement.provenance["releaseCap"] = [origin] }
        return fromPolicies.joinedCovering(fromAgreement).joinedCovering(law(agreement, request))
    }

    /// No owner of a scheme lists synthetic people: where nothing is disclosed to control either, so that totals
    /// can be checked, their lists are not asked for. What a controller recorded itself holds for them too.
    private func law(_ agreement: Agreement, _ request: AccessRequest) -> Obligations {
        let isRehearsal = request.isSynthetic && agreement.disclosureProfile == "none"
        let gateway = agreement.legalContext.gateway
        let schemes = OptOutScheme.allCases.filter {
            optOuts.rule($0, gateway: gateway, action: request.action) == .applies
                && !agreement.isExempt(from: $0)
                && !(isRehearsal && $0.isListed)
        }
        guard !schemes.isEmpty else { return Obligations() }
        return Obligations(
            honour: Set(schemes), provenance: ["honour": ["gateway \(gateway.rawValue)"]])
    }

    /// Whether a set of `dataset.column` and `dataset.*` has this column.
    static func covers(_ columns: Set<String>, _ column: String) -> Bool {
        columns.contains(column) || columns.contains(column.prefix { $0 != "." } + ".*")
    }

    /// The columns of the request, all of which may be used, by name instead of by pattern.
    private static func naming(_ columns: Set<String>, in obligations: Obligations) -> Obligations {
        var result = obligations
        result.columns = columns
        return result
    }
}

extension Obligations {
    /// `joined`, where a column set may hold patterns `dataset.*`: their meet keeps what both cover.
    func joinedCovering(_ other: Obligations) -> Obligations {
        var result = joined(with: other)
        if let left = columns, let right = other.columns {
            result.columns = left.filter { PolicyEngine.covers(right, $0) }
                .union(right.filter { PolicyEngine.covers(left, $0) })
        }
        return result
    }
}
