internal import Core
internal import Hummingbird
internal import Node

/// Measures that other organisations have put before this one: looked at and approved once, for all periods.
enum MeasurePages {
    static let all = [list, one, approve, decline]

    private static let states = ["waiting": "Waits for you", "approved": "Approved", "declined": "Declined"]
    private static let intervals = [
        "day": "every day", "week": "every week", "month": "every month", "quarter": "every quarter",
        "year": "every year",
    ]

    private static let list = ConsolePage.show("/desk/measures", "listMeasureProposals", DeskPages.leads) {
        call in
        let lines = try await call.run(.measure(.list(.theirs))).records.map { line($0) }
        let waiting = lines.filter { $0["isWaiting"] as? Bool == true }
        let decided = lines.filter { $0["isWaiting"] as? Bool == false }
        return .page(
            "desk-measures", title: "Regular figures",
            [
                "waiting": waiting, "hasWaiting": !waiting.isEmpty, "decided": Array(decided.reversed()),
                "hasDecided": !decided.isEmpty,
            ])
    }

    /// How many wait, for the desk's first page.
    static func waiting(_ call: ConsoleCall) async throws -> Int {
        try await call.run(.measure(.list(.theirs))).records.count { $0["state"] == "waiting" }
    }

    private static func line(_ measure: [String: String]) -> [String: any Sendable] {
        let state = measure["state"] ?? ""
        let values: ConsoleValues = [
            "id": measure["id"], "name": measure["name"], "requester": measure["requester"],
            "agreement": measure["agreement"], "every": intervals[measure["every"] ?? ""],
            "first": measure["first"].map { ConsoleWords.day($0) },
            "ended": measure["periods"].flatMap(Int.init).map { ConsoleWords.count($0, "period") },
            "state": states[state] ?? state, "isWaiting": state == "waiting",
            "isApproved": state == "approved",
        ]
        return values.members
    }

    // MARK: One of them

    private static func number(_ call: ConsoleCall) throws -> String {
        guard let number = Int64(call.item("number")) else { throw Problem.notFound }
        return String(number)
    }

    private static let one = ConsolePage.show(
        "/desk/measures/{number}", "showMeasureProposal", DeskPages.leads
    ) { call in
        try await page(call)
    }

    private static func page(_ call: ConsoleCall, fault: String? = nil) async throws -> ConsoleAnswer {
        let number = try number(call)
        guard
            let listed = try await call.run(.measure(.list(.theirs))).records.first(where: {
                $0["id"] == number
            })
        else { throw Problem.notFound }
        let measure = try await call.run(.measure(.show(.theirs(number), json: true))).tree
        let words = (measure["words"]?.elements ?? []).compactMap(\.text)
        let values: ConsoleValues = [
            "measure": line(listed), "words": words, "hasWords": !words.isEmpty,
            "sql": measure["sql"]?.text,
            "asAt": measure["as_at"]?.text.map { ConsoleWords.day($0) },
            "unusual": measure["unusual"]?.elements.compactMap(\.text).joined(separator: ", "),
            "hasUnusual": measure["unusual"]?.elements.isEmpty == false ? true : nil,
            "tables": measure["tables"]?.elements.compactMap(\.text).joined(separator: ", "),
            "hasTables": measure["tables"]?.elements.isEmpty == false ? true : nil,
            "purpose": measure["purpose"]?.text?.replacing("-", with: " "),
            "asked": measure["asked"]?.text.map(ConsoleWords.time),
            "agreementID": measure["agreement"]?.text,
            "reason": measure["reason"]?.text, "fault": fault,
            "declineReason": fault == nil ? nil : call.form["reason"],
        ]
        return .page(
            "desk-measure", title: "Regular figure \(listed["name"] ?? "")", values,
            status: fault == nil ? .ok : .unprocessableContent)
    }

    private static let approve = ConsolePage.act(
        "/desk/measures/{number}/approve", "approveMeasure", DeskPages.leads
    ) { call in
        let done = try await call.run(.measure(.approve(name: try number(call)))).sentence
        return .away("/desk/measures", saying: done)
    }

    private static let decline = ConsolePage.act(
        "/desk/measures/{number}/decline", "declineMeasure", DeskPages.leads
    ) { call in
        guard let reason = call.form["reason"] else {
            return try await page(call, fault: "Write why it is declined. It stays here.")
        }
        let done = try await call.run(.measure(.decline(name: try number(call), reason: reason))).sentence
        return .away("/desk/measures", saying: done)
    }
}
