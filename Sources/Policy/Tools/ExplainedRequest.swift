package import Core
import Foundation
import Yams

/// A request that `policy explain` is asked about: read from a file, or composed of options.
package enum ExplainedRequest {
    private struct Document: Decodable {
        let agreement: Agreement
        /// As in a case: what has happened to the agreement.
        let changes: RequestDocument.Change?
        let request: RequestDocument.Request

        enum CodingKeys: String, CodingKey, CaseIterable { case agreement, changes, request }
    }

    /// Reads `agreement`, `request` and, if there is one, `changes` (what a case has under `agreement`); or the case
    /// of that name, where the text is a file of cases.
    /// - Throws: `PolicyFault` with the field that is wrong, or the names of the cases.
    package static func read(_ yaml: String, file: String, case name: String?) throws -> AccessRequest {
        let form = YAMLForm(file: file, itemKey: "", itemName: "")
        let root = try form.root(of: yaml)
        if root["cases"] != nil {
            let cases = try PolicyCases(yaml: yaml, file: file).cases
            guard let found = cases.first(where: { $0.name == name }) else {
                let names = cases.map { "  \($0.name)" }.joined(separator: "\n")
                throw PolicyFault(file, "name one of its cases with --case:\n\(names)")
            }
            return found.request
        }
        try form.check(
            root,
            [
                "": Document.CodingKeys.names, "changes": RequestDocument.Change.CodingKeys.names,
                "request": RequestDocument.Request.CodingKeys.names,
                "agreement": AgreementFields.known[""] ?? [],
            ])
        let document: Document = try form.decode(root)
        do {
            return try RequestDocument.facts(
                document.request, try RequestDocument.record(document.changes, of: document.agreement))
        } catch let fault as AgreementFault {
            throw PolicyFault(file, fault.description)
        }
    }

    /// A request in the facts that options give.
    package static func compose(
        requester: OrganisationCode, controller: OrganisationCode, roles: Set<UserRole>, action: AccessAction,
        agreement: AgreementRecord?, purpose: Purpose?, columns: Set<String>, codelists: Set<String>,
        isSynthetic: Bool, day: CivilDate
    ) -> AccessRequest {
        AccessRequest(
            requester: requester, controller: controller, user: "u", roles: roles, action: action,
            agreement: agreement, statedPurpose: purpose, columns: columns, codelists: codelists,
            isSynthetic: isSynthetic, now: Date(timeIntervalSince1970: Double(day.days) * 86_400 + 3600))
    }
}
