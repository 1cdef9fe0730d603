import Core

/// What a new version of an agreement changes, in words: for those who are to sign it.
package struct AgreementDifference: Sendable {
    private let old: Agreement
    private let new: Agreement

    package init(from old: Agreement, to new: Agreement) {
        self.old = old
        self.new = new
    }

    /// One line a change, in the order of the agreement's fields.
    package var lines: [String] {
        var lines: [String] = []
        let before = AgreementValues(old)
        let after = AgreementValues(new)
        for path in before.order(with: after) {
            let (was, now) = (before.values[path], after.values[path])
            guard was != now, path.words != "version" else { continue }
            lines.append(Self.line(path.words, was, now))
        }
        return lines
    }

    /// For scripts.
    package struct Document: Codable, Sendable {
        package let agreement: String
        package let from: Int
        package let to: Int
        /// One a change, in words.
        package let changes: [String]
    }

    package var document: Document {
        Document(agreement: new.id, from: old.version, to: new.version, changes: lines)
    }

    package var text: String {
        let head = "'\(new.id)': version \(new.version) compared with version \(old.version)"
        return ([head] + (lines.isEmpty ? ["  nothing else changes"] : lines.map { "  \($0)" }))
            .joined(separator: "\n")
    }

    private static func line(_ words: String, _ was: [String]?, _ now: [String]?) -> String {
        guard let was else { return "\(words): new: \(list(now ?? []))" }
        guard let now else { return "\(words): no longer there (was \(list(was)))" }
        guard was.count > 1 || now.count > 1 else {
            return "\(words): was \(list(was)), is now \(list(now))"
        }
        let added = now.filter { !was.contains($0) }
        let dropped = was.filter { !now.contains($0) }
        let changes = [
            added.isEmpty ? nil : "adds \(list(added))", dropped.isEmpty ? nil : "drops \(list(dropped))",
            added.isEmpty && dropped.isEmpty ? "is in another order" : nil,
        ]
        return "\(words): \(changes.compactMap(\.self).joined(separator: "; "))"
    }

    private static func list(_ values: [String]) -> String {
        values.isEmpty ? "none" : values.joined(separator: ", ")
    }
}

/// The values of an agreement by what people call their fields.
private struct AgreementValues {
    struct Path: Hashable {
        let place: Int
        let words: String
    }

    private(set) var values: [Path: [String]] = [:]

    init(_ agreement: Agreement) {
        add("version", [String(agreement.version)])
        add("title", [agreement.title])
        add("controllers", agreement.controllers.map(\.text).sorted())
        add("linker", agreement.linker.map { [$0.text] })
        add("purpose", [agreement.purpose.name])
        add("purpose in words", agreement.purposeText.map { [$0] })
        add(agreement.fiveSafes)
        add(agreement.legalContext)
        add("impact assessment", agreement.dpia.map { [$0.title, $0.reference, $0.text].compactMap(\.self) })
        add(
            "exemption from the national data opt-out",
            agreement.exemptions?.nationalDataOptOut.map { [$0.cagFlow, $0.reason] })
        add("people without an NHS number", agreement.exemptions?.withoutNHSNumber.map { [$0] })
        add("actions", agreement.actions.map(\.rawValue).sorted())
        for (name, columns) in agreement.datasets.sorted(by: { $0.key < $1.key }) {
            add("columns of \(name)", columns.sorted(), at: 100)
        }
        add("release form", [agreement.releaseForm.rawValue], at: 101)
        add("disclosure profile", [agreement.disclosureProfile], at: 102)
        add("opt-outs honoured beyond the law", agreement.honour.map(\.rawValue).sorted(), at: 103)
        add("most questions answered by each controller", agreement.releaseCap.map { [String($0)] }, at: 104)
        add(
            "questions", agreement.cadence?.questions.map { ["\($0.most) in any \($0.per.rawValue)"] },
            at: 105)
        add("data published anew every", agreement.cadence?.snapshots.map { [$0.rawValue] }, at: 106)
        add("first releases that wait for a person", agreement.pendingReview.map { [String($0)] }, at: 107)
        add("example questions", agreement.examples, at: 108)
        add("first day", [agreement.validFrom.description], at: 109)
        add("last day", [agreement.validUntil.description], at: 110)
        add("review due", agreement.reviewDate.map { [$0.description] }, at: 111)
        add(
            "approvers",
            agreement.approvers.map { approver in
                "\(approver.name) (\(approver.organisation), \(approver.role.rawValue)"
                    + (approver.date.map { ", \($0)" } ?? "") + ")"
            }, at: 112)
    }

    /// Every path of either, in the order of the fields.
    func order(with other: AgreementValues) -> [Path] {
        Set(values.keys).union(other.values.keys).sorted { ($0.place, $0.words) < ($1.place, $1.words) }
    }

    private static let head = [
        "version", "title", "controllers", "linker", "purpose", "purpose in words", "safe project",
        "safe people",
        "safe settings", "safe data", "safe outputs", "UK GDPR Article 6(1)", "UK GDPR Article 9(2)",
        "confidentiality gateway", "Data Protection Act 2018, Schedule 1", "CAG reference",
        "CAG's annual review",
        "DARS reference", "data sharing agreement on paper", "impact assessment's reference",
        "impact assessment",
        "exemption from the national data opt-out", "people without an NHS number", "actions",
    ]

    private mutating func add(_ words: String, _ list: [String]?, at place: Int? = nil) {
        guard let list else { return }
        values[Path(place: place ?? Self.head.firstIndex(of: words) ?? 99, words: words)] = list
    }

    private mutating func add(_ safes: Agreement.FiveSafes?) {
        add("safe project", safes.map { [$0.project] })
        add("safe people", safes.map { [$0.people] })
        add("safe settings", safes.map { [$0.settings] })
        add("safe data", safes.map { [$0.data] })
        add("safe outputs", safes.map { [$0.outputs] })
    }

    private mutating func add(_ legal: LegalContext) {
        add("UK GDPR Article 6(1)", [legal.article6.rawValue])
        add("UK GDPR Article 9(2)", [legal.article9.rawValue])
        add("confidentiality gateway", [legal.gateway.rawValue])
        add("Data Protection Act 2018, Schedule 1", legal.dpa2018Schedule1.map { [$0] })
        add("CAG reference", legal.references.cag.map { [$0] })
        add("CAG's annual review", legal.references.cagReviewDue.map { [$0.description] })
        add("DARS reference", legal.references.dars.map { [$0] })
        add("data sharing agreement on paper", legal.references.dsa.map { [$0] })
        add("impact assessment's reference", legal.references.dpia.map { [$0] })
        add("study whose consents count", legal.references.study.map { [$0] })
    }
}
