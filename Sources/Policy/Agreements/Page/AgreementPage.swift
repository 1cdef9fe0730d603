package import Core

/// An agreement as a page that people read and sign: the same content as HTML for paper and as plain text.
package struct AgreementPage: Sendable {
    /// What the page says and the agreement itself does not.
    package struct Facts: Sendable {
        package let names: [OrganisationCode: String]
        /// Dataset -> its columns by name, `*` put in words of the catalog.
        package let columns: [String: [String]]
        /// The disclosure profile in sentences.
        package let profileRules: [String]
        /// SHA-256 of the bytes that are signed.
        package let digest: String
        package let signatures: [Signature]
        package let state: String
        package let halts: [AgreementHalt]

        package init(
            names: [OrganisationCode: String], columns: [String: [String]], profileRules: [String],
            digest: String, signatures: [Signature], state: String, halts: [AgreementHalt]
        ) {
            self.names = names
            self.columns = columns
            self.profileRules = profileRules
            self.digest = digest
            self.signatures = signatures
            self.state = state
            self.halts = halts
        }
    }

    /// An electronic signature that verified.
    package struct Signature: Sendable {
        package let organisation: OrganisationCode
        package let role: String
        /// RFC 3339.
        package let at: String

        package init(organisation: OrganisationCode, role: String, at: String) {
            self.organisation = organisation
            self.role = role
            self.at = at
        }
    }

    package enum Block: Sendable {
        case paragraph(String)
        case list([String])
        case facts([(String, String)])
        case table([String], [[String]])
        /// Lines to sign on, a row of labels each.
        case signing([[String]])
    }

    package struct Section: Sendable {
        package let heading: String
        package let blocks: [Block]
    }

    package let title: String
    package let subtitle: String
    package private(set) var sections: [Section] = []
    package let footer: String

    package init(_ agreement: Agreement, _ facts: Facts) {
        title = agreement.title
        subtitle =
            "Data sharing agreement \(agreement.id), version \(agreement.version): \(facts.state)"
        footer = "\(agreement.id) version \(agreement.version), SHA-256 \(facts.digest)"
        sections = [
            Self.parties(agreement, facts), Self.purpose(agreement), Self.fiveSafes(agreement),
            Self.legal(agreement), Self.annex(agreement), Self.data(agreement, facts),
            Self.limits(agreement, facts), Self.dates(agreement), Self.approval(agreement, facts),
            Self.electronic(agreement, facts),
        ].compactMap(\.self)
    }
}
