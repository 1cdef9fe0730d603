internal import Core
internal import Node

/// What would leave under an agreement, from the node's own report.
struct RehearsalView: Sendable {
    private let report: JSONTree

    /// Of questions asked lately under other agreements.
    private static let mostRecent = 5

    /// Runs the agreement's examples, what was asked lately, and a question that somebody wrote.
    static func run(_ source: AgreementSource, _ call: ConsoleCall) async throws -> RehearsalView {
        let own = [call.form["sql"]].compactMap(\.self)
        let recent = call.form["recent"] == "yes" ? mostRecent : 0
        return RehearsalView(
            report: try await call.run(
                .agreement(.rehearse(source, queries: own, recent: recent, json: true))
            ).tree)
    }

    var values: [String: any Sendable] {
        let questions = (report["questions"]?.elements ?? []).enumerated().map { Self.question($1, $0 + 1) }
        let permitted = questions.count { $0["isPermitted"] as? Bool == true }
        let summary =
            questions.isEmpty
            ? "Nothing was tried: the agreement names no examples. Write a question below, or try what was asked lately."
            : "\(permitted) of \(ConsoleWords.count(questions.count, "question")) would be answered."
        let waits = report["waits_for_person"]?.integer
        let values: ConsoleValues = [
            "summary": summary, "questions": questions,
            "waits": waits.map { "The first \(ConsoleWords.count($0, "answer")) would wait for you." },
        ]
        return values.members
    }

    private static func origin(_ origin: String) -> String {
        switch origin {
        case "example": "An example of the agreement"
        case "given": "Your own question"
        default: origin.prefix(1).uppercased() + origin.dropFirst()
        }
    }

    private static func question(_ question: JSONTree, _ number: Int) -> [String: any Sendable] {
        let isPermitted = question["rule"]?.text == nil
        let optOuts = (question["opt_outs"]?.elements ?? []).map { list in
            let (scheme, day) = (list["scheme"]?.text ?? "", list["listed_at"]?.text ?? "")
            return "The list \(scheme.replacing("-", with: " ")) of \(ConsoleWords.day(day)) leaves out "
                + "\(list["people_left_out"]?.text ?? "") people here."
        }
        let conditions = (question["conditions"]?.elements ?? []).compactMap { $0["words"]?.text }
        let values: ConsoleValues = [
            "number": String(number), "sqlID": "rehearsed-\(number)",
            "origin": question["origin"]?.text.map(Self.origin),
            "words": (question["words"]?.elements ?? []).compactMap(\.text).map(VisibleText.of),
            "sql": VisibleText.of(
                (question["sql"]?.elements ?? []).compactMap(\.text).joined(separator: "\n\n")),
            "isPermitted": isPermitted, "reason": isPermitted ? nil : question["reason"]?.text,
            "conditions": conditions + optOuts, "hasConditions": !(conditions + optOuts).isEmpty,
            "linker": question["to_linker"]?.text,
            "hasPreviews": question["tables"]?.elements.isEmpty == false,
            "previews": (question["tables"]?.elements ?? []).enumerated().map { place, table in
                PreviewView(table).values("What would leave of question \(number), part \(place + 1)")
            },
        ]
        return values.members
    }
}
