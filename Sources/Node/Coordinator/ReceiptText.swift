/// The receipt in words.
package enum ReceiptText {
    /// All of it, a line each.
    package static func whole(_ receipt: Receipt) -> String {
        var lines = ["Receipt \(receipt.queryID)"]
        lines.append(
            "  asked \(receipt.askedAt) by \(receipt.requester) for \(receipt.purpose) under \(receipt.agreement)"
        )
        if receipt.synthetic { lines.append("  SYNTHETIC data at every site") }
        lines.append("  \(receipt.joins)")
        lines += receipt.sites.flatMap(site)
        if let linker = receipt.linker {
            lines.append(
                "  \(linker.linker) linked people across \(linker.participants.joined(separator: ", ")): "
                    + "\(linker.cellsReleased) cells released, profile \(linker.profile)"
                    + (linker.audit.map { ", log entry \($0.index)" } ?? ""))
        }
        lines += receipt.bounds.map { "  \($0.column): \($0.words)" }
        lines += receipt.references.map {
            "  \($0.name) version \($0.version), sha256 \($0.digest.prefix(12))"
                + ($0.asAt.map { ", as at \($0)" } ?? "") + ($0.licence.map { ", \($0)" } ?? "")
        }
        return lines.map { $0 + "\n" }.joined()
    }

    /// In one line.
    package static func summary(_ receipt: Receipt) -> String {
        let answered = receipt.sites.filter { $0.outcome == .answered }.map(\.site)
        let missing = receipt.sites.filter { $0.outcome != .answered }.map {
            "\($0.site) (\($0.outcome.rawValue))"
        }
        let stale = receipt.sites.filter { $0.snapshot?.stale.isEmpty == false }.map(\.site)
        return "receipt \(receipt.queryID): answered \(answered.joined(separator: ", "))"
            + (stale.isEmpty ? "" : "; stale data at \(stale.joined(separator: ", "))")
            + (missing.isEmpty ? "" : "; missing \(missing.joined(separator: ", "))")
            + (receipt.synthetic ? "; synthetic" : "")
    }

    /// One site in a line.
    package static func line(_ site: SiteReceipt) -> String {
        var text = "  \(site.site) \(site.name): \(site.outcome.rawValue)"
        if let reason = site.reason { text += ": \(reason)" }
        if !site.rules.isEmpty { text += " [\(site.rules.joined(separator: ", "))]" }
        return text
    }

    private static func site(_ site: SiteReceipt) -> [String] {
        var lines = [line(site)]
        var facts: [String] = []
        if let snapshot = site.snapshot {
            facts.append(
                "publication \(snapshot.id) of \(snapshot.publishedAt) (\(days(snapshot.ageDays)) old)"
                    + snapshot.stale.map { ", STALE: \($0)" }.joined())
        }
        facts += site.optOutLists.map {
            "\($0.scheme) list of \($0.listedAt) (\(days($0.ageDays)) old) applied"
        }
        if let decision = site.decision {
            let under = site.policyVersion.map { " under policies \($0)" } ?? ""
            facts.append("decision \(decision.prefix(12))\(under)")
        }
        if let consent = site.consent { facts.append(consent) }
        if let audit = site.audit { facts.append("log entry \(audit.index) \(audit.commitment.prefix(12))") }
        if let time = site.time { facts.append(time) }
        if let bytes = site.bytes { facts.append(bytes) }
        if !facts.isEmpty { lines.append("      " + facts.joined(separator: "; ")) }
        if let disclosure = site.disclosure {
            lines.append(
                "      profile \(disclosure.profile): \(disclosure.valuesReleased) values in "
                    + "\(disclosure.cellsReleased) cells released; \(disclosure.rule)"
                    + (disclosure.valuesZeroOrWithheld.map { "; \($0) values zero or withheld" } ?? ""))
            lines += disclosure.statedErrors.map { "      \($0)" }
        }
        return lines
    }

    private static func days(_ count: Int) -> String { "\(count) day\(count == 1 ? "" : "s")" }
}
