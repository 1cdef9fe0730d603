package import Core
internal import Exchange

/// A question as a person puts it to their own node.
package struct Question: Codable, Sendable {
    package var sql: String
    package var agreement: String
    /// nil: the agreement's own purpose.
    package var purpose: String?
    package var require: Requirement
    package var deadlineSeconds: Int
    /// Sites whose publication is older count as not answering; nil: of any age.
    package var maximumAgeDays: Int?
    /// Who asks, by the name of the local account or of the node's user: leaves the node as a keyed pseudonym only.
    package var user: String
    /// The measure that this is a period of; `sql` is then its text with `:as_at`.
    var measure: RequestMeasure?

    package init(
        sql: String, agreement: String, purpose: String?, require: Requirement = .all,
        deadlineSeconds: Int = 60,
        user: String
    ) {
        self.sql = sql
        self.agreement = agreement
        self.purpose = purpose
        self.require = require
        self.deadlineSeconds = deadlineSeconds
        self.user = user
    }
}

/// How many of the asked sites must answer for there to be an answer.
package enum Requirement: Codable, Hashable, Sendable {
    case all
    case any
    case quorum(Int)

    /// Reads `all`, `any` or `quorum=N`.
    package init?(_ text: String) {
        switch text {
        case "all": self = .all
        case "any": self = .any
        default:
            guard text.hasPrefix("quorum="), let count = Int(text.dropFirst(7)), count > 0 else { return nil }
            self = .quorum(count)
        }
    }

    package var text: String {
        switch self {
        case .all: "all"
        case .any: "any"
        case .quorum(let count): "quorum=\(count)"
        }
    }

    package func isMet(answered: Int, asked: Int) -> Bool {
        switch self {
        case .all: answered == asked
        case .any: answered > 0
        case .quorum(let count): answered >= count
        }
    }
}

/// Rows with their receipt.
package struct Answer: Sendable {
    package var table: Table
    /// Cells that are NULL because something they rest on was withheld.
    package var withheld: [WithheldCell]
    package var receipt: Receipt

    package init(table: Table, withheld: [WithheldCell], receipt: Receipt) {
        self.table = table
        self.withheld = withheld
        self.receipt = receipt
    }

    /// Whether a site that was asked is missing from it.
    package var isPartial: Bool { receipt.sites.contains { $0.outcome != .answered } }
}

/// Zero-based row and column of a withheld value.
package struct WithheldCell: Hashable, Sendable {
    package var row: Int
    package var column: Int

    package init(row: Int, column: Int) {
        self.row = row
        self.column = column
    }
}

/// Why there is no answer: a fault of the statement, refusals, or too few sites.
package struct QuestionFault: Error, Sendable, Codable {
    package var fault: SQLFault
    /// What each asked site did; empty when none was asked.
    package var sites: [SiteReceipt]

    package init(_ fault: SQLFault, sites: [SiteReceipt] = []) {
        self.fault = fault
        self.sites = sites
    }

    package var isRefusedEverywhere: Bool {
        !sites.isEmpty && sites.allSatisfy { $0.outcome == .refused }
    }
}
