internal import Core
internal import Hummingbird
internal import Node

/// Answers that wait until a person has looked at them.
enum ReviewPages {
    static let all = [list, one, approve, decline]

    private static let states = ["waiting": "Waits for you", "approved": "Approved", "declined": "Declined"]

    private static let list = ConsolePage.show("/desk/reviews", "listReviews", DeskPages.leads) { call in
        let titles = try await titles(call)
        let lines = try await call.run(.review(.list)).records.map { line($0, titles) }
        let waiting = lines.filter { $0["isWaiting"] as? Bool == true }
        let decided = lines.filter { $0["isWaiting"] as? Bool == false }
        return .page(
            "desk-reviews", title: "Waiting for you",
            [
                "waiting": waiting, "hasWaiting": !waiting.isEmpty,
                "decided": Array(decided.reversed().prefix(50)),
                "hasDecided": !decided.isEmpty,
            ])
    }

    private static func titles(_ call: ConsoleCall) async throws -> [String: String] {
        Dictionary(try await call.run(.listAgreements).records.map { ($0["id"] ?? "", $0["title"] ?? "") }) {
            $1
        }
    }

    private static func line(_ review: [String: String], _ titles: [String: String]) -> [String: any Sendable]
    {
        let (state, agreement) = (review["state"] ?? "", review["agreement"] ?? "")
        let values: ConsoleValues = [
            "id": review["id"], "agreement": agreement, "agreementTitle": titles[agreement] ?? agreement,
            "requester": review["requester"], "purpose": review["purpose"]?.replacing("-", with: " "),
            "asked": review["asked"].map(ConsoleWords.time), "state": states[state] ?? state,
            "isWaiting": state == "waiting", "isApproved": state == "approved",
            "reason": review["reason"].flatMap { $0.isEmpty ? nil : $0 },
        ]
        return values.members
    }

    // MARK: One of them

    private static func number(_ call: ConsoleCall) throws -> Int64 {
        guard let number = Int64(call.item("number")) else { throw Problem.notFound }
        return number
    }

    private static let one = ConsolePage(
        method: .get, path: "/desk/reviews/{number}", operation: "showReview", access: DeskPages.leads,
        isPrivileged: true
    ) { call in
        try await page(call)
    }

    private static func page(_ call: ConsoleCall, fault: String? = nil) async throws -> ConsoleAnswer {
        let number = try number(call)
        let review = try await call.run(.review(.show(id: number, json: true))).tree
        let listed = try await call.run(.review(.list)).records.first { $0["id"] == String(number) } ?? [:]
        let words = review["words"]?.elements ?? []
        let tables = review["tables"]?.elements ?? []
        let parts = (review["sql"]?.elements ?? []).enumerated().map { place, sql in
            let values: ConsoleValues = [
                "words": words.indices.contains(place) ? words[place].text.map(VisibleText.of) : nil,
                "sql": VisibleText.of(sql.text ?? ""), "sqlID": "sql-\(place)",
                "preview": tables.indices.contains(place)
                    ? PreviewView(tables[place]).values("What would leave, part \(place + 1)") : nil,
            ]
            return values.members
        }
        let values: ConsoleValues = [
            "review": line(listed, try await titles(call)), "parts": parts,
            "conditions": review["conditions"]?.elements.compactMap(\.text),
            "hasConditions": review["conditions"]?.elements.isEmpty == false,
            "publication": review["publication"]?.text,
            "isLinked": review["is_linked"] == .boolean(true) ? true : nil, "fault": fault,
            "declineReason": fault == nil ? nil : call.form["reason"],
        ]
        return .page(
            "desk-review", title: "Answer \(number)", values,
            status: fault == nil ? .ok : .unprocessableContent)
    }

    private static let approve = ConsolePage.act(
        "/desk/reviews/{number}/approve", "approveReview", DeskPages.leads
    ) { call in
        let done = try await call.run(.review(.approve(id: try number(call)))).sentence
        return .away("/desk/reviews", saying: done)
    }

    private static let decline = ConsolePage.act(
        "/desk/reviews/{number}/decline", "declineReview", DeskPages.leads
    ) { call in
        guard let reason = call.form["reason"] else {
            return try await page(call, fault: "Write why the answer is declined. It stays here.")
        }
        let done = try await call.run(.review(.decline(id: try number(call), reason: reason))).sentence
        return .away("/desk/reviews", saying: done)
    }
}

/// What would leave, from the node's JSON.
struct PreviewView: Sendable {
    private let table: JSONTree

    init(_ table: JSONTree) { self.table = table }

    /// - Parameter name: of the table.
    func values(_ name: String) -> [String: any Sendable] {
        let columns = (table["columns"]?.elements ?? []).map { ($0.text ?? "").replacing("_", with: " ") }
        let rows = (table["rows"]?.elements ?? []).map { $0.elements.map { $0.text ?? "" } }
        func number(_ field: String) -> Int { table[field]?.integer ?? 0 }
        let words =
            "Withheld: \(number("cells_withheld")) of \(ConsoleWords.count(number("cells"), "group")), "
            + "\(number("values_withheld")) of \(ConsoleWords.count(number("values"), "number")). "
            + "Outside, withheld and zero look alike."
        return ["table": ConsoleTable.values(name, columns, rows, labels: labels), "withheld": words]
    }

    /// Leading columns that are no numbers; each column of a group is before each of a number.
    private var labels: Int {
        let columns = table["columns"]?.elements.count ?? 0
        return table["group_columns"]?.integer ?? max(0, columns - 1)
    }
}
