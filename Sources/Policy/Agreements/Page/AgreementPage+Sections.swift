import Core

extension AgreementPage {
    private static func name(_ organisation: OrganisationCode, _ facts: Facts) -> String {
        facts.names[organisation].map { "\($0) (\(organisation))" } ?? organisation.text
    }

    static func parties(_ agreement: Agreement, _ facts: Facts) -> Section {
        var rows = [["Asks", name(agreement.requester, facts)]]
        rows += agreement.controllers.map { ["Holds data and answers", name($0, facts)] }
        if let linker = agreement.linker {
            rows.append(["Counts people across controllers", name(linker, facts)])
        }
        return Section(
            heading: "Parties",
            blocks: [
                .table(["Part", "Organisation (ODS code)"], rows),
                .paragraph(
                    "Each controller answers for its own data alone, decides each question for itself, and can end "
                        + "its part at any time with effect at once."),
            ])
    }

    static func purpose(_ agreement: Agreement) -> Section {
        let words = agreement.purpose.name.split(separator: "-").joined(separator: " ")
        return Section(
            heading: "Purpose",
            blocks: [.paragraph("For \(words), and nothing else.")]
                + [agreement.purposeText].compactMap(\.self).map(Block.paragraph))
    }

    static func fiveSafes(_ agreement: Agreement) -> Section? {
        agreement.fiveSafes.map { safes in
            Section(
                heading: "Five Safes",
                blocks: [
                    .facts([
                        ("Safe project", safes.project), ("Safe people", safes.people),
                        ("Safe settings", safes.settings), ("Safe data", safes.data),
                        ("Safe outputs", safes.outputs),
                    ])
                ])
        }
    }

    static func legal(_ agreement: Agreement) -> Section {
        let legal = agreement.legalContext
        let references = legal.references
        var facts = [
            ("UK GDPR", "Article 6(1)(\(legal.article6.rawValue)): \(legal.article6.words)"),
            ("Health data", "Article 9(2)(\(legal.article9.rawValue)): \(legal.article9.words)"),
            ("Confidentiality", legal.gateway.words),
        ]
        if let condition = legal.dpa2018Schedule1 {
            facts.append(("Data Protection Act 2018, Schedule 1", condition))
        }
        let optional: [(String, String?)] = [
            ("Confidentiality Advisory Group", references.cag),
            ("Its annual review is due", references.cagReviewDue?.description),
            ("Data Access Request Service", references.dars),
            ("Data sharing agreement on paper", references.dsa), ("Impact assessment", references.dpia),
            ("Study whose consents count", references.study),
        ]
        facts += optional.compactMap { label, value in value.map { (label, $0) } }
        return Section(heading: "Legal ground", blocks: [.facts(facts)] + exemptions(agreement))
    }

    private static func exemptions(_ agreement: Agreement) -> [Block] {
        var blocks: [Block] = []
        if let exemption = agreement.exemptions?.nationalDataOptOut {
            blocks.append(
                .paragraph(
                    "The Confidentiality Advisory Group exempted this flow (\(exemption.cagFlow)) from the national "
                        + "data opt-out: \(exemption.reason)"))
        }
        if let reason = agreement.exemptions?.withoutNHSNumber {
            blocks += [
                .paragraph("To obtain missing NHS numbers would be disproportionate: \(reason)"),
                .paragraph("People without one are left out all the same wherever an opt-out applies."),
            ]
        }
        return blocks
    }

    static func annex(_ agreement: Agreement) -> Section? {
        agreement.dpia.map { annex in
            Section(
                heading: "Annex: data protection impact assessment",
                blocks: [.paragraph(annex.title)]
                    + [annex.reference.map { "Kept as \($0)" }, annex.text].compactMap(\.self)
                    .map(Block.paragraph))
        }
    }

