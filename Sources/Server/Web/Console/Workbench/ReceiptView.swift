internal import Node

/// A receipt in plain words: who answered, from what, what was left out, how far numbers may be off.
struct ReceiptView: Sendable {
    let receipt: Receipt
    let names: FragmentNames
    /// nil where only the receipt was kept.
    var purposeTitle: String?
    var linkerName: String?

    var values: [String: any Sendable] {
        var values: [String: any Sendable] = [
            "id": receipt.queryID, "at": ConsoleWords.time(receipt.askedAt), "agreement": receipt.agreement,
            "purpose": purposeTitle ?? receipt.purpose, "headline": headline,
            "isWhole": answered.count == receipt.sites.count,
            "isSynthetic": receipt.synthetic, "sites": receipt.sites.map(site), "caveats": caveats,
            "references": receipt.references.map { note in
                "\(note.name), version \(note.version)"
                    + (note.asAt.map { ", as at \(ConsoleWords.day($0))" } ?? "")
            },
        ]
        if let linker = receipt.linker {
            values["linker"] =
                "People known to several organisations were counted once by \(linkerName ?? linker.linker), which sees no "
                + "names: \(ConsoleWords.count(linker.cellsReleased, "number")) came from there"
                + (linker.audit.map { ", entry \($0.index) in its log" } ?? "") + "."
        }
        return values
    }

    private var answered: [SiteReceipt] { receipt.sites.filter { $0.outcome == .answered } }

    private var headline: String {
        guard !receipt.sites.isEmpty else {
            return "Nobody was asked: the answer comes from tables that lie here."
        }
        let missing = receipt.sites.filter { $0.outcome != .answered }
        let words = "\(answered.count) of \(ConsoleWords.count(receipt.sites.count, "organisation")) answered"
        guard !missing.isEmpty else { return words + "." }
        return words
            + "; \(ConsoleWords.list(missing.map { "\($0.name) \(Self.outcome($0.outcome).words)" }))."
    }

    /// What may be missing, column by column.
    private var caveats: [String] {
        var words = receipt.bounds.map { "\($0.column): \($0.words)." }
        if receipt.sites.count > 1, receipt.linker == nil {
            words.append("A person known to two organisations is counted at each of them.")
        }
        return words
    }

    static func outcome(_ outcome: SiteReceipt.Outcome) -> (words: String, tag: String) {
        switch outcome {
        case .answered: ("answered", "good")
        case .refused: ("refused", "bad")
        case .failed: ("failed", "bad")
        case .late: ("was too late", "wait")
        case .unreachable: ("could not be reached", "bad")
        case .planned: ("would answer", "good")
        }
    }

    private func site(_ site: SiteReceipt) -> [String: any Sendable] {
        let outcome = Self.outcome(site.outcome)
        return [
            "name": site.name, "code": site.site, "outcome": outcome.words, "tag": outcome.tag,
            "sentences": sentences(site), "record": record(site),
        ]
    }

    private func sentences(_ site: SiteReceipt) -> [String] {
        var words: [String] = []
        if let reason = site.reason { words.append(Self.sentence(reason)) }
        if let snapshot = site.snapshot {
            words.append(
                "Data as published on \(ConsoleWords.day(snapshot.publishedAt)) (\(Self.age(snapshot.ageDays)))."
            )
            words += snapshot.stale.map { "Old: \($0)." }
        }
        for list in site.optOutLists {
            let scheme =
                list.scheme == "national-data-opt-out"
                ? "National data opt-outs" : "Opt-outs (\(list.scheme))"
            words.append("\(scheme) were left out, by the list of \(ConsoleWords.day(list.listedAt)).")
        }
        if let consent = site.consent { words.append(Self.sentence(consent)) }
        if let disclosure = site.disclosure {
            if disclosure.minimumPeople > 0 {
                words.append("Numbers of fewer than \(disclosure.minimumPeople) people were withheld.")
            }
            words += disclosure.statedErrors.map { names.named($0) + "." }
        }
        return words
    }

    /// For who checks it: where the organisation's own log has it.
    private func record(_ site: SiteReceipt) -> [String] {
        var lines: [String] = []
        if !site.rules.isEmpty { lines.append("decided by \(site.rules.joined(separator: ", "))") }
        if let decision = site.decision { lines.append("decision \(decision)") }
        if let version = site.policyVersion { lines.append("policies \(version)") }
        if let audit = site.audit { lines.append("log entry \(audit.index), commitment \(audit.commitment)") }
        if let disclosure = site.disclosure {
            lines.append(
                "disclosure profile \(disclosure.profile): \(disclosure.valuesReleased) values in "
                    + "\(disclosure.cellsReleased) cells; \(disclosure.rule)")
        }
        lines += site.obligations.map { "condition: \($0)" }
        return lines
    }

    private static func sentence(_ text: String) -> String {
        let words = text.prefix(1).uppercased() + text.dropFirst()
        return words.hasSuffix(".") ? words : words + "."
    }

    private static func age(_ days: Int) -> String {
        days == 0 ? "today" : days == 1 ? "yesterday" : "\(days) days ago"
    }
}
