import Core
import Foundation

extension AuthorisationScene {
    /// What a permitted question is tried with: references that are missing, other articles, columns of every
    /// class, codelists that are restricted.
    var changes: [Change] {
        missingReferences
            + [
                legal("resting on Article 6(1)(f)") { $0["article6"] = "f" },
                legal("resting on Article 6(1)(ea)") { $0["article6"] = "ea" },
                agreement("under an agreement with the profile 'none'") { $0["disclosureProfile"] = "none" },
                agreement("under an agreement for another controller") { $0["controllers"] = ["RYJ"] },
                agreement("under another organisation's agreement") { $0["requester"] = "QXX" },
                agreement("under an agreement without the action") { $0["actions"] = [String]() },
                columns("with a column that the agreement does not name", ["observation.code"]),
            ] + classes
            + ["sexual-health", "assisted-reproduction", "gender-recognition"].map { topic in
                Change(name: "naming codelist.restricted-\(topic)") {
                    $0.changed(codelists: ["codelist.restricted-\(topic)"])
                }
            }
    }

    private var missingReferences: [Change] {
        [
            ("cag", "a reference of the Confidentiality Advisory Group"),
            ("cagReviewDue", "the day of its annual review"), ("dsa", "a data sharing agreement"),
            ("dpia", "an impact assessment"),
        ].map { field, name in
            legal("without \(name)") { legal in
                var references = legal["references"] as? [String: Any] ?? [:]
                references[field] = nil
                legal["references"] = references
            }
        }
    }

    private var classes: [Change] {
        [
            columns("with an identifier", ["condition.resource_id"]),
            columns("with ethnicity", ["patient.ethnic_category"]),
            columns("with geography", ["patient.lsoa"]),
            columns("with a column that nobody classified", ["condition.unheard_of"]),
        ]
    }

    private func columns(_ name: String, _ columns: Set<String>) -> Change {
        Change(name: name) { $0.changed(columns: columns) }
    }

    private func legal(_ name: String, _ change: @escaping @Sendable (inout [String: Any]) -> Void) -> Change
    {
        agreement(name) { fields in
            var legal = fields["legalContext"] as? [String: Any] ?? [:]
            change(&legal)
            fields["legalContext"] = legal
        }
    }

    private func agreement(
        _ name: String, _ change: @escaping @Sendable (inout [String: Any]) -> Void
    ) -> Change {
        Change(name: name) { request in
            guard let record = request.agreement,
                let data = try? record.agreement.canonicalJSON(),
                var fields = try? JSONSerialization.jsonObject(with: data) as? [String: Any]
            else { return request }
            change(&fields)
            // Not validated: policies must hold whatever agreement reached the node.
            let changed = (try? JSONSerialization.data(withJSONObject: fields)).flatMap {
                try? JSONDecoder().decode(Agreement.self, from: $0)
            }
            return request.changed(
                agreement: changed.map { AgreementRecord(agreement: $0, signers: $0.parties) })
        }
    }
}

extension AccessRequest {
    /// The same request but for what is given.
    fileprivate func changed(
        agreement: AgreementRecord? = nil, columns: Set<String>? = nil, codelists: Set<String>? = nil
    ) -> AccessRequest {
        AccessRequest(
            requester: requester, controller: controller, user: user, roles: roles, action: action,
            agreement: agreement ?? self.agreement, statedPurpose: statedPurpose,
            columns: columns ?? self.columns, codelists: codelists ?? self.codelists, care: care,
            isSynthetic: isSynthetic, now: now)
    }
}
