internal import Core
internal import Node

/// A question that this controller was asked, in the words of its governance people.
struct AskedView: Sendable {
    let question: AskedQuestion

    static func outcome(_ outcome: AskedQuestion.Outcome) -> String {
        switch outcome {
        case .answered: "Answered"
        case .refused: "Not answered"
        case .waiting: "Had to wait"
        case .unanswered: "Broken off"
        case .rehearsed: "Dry run"
        }
    }

    var requester: String {
        question.requesterName.map { "\($0) (\(question.requester))" } ?? question.requester
    }

    /// What left, in a sentence.
    var left: String {
        switch question.outcome {
        case .answered: answered
        case .refused: "Nothing left. \(reason)"
        case .waiting: "Nothing left then: the answer had to wait until a person here had looked at it."
        case .unanswered: "Nothing left: the question was broken off, or the node could not answer it."
        case .rehearsed:
            "Nothing was run and nothing left: the asker wanted to know whether it would be answered."
        }
    }

    private var reason: String {
        guard let words = question.reason, !words.isEmpty else { return "" }
        return words.prefix(1).uppercased() + words.dropFirst() + (words.hasSuffix(".") ? "" : ".")
    }

    private var answered: String {
        let shown = question.numbersShown
        var text = shown == 0 ? "No number left" : "\(ConsoleWords.count(shown, "number")) left"
        if question.parts.allSatisfy(\.isLinked) {
            text += shown == 0 ? " for the asker." : "."
        } else if let withheld = question.numbersWithheld {
            text += withheld == 0 ? ", none was withheld." : ", \(ConsoleWords.grouped(withheld)) withheld."
        } else {
            text += "; how many were withheld was not kept."
        }
        return question.parts.contains(where: \.isLinked) ? "\(text) \(linked)" : text
    }

    /// What goes another way where people are counted across organisations.
    private var linked: String {
        "People went to \(question.linker ?? "the linker"), sealed and under pseudonyms: it counts each once across "
            + "organisations, and withholds small numbers."
    }

    /// For the list.
    var line: [String: any Sendable] {
        var values = facts
        values["words"] = question.parts.compactMap(\.words).map(VisibleText.of)
        values["isUnread"] = question.parts.allSatisfy { $0.words == nil }
        values["sql"] = question.parts.map { VisibleText.of($0.sql) }.joined(separator: "\n\n")
        return values
    }

    private var facts: [String: any Sendable] {
        let purpose = question.purposeTitle ?? question.purpose
        let values: ConsoleValues = [
            "entry": String(question.entry), "at": ConsoleWords.time(question.at), "requester": requester,
            "person": question.person, "personShort": String(question.person.prefix(12)),
            "agreement": question.agreement, "agreementTitle": question.agreementTitle ?? question.agreement,
            "purpose": purpose, "outcome": Self.outcome(question.outcome), "left": left,
            "isAnswered": question.outcome == .answered, "isRefused": question.outcome == .refused,
            "isWaiting": question.outcome == .waiting, "isUnanswered": question.outcome == .unanswered,
        ]
        return values.members
    }

    /// For the page of one question.
    var whole: [String: any Sendable] {
        var values = facts
        values["parts"] = question.parts.enumerated().map { place, part in
            let values: ConsoleValues = [
                "number": question.parts.count > 1 ? "Part \(place + 1) of \(question.parts.count)" : nil,
                "words": part.words.map(VisibleText.of), "sql": VisibleText.of(part.sql),
                "sqlID": "sql-\(place)", "linked": part.isLinked ? linked : nil,
                "left": part.left.map { Self.left($0, place, isLinked: part.isLinked) },
            ]
            return values.members
        }
        values["conditions"] = question.conditions
        values["hasConditions"] = !question.conditions.isEmpty
        if let decision = question.decision { values["decision"] = decision }
        if let profile = question.profile { values["profile"] = profile }
        if let publication = question.publication {
            let made = question.publishedAt.map { ", made \(ConsoleWords.time($0))" } ?? ""
            values["publication"] = "copy \(publication) of the data\(made)"
        }
        return values
    }

    private static func left(_ left: LeftTable, _ place: Int, isLinked: Bool) -> [String: any Sendable] {
        let columns = left.columns.map { $0.replacing("_", with: " ") }
        guard !left.rows.isEmpty else {
            return ["nothing": isLinked ? "No number left for the asker." : "Every number was withheld."]
        }
        var values: [String: any Sendable] = [
            "table": ConsoleTable.values(
                "What left, part \(place + 1)", columns, left.rows, labels: left.groupColumns)
        ]
        if !isLinked, let groups = left.groups, let groupsWithheld = left.groupsWithheld,
            let numbers = left.numbers,
            let withheld = left.numbersWithheld
        {
            values["withheld"] =
                left.groupColumns == 0
                ? "Withheld: \(withheld) of \(ConsoleWords.count(numbers, "number"))."
                : "Withheld: \(groupsWithheld) of \(ConsoleWords.count(groups, "group")), \(withheld) of "
                    + "\(ConsoleWords.count(numbers, "number")). Outside, withheld and zero look alike."
        }
        return values
    }
}
