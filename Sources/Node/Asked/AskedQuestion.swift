/// One question as this controller was asked it, with what became of it: for its governance people.
package struct AskedQuestion: Codable, Hashable, Sendable {
    package enum Outcome: String, Codable, Sendable, CaseIterable {
        case answered
        /// Not answered, by a rule.
        case refused
        /// Waits for a person here.
        case waiting
        /// Cancelled, or the node could not answer.
        case unanswered
        /// A dry run: nothing was run.
        case rehearsed
    }

    /// What was asked of the site in one piece.
    package struct Part: Codable, Hashable, Sendable {
        /// The exact question, as it was asked.
        package let sql: String
        /// The same in a paragraph of English; nil where it could not be read.
        package let words: String?
        package let left: LeftTable?
        /// Whether people went to the linker, sealed and under pseudonyms, to be counted across sites.
        package let isLinked: Bool
    }

    /// Its place in the log.
    package let entry: Int
    /// RFC 3339, UTC.
    package let at: String
    /// ODS code; the directory's name of it.
    package let requester: String
    package let requesterName: String?
    /// A pseudonym: the requester knows who it is.
    package let person: String
    package let agreement: String
    package let agreementTitle: String?
    package let purpose: String
    package let purposeTitle: String?
    package let outcome: Outcome
    /// Why it was not answered: the rule, and its words.
    package let rule: String?
    package let reason: String?
    package let parts: [Part]
    package let linker: String?
    /// What the answer was subject to.
    package let conditions: [String]
    /// Names the decision in the log.
    package let decision: String?
    package let profile: String?
    /// The copy of the data that was read: its number, and when it was made.
    package let publication: String?
    package let publishedAt: String?

    package var numbersShown: Int { parts.reduce(0) { $0 + ($1.left?.numbersShown ?? 0) } }

    /// Of the parts in which people are counted here; nil where it was not kept of some.
    package var numbersWithheld: Int? {
        parts.filter { !$0.isLinked }.compactMap(\.left).reduce(0) { total, left in
            guard let total, let withheld = left.numbersWithheld else { return nil }
            return total + withheld
        }
    }
}

/// Which questions somebody wants to see; what is nil does not matter.
package struct AskedSearch: Codable, Hashable, Sendable {
    /// All of these words occur: in the exact question, its English, the agreement, the purpose or the requester.
    package var words: String?
    package var agreement: String?
    package var requester: String?
    package var outcome: AskedQuestion.Outcome?
    /// Days, UTC, both included: days since 1970.
    package var from: Int?
    package var until: Int?
    /// Only what is before this entry of the log.
    package var before: Int?
    package var limit: Int

    package init(
        words: String? = nil, agreement: String? = nil, requester: String? = nil,
        outcome: AskedQuestion.Outcome? = nil, from: Int? = nil, until: Int? = nil, before: Int? = nil,
        limit: Int = 20
    ) {
        self.words = words
        self.agreement = agreement
        self.requester = requester
        self.outcome = outcome
        self.from = from
        self.until = until
        self.before = before
        self.limit = limit
    }
}

/// A page of questions, newest first.
package struct AskedPage: Codable, Hashable, Sendable {
    package let items: [AskedQuestion]
    /// Where to go on, as `before`; nil at the end.
    package let next: Int?
    /// Of all that are kept, from when the oldest is; nil where there is none.
    package let keptSince: String?
}

/// How questions are exported.
package enum AskedExportForm: String, Codable, Sendable, CaseIterable {
    /// A line a part of a question.
    case csv
    case json
}
