internal import Core
internal import Node

/// A question as it stands in the editor.
struct QuestionForm: Sendable {
    var sql = ""
    var agreement = ""
    /// nil: the agreement's own.
    var purpose: String?
    var require = "all"
    var deadlineSeconds = 60
    var maximumAgeDays: Int?

    static let blank = QuestionForm()

    private init() {}

    /// As the editor sends it.
    /// - Throws: `Problem` for what no field of it sends.
    init(_ form: ConsoleForm) throws {
        sql = form["sql"] ?? ""
        (agreement, purpose) = Self.parts(form["under"] ?? "")
        require = form["require"] ?? "all"
        deadlineSeconds = form.number("deadline") ?? 60
        maximumAgeDays = form.number("max_age")
        guard Requirement(require) != nil, (1...3_600).contains(deadlineSeconds),
            (0...36_525).contains(maximumAgeDays ?? 0)
        else {
            throw Problem.invalid(
                "the settings are not as they must be: a deadline of 1 to 3600 seconds, an age in days")
        }
    }

    init(_ question: Question) {
        (sql, agreement, purpose) = (question.sql, question.agreement, question.purpose)
        (require, deadlineSeconds) = (question.require.text, question.deadlineSeconds)
        maximumAgeDays = question.maximumAgeDays
    }

    /// `AGREEMENT@PURPOSE`, as the name of a database is for tools that speak SQL.
    private static func parts(_ under: String) -> (String, String?) {
        let parts = under.split(separator: "@", maxSplits: 1).map(String.init)
        return (parts.first ?? "", parts.count == 2 ? parts[1] : nil)
    }

    var under: String { purpose.map { "\(agreement)@\($0)" } ?? agreement }

    /// - Throws: `SQLFault` where there is none.
    func question(of user: String) throws -> Question {
        guard !sql.isEmpty else {
            throw SQLFault(
                .syntaxError, "there is no question yet", hint: "write one, or begin with an example")
        }
        var question = Question(
            sql: sql, agreement: agreement, purpose: purpose, require: Requirement(require) ?? .all,
            deadlineSeconds: deadlineSeconds, user: user)
        question.maximumAgeDays = maximumAgeDays
        return question
    }
}
