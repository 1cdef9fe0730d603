package import Core

/// A data sharing agreement: who may ask whom for what, on which legal ground, until when.
///
/// Written as YAML by a person, signed as canonical JSON (`canonicalJSON()`) by the requester and every
/// controller. A new version is a new document with a higher `version`.
package struct Agreement: Codable, Hashable, Sendable {
    package let id: String
    package let version: Int
    package let title: String
    package let requester: OrganisationCode
    package let controllers: [OrganisationCode]
    /// Merges what the requester may not see; neither requester nor, here, a controller.
    package let linker: OrganisationCode?
    package let purpose: Purpose
    package let legalContext: LegalContext
    package let actions: [AccessAction]
    /// Dataset -> its columns; `*` stands for all of them.
    package let datasets: [String: [String]]
    package let releaseForm: ReleaseForm
    /// Name of the disclosure profile; joined with the site's and the policies'.
    package let disclosureProfile: String
    /// Opt-out schemes to honour beyond those that the gateway demands.
    package let honour: [OptOutScheme]
    /// The most queries that each controller answers under this agreement; nil for no cap.
    package let releaseCap: Int?
    package let validFrom: CivilDate
    /// The last day on which it holds.
    package let validUntil: CivilDate
    package let approvers: [Approver]

    /// Who stands for an organisation's approval.
    package struct Approver: Codable, Hashable, Sendable {
        package enum Role: String, Codable, Sendable, CaseIterable {
            case author
            case caldicottGuardian
            case siro
            case dataProtectionOfficer
        }

        package let organisation: OrganisationCode
        package let role: Role
        package let name: String
    }

    /// The organisations that must have signed before it permits anything.
    package var parties: Set<OrganisationCode> { Set(controllers).union([requester]) }

    /// Whether it names this column, `dataset.column`.
    package func covers(column: String) -> Bool {
        guard let dot = column.firstIndex(of: ".") else { return false }
        let columns = datasets[String(column[..<dot])] ?? []
        return columns.contains("*") || columns.contains(String(column[column.index(after: dot)...]))
    }
}

/// What may be asked for (governance.md; `extract` and `readRecord` are doors of their own).
package enum AccessAction: String, Codable, Sendable, CaseIterable {
    case aggregate
    /// Combines people across controllers before anything is released.
    case link
    case extract
    case readRecord
    /// Takes data into this node: by its operator alone.
    case ingest
    /// Changes what this node is or knows: by its operator alone.
    case administer

    /// What an agreement can be about and an opt-out can stand against; the others happen within one node.
    package static let overData: [AccessAction] = [.aggregate, .link, .extract, .readRecord]

    /// Whether it happens within one node, under no agreement.
    package var isLocal: Bool { !Self.overData.contains(self) }
}

/// The typed legal ground of an agreement: one per purpose, never chosen by a request.
package struct LegalContext: Codable, Hashable, Sendable {
    /// UK GDPR Article 6(1).
    package enum Article6: String, Codable, Sendable, CaseIterable {
        case a, b, c, d, e, f
        /// Recognised legitimate interest: Data (Use and Access) Act 2025, section 70.
        case ea
    }

    /// UK GDPR Article 9(2).
    package enum Article9: String, Codable, Sendable, CaseIterable {
        case a, b, c, d, e, f, g, h, i, j
    }

    /// What sets aside, or respects, the common law duty of confidentiality.
    package enum Gateway: String, Codable, Sendable, CaseIterable {
        case impliedConsentDirectCare
        case explicitConsent
        case s251Reg2
        case s251Reg5
        case copiReg3
        case legalObligation
        case courtOrder
        case overridingPublicInterest
        case notConfidential
    }

    package let article6: Article6
    package let article9: Article9
    package let gateway: Gateway
    package let references: References

    /// Where the ground is written down.
    package struct References: Codable, Hashable, Sendable {
        /// Confidentiality Advisory Group, `YY/CAG/NNNN`.
        package let cag: String?
        /// The day by which CAG's annual review must be confirmed; overdue suspends the agreement.
        package let cagReviewDue: CivilDate?
        package let dars: String?
        package let dsa: String?
        package let dpia: String?
    }

    /// Whether it rests on section 251 of the NHS Act 2006.
    package var isSection251: Bool { gateway == .s251Reg2 || gateway == .s251Reg5 }
}
