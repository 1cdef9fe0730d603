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
    /// What the answers are for, in words.
    package let purposeText: String?
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
    /// The day by which the parties look at it again; overdue suspends it.
    package let reviewDate: CivilDate?
    package let approvers: [Approver]
    package let fiveSafes: FiveSafes?
    /// The data protection impact assessment, as an annex.
    package let dpia: ImpactAssessment?
    package let cadence: Cadence?
    /// So many releases of each controller wait for a person; nil for none.
    package let pendingReview: Int?
    /// Questions that it is meant for, in SQL: what a rehearsal runs.
    package let examples: [String]?
    package let exemptions: Exemptions?

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
        /// When they approved.
        package let date: CivilDate?
    }

    /// What a person need not write has a default; in the canonical form everything stands.
    package init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        id = try fields.decode(String.self, forKey: .id)
        version = try fields.decodeIfPresent(Int.self, forKey: .version) ?? 1
        title = try fields.decode(String.self, forKey: .title)
        requester = try fields.decode(OrganisationCode.self, forKey: .requester)
        controllers = try fields.decode([OrganisationCode].self, forKey: .controllers)
        linker = try fields.decodeIfPresent(OrganisationCode.self, forKey: .linker)
        purpose = try fields.decode(Purpose.self, forKey: .purpose)
        purposeText = try fields.decodeIfPresent(String.self, forKey: .purposeText)
        legalContext = try fields.decode(LegalContext.self, forKey: .legalContext)
        actions = try fields.decode([AccessAction].self, forKey: .actions)
        datasets = try fields.decode([String: [String]].self, forKey: .datasets)
        releaseForm = try fields.decodeIfPresent(ReleaseForm.self, forKey: .releaseForm) ?? .site
        disclosureProfile =
            try fields.decodeIfPresent(String.self, forKey: .disclosureProfile) ?? "concordat"
        honour = try fields.decodeIfPresent([OptOutScheme].self, forKey: .honour) ?? []
        releaseCap = try fields.decodeIfPresent(Int.self, forKey: .releaseCap)
        validFrom = try fields.decode(CivilDate.self, forKey: .validFrom)
        validUntil = try fields.decode(CivilDate.self, forKey: .validUntil)
        reviewDate = try fields.decodeIfPresent(CivilDate.self, forKey: .reviewDate)
        approvers = try fields.decodeIfPresent([Approver].self, forKey: .approvers) ?? []
        fiveSafes = try fields.decodeIfPresent(FiveSafes.self, forKey: .fiveSafes)
        dpia = try fields.decodeIfPresent(ImpactAssessment.self, forKey: .dpia)
        cadence = try fields.decodeIfPresent(Cadence.self, forKey: .cadence)
        pendingReview = try fields.decodeIfPresent(Int.self, forKey: .pendingReview)
        examples = try fields.decodeIfPresent([String].self, forKey: .examples)
        exemptions = try fields.decodeIfPresent(Exemptions.self, forKey: .exemptions)
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
    /// The condition of Schedule 1 of the Data Protection Act 2018, as a person writes it.
    package let dpa2018Schedule1: String?

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

    package init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        article6 = try fields.decode(Article6.self, forKey: .article6)
        article9 = try fields.decode(Article9.self, forKey: .article9)
        gateway = try fields.decode(Gateway.self, forKey: .gateway)
        references =
            try fields.decodeIfPresent(References.self, forKey: .references)
            ?? References(cag: nil, cagReviewDue: nil, dars: nil, dsa: nil, dpia: nil)
        dpa2018Schedule1 = try fields.decodeIfPresent(String.self, forKey: .dpa2018Schedule1)
    }

    /// Whether it rests on section 251 of the NHS Act 2006.
    package var isSection251: Bool { gateway == .s251Reg2 || gateway == .s251Reg5 }
}
