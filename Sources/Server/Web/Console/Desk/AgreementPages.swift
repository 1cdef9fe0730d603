internal import Core
internal import Hummingbird
internal import Node

/// Agreements that the node knows: read, print, halt.
enum AgreementPages {
    static let all = [list, one, rehearse] + ["suspend", "resume", "revoke"].map(halt)

    /// The states of the node, and what they mean here.
    private static let meanings = [
        "draft": "Nobody has signed: nothing is answered under it.",
        "partly signed": "Not every party has signed: nothing is answered under it.",
        "not yet in force": "Its first day is to come: nothing is answered under it yet.",
        "in force": "Questions under it are answered.",
        "expired": "Its last day is over: nothing is answered under it.",
        "suspended":
            "Nothing is answered under it until the suspension is taken back, or its review is done.",
        "revoked": "Nothing is answered under it any more.",
    ]

    private static let list = ConsolePage.show("/desk/agreements", "listAgreements", DeskPages.leads) {
        call in
        let lines = try await call.run(.listAgreements).records.map { line($0, call) }
        return .page(
            "desk-agreements", title: "Agreements", ["agreements": lines, "hasAgreements": !lines.isEmpty])
    }

    static func line(_ agreement: [String: String], _ call: ConsoleCall) -> [String: any Sendable] {
        let state = agreement["state"] ?? ""
        let own = call.house.context.organisation.text
        let halted = agreement["halted"] ?? ""
        let values: ConsoleValues = [
            "id": agreement["id"], "version": agreement["version"], "title": agreement["title"],
            "purpose": agreement["purpose"]?.replacing("-", with: " "), "requester": agreement["requester"],
            "controllers": agreement["controllers"].map {
                ConsoleWords.list($0.split(separator: " ").map(String.init))
            },
            "until": agreement["until"].map(ConsoleWords.day),
            "state": state.prefix(1).uppercased() + state.dropFirst(), "meaning": meanings[state],
            "isInForce": state == "in force", "isBad": ["suspended", "revoked", "expired"].contains(state),
            "isOpen": ["draft", "partly signed", "not yet in force"].contains(state),
            "halted": halted.isEmpty ? nil : halted,
            "notice": agreement["notice"].flatMap { $0.isEmpty ? nil : $0 },
            "maySuspend": !["revoked", "expired", "draft"].contains(state)
                && !halted.contains("\(own) suspended"),
            "mayResume": state != "revoked" && halted.contains("\(own) suspended"),
            "mayRevoke": !["revoked", "expired", "draft"].contains(state),
        ]
        return values.members
    }

    /// The version that questions are answered under, though a newer one waits for signatures; else the newest.
    /// - Parameter versions: ascending.
    private static func inForce(_ versions: [[String: String]]) -> [String: String]? {
        versions.last { $0["state"] == "in force" }
            ?? versions.last { !["draft", "partly signed"].contains($0["state"] ?? "") } ?? versions.last
    }

    // MARK: One

    private static let one = ConsolePage.show("/desk/agreements/{id}", "showAgreement", DeskPages.leads) {
        call in
        try await page(call)
    }

    private static func page(
        _ call: ConsoleCall, fault: String? = nil, rehearsal: RehearsalView? = nil
    ) async throws -> ConsoleAnswer {
        let id = call.item("id")
        guard let listed = inForce(try await call.run(.listAgreements).records.filter { $0["id"] == id })
        else {
            throw Problem.notFound
        }
        let text = try await call.run(.agreement(.print(.known(id: id, version: nil), as: .reading)))
            .decoded(ReadingText.self)
        let values: ConsoleValues = [
            "agreement": line(listed, call), "reading": text.values, "fault": fault,
            "reason": fault == nil ? nil : call.form["reason"], "rehearsal": rehearsal?.values,
            "rehearsedSQL": rehearsal == nil ? nil : call.form["sql"],
        ]
        return .page(
            "desk-agreement", title: text.title, values, status: fault == nil ? .ok : .unprocessableContent)
    }

    // MARK: What it would permit

    private static let rehearse = ConsolePage.act(
        "/desk/agreements/{id}/rehearsal", "rehearseAgreement", DeskPages.leads
    ) { call in
        let source = AgreementSource.known(id: call.item("id"), version: nil)
        return try await page(call, rehearsal: try await RehearsalView.run(source, call))
    }

    // MARK: Halting

    /// Once the page has heard why, and that whoever asks knows what it does.
    private static func halt(_ act: String) -> ConsolePage {
        ConsolePage.act("/desk/agreements/{id}/\(act)", "\(act)Agreement", DeskPages.leads) { call in
            guard let reason = call.form["reason"] else {
                return try await page(call, fault: "Write why: the other parties are told the reason.")
            }
            guard call.form["sure"] == "yes" else {
                return try await page(call, fault: "Tick the box to say that you know what it does.")
            }
            let id = call.item("id")
            let command: NodeCommand =
                switch act {
                case "suspend": .agreement(.suspend(id: id, reason: reason))
                case "resume": .agreement(.resume(id: id, reason: reason))
                default: .revokeAgreement(id: id, reason: reason)
                }
            return .away(
                "/desk/agreements/\(AddressText.escaped(id))", saying: try await call.run(command).sentence)
        }
    }
}
