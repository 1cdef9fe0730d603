internal import Core

/// Questions as a file for other programs: a line a part of a question.
enum AskedRegister {
    static let columns = [
        "log_entry", "asked_at", "requester", "requester_name", "person", "agreement", "agreement_title",
        "purpose",
        "purpose_title", "outcome", "rule", "reason", "in_words", "exact_question", "groups",
        "groups_withheld",
        "numbers", "numbers_that_left", "numbers_withheld", "linker", "conditions", "disclosure_profile",
        "publication", "published_at", "decision",
    ]

    /// RFC 4180, oldest first.
    static func csv(_ questions: [AskedQuestion]) -> String {
        let lines = [columns] + questions.flatMap { question in question.parts.map { line(question, $0) } }
        return lines.map { $0.map(field).joined(separator: ",") + "\r\n" }.joined()
    }

    private static func line(_ question: AskedQuestion, _ part: AskedQuestion.Part) -> [String] {
        func number(_ value: Int?) -> String { value.map(String.init) ?? "" }
        // What a linker withholds is not known here.
        let (left, withheld) = (part.left, part.isLinked ? nil : part.left)
        return [
            String(question.entry), question.at, question.requester, question.requesterName ?? "",
            question.person, question.agreement, question.agreementTitle ?? "", question.purpose,
            question.purposeTitle ?? "", question.outcome.rawValue, question.rule ?? "",
            question.reason ?? "",
            part.words ?? "", part.sql, number(withheld?.groups), number(withheld?.groupsWithheld),
            number(withheld?.numbers), number(left?.numbersShown), number(withheld?.numbersWithheld),
            part.isLinked ? question.linker ?? "" : "", question.conditions.joined(separator: "; "),
            question.profile ?? "", question.publication ?? "", question.publishedAt ?? "",
            question.decision ?? "",
        ]
    }

    /// What a spreadsheet would take for a formula is text: with an apostrophe before it (OWASP, CSV injection).
    private static func field(_ text: String) -> String {
        let isFormula = text.unicodeScalars.first.map { "=+-@\t\r".unicodeScalars.contains($0) } ?? false
        return CSVQuoting.field(isFormula ? "'" + text : text)
    }
}