    static func data(_ agreement: Agreement, _ facts: Facts) -> Section {
        let rows = agreement.datasets.sorted { $0.key < $1.key }.map { name, columns in
            let known = facts.columns[name] ?? columns
            return [
                name.split(separator: "_").joined(separator: " "),
                (columns.contains("*") ? "all: " : "") + known.joined(separator: ", "),
            ]
        }
        return Section(
            heading: "Data and what is done with them",
            blocks: [
                .table(["Records", "Columns"], rows), .list(agreement.actions.map(\.words)),
                .paragraph(
                    agreement.releaseForm == .site
                        ? "Each controller makes its own numbers safe before they leave it."
                        : "Numbers are put together by the linker and made safe there; no controller's own leave it."
                ),
            ])
    }

    static func limits(_ agreement: Agreement, _ facts: Facts) -> Section {
        var limits: [(String, String)] = []
        if !agreement.honour.isEmpty {
            limits.append(
                ("Opt-outs honoured beyond the law", agreement.honour.map(\.rawValue).joined(separator: ", "))
            )
        }
        if let cap = agreement.releaseCap {
            limits.append(("Questions answered", "at most \(cap) by each controller"))
        }
        if let rate = agreement.cadence?.questions {
            limits.append(("How often", "at most \(rate.most) questions in any \(rate.per.rawValue)"))
        }
        if let period = agreement.cadence?.snapshots {
            limits.append(("Data are renewed", "at least once a \(period.rawValue)"))
        }
        if let count = agreement.pendingReview {
            limits.append(
                ("Seen by a person first", "the first \(count) answers of each controller, before they leave")
            )
        }
        var blocks: [Block] = [
            .paragraph("Rules of disclosure control, '\(agreement.disclosureProfile)':"),
            .list(facts.profileRules),
        ]
        if !limits.isEmpty { blocks.append(.facts(limits)) }
        if let examples = agreement.examples, !examples.isEmpty {
            blocks += [.paragraph("Questions that it is meant for, for example:"), .list(examples)]
        }
        return Section(heading: "What keeps people safe in what leaves", blocks: blocks)
    }

    static func dates(_ agreement: Agreement) -> Section {
        var facts = [
            ("First day", agreement.validFrom.description), ("Last day", agreement.validUntil.description),
        ]
        if let review = agreement.reviewDate {
            facts.append(("Review", "by \(review); after that day nothing is answered until a new version"))
        }
        return Section(heading: "Dates", blocks: [.facts(facts)])
    }

    static func approval(_ agreement: Agreement, _ facts: Facts) -> Section {
        let named = agreement.approvers.map { approver in
            [
                "\(approver.name), \(approver.role.words)", name(approver.organisation, facts),
                approver.date?.description ?? "",
            ]
        }
        let missing = agreement.parties.sorted()
            .filter { party in !agreement.approvers.contains { $0.organisation == party } }
            .map { ["For the organisation", name($0, facts), ""] }
        return Section(heading: "Approval", blocks: [.signing(named + missing)])
    }

    static func electronic(_ agreement: Agreement, _ facts: Facts) -> Section {
        let signed = facts.signatures.map { [name($0.organisation, facts), $0.role, $0.at] }
        let open = agreement.parties.subtracting(facts.signatures.map(\.organisation)).sorted()
        var blocks: [Block] = [
            .paragraph(
                "It is in force once every party has signed the text with this SHA-256: \(facts.digest)")
        ]
        if !signed.isEmpty { blocks.append(.table(["Signed electronically", "As", "At"], signed)) }
        if !open.isEmpty {
            blocks.append(
                .paragraph("Not signed yet by \(open.map { name($0, facts) }.joined(separator: ", ")).")
            )
        }
        blocks += facts.halts.map { halt in
            .paragraph(
                "\(name(halt.organisation, facts)) \(halt.act.rawValue) it on \(halt.day): \(halt.reason)")
        }
        return Section(heading: "Electronic signatures", blocks: blocks)
    }
}
