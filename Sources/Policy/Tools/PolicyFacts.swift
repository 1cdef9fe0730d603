package import Core
import Foundation

/// What a node's own decisions rest on, handed to a command on the same machine: its policies and the agreements it
/// knows. Bears no data of a person.
package struct PolicyFacts: Codable, Sendable {
    struct Record: Codable, Sendable {
        let document: Data
        let signers: [OrganisationCode]
        let revokedBy: [OrganisationCode]
        let suspendedBy: [OrganisationCode]
    }

    package let organisation: OrganisationCode
    package let isSynthetic: Bool
    private let name: String
    private let texts: [String: String]
    private let records: [Record]

    /// - Parameter agreements: of each the version that counts here.
    package init(
        organisation: OrganisationCode, isSynthetic: Bool, files: PolicyFiles, agreements: [AgreementRecord]
    ) throws {
        self.organisation = organisation
        self.isSynthetic = isSynthetic
        name = files.name
        texts = files.texts
        records = try agreements.map { record in
            Record(
                document: try record.agreement.canonicalJSON(),
                signers: record.signers.sorted { $0.text < $1.text },
                revokedBy: record.revokedBy.sorted { $0.text < $1.text },
                suspendedBy: record.suspendedBy.sorted { $0.text < $1.text })
        }
    }

    package var files: PolicyFiles { PolicyFiles(name: name, texts: texts) }

    /// - Throws: `AgreementFault` for a document that is no agreement.
    package func agreements() throws -> [AgreementRecord] {
        try records.map { record in
            AgreementRecord(
                agreement: try Agreement(canonicalJSON: record.document), signers: Set(record.signers),
                revokedBy: Set(record.revokedBy), suspendedBy: Set(record.suspendedBy))
        }
    }
}
