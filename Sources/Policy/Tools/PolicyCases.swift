package import Core
import Yams

/// A file of cases, `*.cases.yaml`: requests with the answer that a folder's policies must give.
///
/// A case changes the agreement and the request above it only where it says so. A field that is not known is an
/// error: misspelt, it would pass for one that was left out.
package struct PolicyCases: Sendable {
    /// One request and what must come of it.
    package struct Case: Sendable {
        package let name: String
        /// Counts from 1.
        package let line: Int
        package let request: AccessRequest
        let expected: Expectation
    }

    /// What a case says of the decision.
    struct Expectation: Decodable, Sendable {
        let name: String
        let agreement: RequestDocument.Change?
        let request: RequestDocument.Request?
        let decision: Decision.Outcome
        let determining: [String]
        let reason: String?
        let minimumPeople: Int?
        let profiles: Set<String>?
        let honour: Set<OptOutScheme>?
        let alerts: Set<String>?
        let review: Bool?
        let excluded: Set<String>?
        let releaseCap: Int?
        let validUntil: CivilDate?
        /// Field of the obligations -> whose value stands; only the fields that are named are compared.
        let provenance: [String: [String]]?

        enum CodingKeys: String, CodingKey, CaseIterable {
            case name, agreement, request, decision, determining, reason, minimumPeople, profiles, honour
            case alerts, review, excluded, releaseCap, validUntil, provenance
        }
    }

    /// One thing in which a decision is not what the case says.
    package struct Difference: Hashable, Sendable, Codable {
        package let field: String
        package let expected: String
        package let got: String
    }

    /// What came of one case; without differences it passed.
    package struct Result: Sendable {
        package let file: String
        package let line: Int
        package let name: String
        package let decision: Decision
        package let differences: [Difference]

        package var passed: Bool { differences.isEmpty }
    }

    package let file: String
    package let cases: [Case]

    private struct Document: Decodable {
        let agreement: Agreement
        let request: RequestDocument.Request?
        let cases: [Expectation]

        enum CodingKeys: String, CodingKey, CaseIterable { case agreement, request, cases }
    }

    /// Reads the text of a file.
    /// - Throws: `PolicyFault` with the file, the case and the field of the first thing that is wrong.
    package init(yaml: String, file: String) throws {
        self.file = file
        let form = YAMLForm(file: file, itemKey: "cases", itemName: "case")
        let root = try form.root(of: yaml)
        try form.check(
            root,
            [
                "": Document.CodingKeys.names,
                "request": RequestDocument.Request.CodingKeys.names,
                "cases[]": Expectation.CodingKeys.names,
                "cases[].agreement": RequestDocument.Change.CodingKeys.names,
                "cases[].request": RequestDocument.Request.CodingKeys.names,
                "agreement": AgreementFields.known[""] ?? [],
                "agreement.legalContext": AgreementFields.known["legalContext"] ?? [],
                "agreement.legalContext.references": AgreementFields.known["legalContext.references"] ?? [],
            ])
        let document: Document = try form.decode(root)
        let lines = (root["cases"]?.sequence ?? []).map { $0.mark?.line ?? 1 }
        cases = try document.cases.enumerated().map { index, expected in
            do {
                let record = try RequestDocument.record(expected.agreement, of: document.agreement)
                let request = (expected.request ?? .init()).over(document.request)
                return Case(
                    name: expected.name, line: lines[index],
                    request: try RequestDocument.facts(request, record), expected: expected)
            } catch let fault as AgreementFault {
                throw PolicyFault(file, "\(lines[index]): case '\(expected.name)': \(fault)")
            }
        }
    }

    /// Decides every case.
    package func results(_ engine: PolicyEngine) -> [Result] {
        cases.map { test in
            let decision = engine.decide(test.request)
            return Result(
                file: file, line: test.line, name: test.name, decision: decision,
                differences: test.expected.differences(from: decision))
        }
    }
}

extension PolicyCases.Expectation {
    /// In what a decision differs from this, field by field.
    func differences(from decision: Decision) -> [PolicyCases.Difference] {
        let obligations = decision.obligations
        var fields: [(name: String, expected: String, got: String)] = [
            ("decision", self.decision.rawValue, decision.outcome.rawValue),
            ("determining", list(determining), list(decision.determining)),
            (
                "minimumPeople", minimumPeople.map(String.init) ?? "none",
                obligations.minimumPeople.map(String.init) ?? "none"
            ),
            ("profiles", list((profiles ?? []).sorted()), list(obligations.profiles.sorted())),
            (
                "honour", list((honour ?? []).map(\.rawValue).sorted()),
                list(obligations.honour.map(\.rawValue).sorted())
            ),
        ]
        fields.append(("alerts", list((alerts ?? []).sorted()), list(obligations.alerts.sorted())))
        fields.append(("review", "\(review ?? false)", "\(obligations.needsReview)"))
        fields += ifGiven(obligations)
        let isOtherOutcome = self.decision != decision.outcome
        if reason != nil || isOtherOutcome { fields.append(("reason", reason ?? "any", decision.reason)) }
        return fields.filter { $0.expected != $0.got }.map {
            PolicyCases.Difference(field: $0.name, expected: $0.expected, got: $0.got)
        }
    }

    /// Obligations that nearly every permit bears: a case says them where they are its point.
    private func ifGiven(_ obligations: Obligations) -> [(name: String, expected: String, got: String)] {
        var fields: [(name: String, expected: String, got: String)] = []
        if let excluded {
            fields.append(
                ("excluded", list(excluded.sorted()), list(obligations.excludedCodelists.sorted())))
        }
        if let releaseCap {
            fields.append(("releaseCap", "\(releaseCap)", obligations.releaseCap.map(String.init) ?? "none"))
        }
        if let validUntil {
            fields.append(
                ("validUntil", validUntil.description, obligations.validUntil?.description ?? "none"))
        }
        for (field, origins) in (provenance ?? [:]).sorted(by: { $0.key < $1.key }) {
            fields.append(
                ("provenance.\(field)", list(origins.sorted()), list(obligations.provenance[field] ?? [])))
        }
        return fields
    }

    private func list(_ items: [String]) -> String { "[\(items.joined(separator: ", "))]" }
}

extension CodingKey where Self: CaseIterable {
    /// The names of the fields.
    static var names: Set<String> { Set(allCases.map(\.stringValue)) }
}
