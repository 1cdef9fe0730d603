internal import Core
internal import Foundation
internal import Node

/// Lists of people who have not opted out: how old they are, how long they may be used, what happens then.
enum OptOutPages {
    private static let schemes = [
        "national-data-opt-out": "National data opt-out", "type-1": "Type 1 opt-out (GP records)",
    ]

    static let show = ConsolePage.show("/desk/opt-outs", "listOptOuts", DeskPages.leads) { call in
        let lists = try await call.run(.consent(.listOptOuts)).records.map(list)
        let consents = try await call.run(.consent(.listConsents)).records.map { record in
            [
                "source": record["source"] ?? "", "study": record["study"] ?? "",
                "people": record["people"] ?? "",
                "withdrawn": record["withdrawn"] ?? "",
                "latest": record["latest"].map(ConsoleWords.day) ?? "",
            ] as [String: any Sendable]
        }
        return .page(
            "desk-opt-outs", title: "Opt-out lists",
            [
                "lists": lists, "hasLists": !lists.isEmpty, "consents": consents,
                "hasConsents": !consents.isEmpty,
            ])
    }

    /// What a governance lead should not have to look for: lists that are too old, or are so within two days.
    static func notes(_ call: ConsoleCall) async throws -> [String] {
        try await call.run(.consent(.listOptOuts)).records.compactMap { record in
            let name = schemes[record["scheme"] ?? ""] ?? record["scheme"] ?? ""
            let until = record["usable until"].map(ConsoleWords.time) ?? ""
            return switch record["state"] {
            case "stale": "The list of the \(name) is too old: questions that need it are not answered."
            case "stale soon":
                "The list of the \(name) may be used until \(until). From then on questions that need it are not answered."
            default: nil
            }
        }
    }

    private static func list(_ record: [String: String]) -> [String: any Sendable] {
        let state = record["state"] ?? ""
        func filled(_ name: String) -> String? { record[name].flatMap { $0.isEmpty ? nil : $0 } }
        let age = filled("age in days").flatMap { Int($0) }
        let (listed, until) = (filled("listed at"), filled("usable until"))
        let values: ConsoleValues = [
            "scheme": schemes[record["scheme"] ?? ""] ?? record["scheme"],
            "listed": listed.map(ConsoleWords.day),
            "age": age.map { $0 == 0 ? "less than a day old" : "\(ConsoleWords.count($0, "day")) old" },
            "limit": limit(listed, until).map { ConsoleWords.count($0, "day") },
            "until": until.map(ConsoleWords.time), "isOver": state == "stale",
            "says": says(state, until.map(ConsoleWords.time) ?? ""),
            "people": filled("people listed").flatMap { Int($0) }.map(people),
            "asked": filled("last asked at").map(ConsoleWords.day),
            "askedAbout": filled("people asked about").flatMap { Int($0) }.map(people),
            "isFresh": state == "fresh", "isStaleSoon": state == "stale soon",
            "isStale": state == "stale", "isMissing": state == "none",
        ]
        return values.members
    }

    private static func people(_ count: Int) -> String {
        count == 1 ? "1 person" : "\(ConsoleWords.grouped(count)) people"
    }

    /// Days for which a list may be used, by the day on which it was made and the one on which that ends.
    private static func limit(_ listed: String?, _ until: String?) -> Int? {
        guard let from = listed.flatMap({ Civil.parseDate(String($0.prefix(10))) }),
            let until = until.flatMap({ Civil.parseDate(String($0.prefix(10))) })
        else { return nil }
        return Int(until) - Int(from)
    }

    /// What holds now, and what happens next.
    private static func says(_ state: String, _ until: String) -> String {
        switch state {
        case "fresh": "In use. Nothing to do now; you are told here two days before it is too old."
        case "stale soon":
            "Still in use, but ask the operator for a new list now. From \(until) on, questions that need it are not "
                + "answered."
        case "stale":
            "Too old to be used. Questions that need it are not answered until the operator has taken over a new list: "
                + "nobody is counted who may have opted out since."
        default:
            "It was asked for, and no reply has been taken over yet. Until then, questions that need it are not answered."
        }
    }
}
