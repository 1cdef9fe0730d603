internal import Core
internal import Foundation
internal import Node

/// What was asked, what left, and what was withheld.
enum AskedPages {
    static let all = [list, one, export]

    private static let perPage = 20

    private static let list = ConsolePage.show("/desk", "listQuestions", DeskPages.leads) { call in
        let search = try search(call.query, limit: perPage, before: call.query.number("before"))
        let page = try await call.run(.inquire(.asked(search))).decoded(AskedPage.self)
        let agreements = try await call.run(.listAgreements).records
        let values: ConsoleValues = [
            "questions": page.items.map { AskedView(question: $0).line }, "hasQuestions": !page.items.isEmpty,
            "older": page.next.map { older(call.query, $0) },
            "isSearch": isSearch(call.query) ? true : nil,
            "isOlder": call.query["before"] == nil ? nil : true,
            "keptSince": page.keptSince.map(ConsoleWords.day), "search": form(call.query, agreements),
            "waiting": try await waiting(call), "measures": try await measures(call),
            "lists": try await OptOutPages.notes(call),
        ]
        return .page("desk-asked", title: "What was asked", values)
    }

    /// How many answers wait for a person, in words; nil where none does.
    private static func waiting(_ call: ConsoleCall) async throws -> String? {
        let count = try await call.run(.review(.list)).records.count { $0["state"] == "waiting" }
        guard count > 0 else { return nil }
        return count == 1 ? "1 answer waits for you." : "\(ConsoleWords.grouped(count)) answers wait for you."
    }

    private static func measures(_ call: ConsoleCall) async throws -> String? {
        let count = try await MeasurePages.waiting(call)
        guard count > 0 else { return nil }
        return count == 1
            ? "1 regular figure waits for you."
            : "\(ConsoleWords.grouped(count)) regular figures wait for you."
    }

    // MARK: The search

    /// - Throws: `Problem` for a day that is none.
    static func search(_ form: ConsoleForm, limit: Int, before: Int? = nil) throws -> AskedSearch {
        AskedSearch(
            words: form["q"], agreement: form["agreement"],
            outcome: form["outcome"].flatMap(AskedQuestion.Outcome.init), from: try day(form, "from"),
            until: try day(form, "until"), before: before, limit: limit)
    }

    private static func day(_ form: ConsoleForm, _ name: String) throws -> Int? {
        guard let text = form[name] else { return nil }
        guard let day = Civil.parseDate(text) else {
            throw Problem.invalid("'\(name)' is a day, written YYYY-MM-DD")
        }
        return Int(day)
    }

    private static let fields = ["q", "agreement", "outcome", "from", "until"]

    private static func isSearch(_ query: ConsoleForm) -> Bool { fields.contains { query[$0] != nil } }

    private static func older(_ query: ConsoleForm, _ before: Int) -> String {
        let kept = fields.compactMap { name in query[name].map { (name, $0) } }
        return "/desk?" + AddressText.pairs(kept + [("before", String(before))])
    }

    private static func form(_ query: ConsoleForm, _ agreements: [[String: String]]) -> [String: any Sendable]
    {
        let chosen = query["agreement"]
        var options: [[String: any Sendable]] = []
        var seen: Set<String> = []
        for agreement in agreements {
            guard let id = agreement["id"], seen.insert(id).inserted else { continue }
            options.append(["id": id, "title": agreement["title"] ?? id, "isChosen": id == chosen])
        }
        let outcomes = AskedQuestion.Outcome.allCases.map { outcome in
            [
                "id": outcome.rawValue, "title": AskedView.outcome(outcome),
                "isChosen": outcome.rawValue == query["outcome"],
            ] as [String: any Sendable]
        }
        let values: ConsoleValues = [
            "q": query["q"], "from": query["from"], "until": query["until"], "agreements": options,
            "outcomes": outcomes,
        ]
        return values.members
    }

    // MARK: One question

    private static let one = ConsolePage.show("/desk/questions/{entry}", "showQuestion", DeskPages.leads) {
        call in
        let entry = Int(call.item("entry")) ?? -1
        let question = try await call.run(.inquire(.askedQuestion(entry: entry))).decoded(AskedQuestion.self)
        return .page(
            "desk-question", title: "Question of \(ConsoleWords.time(question.at))",
            ["question": AskedView(question: question).whole])
    }

    // MARK: For the data protection officer

    private static let export = ConsolePage.act("/desk/export", "exportQuestions", DeskPages.leads) { call in
        let search = try search(call.form, limit: 0)
        let name = "questions-\(call.form["from"] ?? "all")-\(call.form["until"] ?? "today")"
        switch call.form["format"] {
        case "csv":
            let text = try await call.run(.inquire(.askedExport(search, .csv))).document
            return .file(Array(text.utf8), type: "text/csv; charset=utf-8", name: name + ".csv")
        case "json":
            let text = try await call.run(.inquire(.askedExport(search, .json))).document
            return .file(Array(text.utf8), type: "application/json", name: name + ".json")
        default:
            let questions = try await call.run(.inquire(.askedExport(search, .json)))
                .decoded([AskedQuestion].self)
            let values: ConsoleValues = [
                "questions": questions.map { AskedView(question: $0).line },
                "hasQuestions": !questions.isEmpty,
                "count": ConsoleWords.count(questions.count, "question"),
                "from": call.form["from"].map { ConsoleWords.day($0) } ?? "the first that is kept",
                "until": call.form["until"].map { ConsoleWords.day($0) } ?? "today",
                "madeAt": ConsoleWords.time(Int64(Date().timeIntervalSince1970 * 1_000)),
            ]
            return .page("desk-register", title: "Register of questions", values)
        }
    }
}
