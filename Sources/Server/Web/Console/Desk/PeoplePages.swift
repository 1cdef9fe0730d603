internal import Hummingbird
internal import Node

/// People who object, lists of those who opted out, and what is told to one person. INVARIANT: a person's number
/// travels in the body of a form alone: never in an address, a log, a cookie or a message.
enum PeoplePages {
    static let all = [objections, record, withdraw, optOuts, person, report]

    // MARK: Objections

    private static let objections = ConsolePage.show(
        "/desk/objections", "listObjections", DeskPages.leads
    ) { call in
        try await objectionsPage(call)
    }

    private static func objectionsPage(_ call: ConsoleCall, fault: String? = nil) async throws
        -> ConsoleAnswer
    {
        let lines = try await call.run(.people(.listObjections(reveal: false))).records.map(line)
        let open = lines.filter { $0["withdrawn"] == nil }
        let agreements = try await call.run(.listAgreements).records
        var seen: Set<String> = []
        let options = agreements.compactMap { agreement -> [String: any Sendable]? in
            guard let id = agreement["id"], seen.insert(id).inserted else { return nil }
            return ["id": id, "title": agreement["title"] ?? id, "isChosen": call.form["agreement"] == id]
        }
        let values: ConsoleValues = [
            "open": open, "hasOpen": !open.isEmpty, "closed": lines.filter { $0["withdrawn"] != nil },
            "hasClosed": open.count < lines.count, "agreements": options, "hasAgreements": !options.isEmpty,
            "fault": fault, "reason": call.form["reason"], "isDeclined": call.form["decision"] == "declined",
            "isOfAgreement": call.form["scope"] == "agreement",
        ]
        return .page(
            "desk-objections", title: "Objections", values, status: fault == nil ? .ok : .unprocessableContent
        )
    }

    private static func line(_ objection: [String: String]) -> [String: any Sendable] {
        let withdrawn = objection["withdrawn_at"].flatMap { $0.isEmpty ? nil : ConsoleWords.day($0) }
        let values: ConsoleValues = [
            "id": objection["id"], "number": objection["nhs_number"]?.replacing("…", with: ""),
            "scope": objection["scope"].map { $0 == "all" ? "all uses beyond their own care" : "the \($0)" },
            "decision": objection["decision"] == "upheld" ? "Upheld" : "Declined",
            "isUpheld": objection["decision"] == "upheld",
            "recorded": objection["recorded_at"].map(ConsoleWords.day), "withdrawn": withdrawn,
            "reason": objection["reason"].map(VisibleText.of),
        ]
        return values.members
    }

    private static let record = ConsolePage.act(
        "/desk/objections", "recordObjection", DeskPages.leads
    ) { call in
        guard let number = call.form["number"] else {
            return try await objectionsPage(call, fault: "The person's NHS number is missing.")
        }
        let scope = call.form["scope"] ?? "all"
        let command = PeopleCommand.recordObjection(
            number: number.replacing(" ", with: ""), scope: scope,
            of: scope == "agreement" ? call.form["agreement"] : nil,
            decision: call.form["decision"] ?? "upheld", reason: call.form["reason"] ?? "")
        do {
            return .away("/desk/objections", saying: try await call.run(.people(command)).sentence)
        } catch let error as NodeError where error.code == .input {
            return try await objectionsPage(call, fault: error.description)
        }
    }

    private static let withdraw = ConsolePage.act(
        "/desk/objections/{id}/withdraw", "withdrawObjection", DeskPages.leads
    ) { call in
        guard let id = Int64(call.item("id")) else { throw Problem.notFound }
        let reason = try call.form.required("reason", "The reason")
        return .away(
            "/desk/objections",
            saying: try await call.run(.people(.withdrawObjection(id: id, reason: reason))).sentence)
    }

    // MARK: Opt-out lists

    private static let schemes = [
        "national-data-opt-out": "National data opt-out", "type-1": "Type 1 opt-out (GP records)",
    ]

    private static let optOuts = ConsolePage.show("/desk/opt-outs", "listOptOuts", DeskPages.leads) { call in
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

    private static func list(_ record: [String: String]) -> [String: any Sendable] {
        let state = record["state"] ?? ""
        func filled(_ name: String) -> String? { record[name].flatMap { $0.isEmpty ? nil : $0 } }
        let age = filled("age in days").flatMap { Int($0) }
        let values: ConsoleValues = [
            "scheme": schemes[record["scheme"] ?? ""] ?? record["scheme"],
            "listed": filled("listed at").map(ConsoleWords.day),
            "age": age.map { $0 == 0 ? "today" : "\(ConsoleWords.count($0, "day")) old" },
            "until": filled("usable until").map(ConsoleWords.day),
            "people": filled("people listed").flatMap { Int($0) }.map(ConsoleWords.grouped),
            "asked": filled("last asked at").map(ConsoleWords.day),
            "askedAbout": filled("people asked about").flatMap { Int($0) }.map(ConsoleWords.grouped),
            "isFresh": state == "fresh", "isStaleSoon": state == "stale soon",
            "isStale": state == "stale" || state == "none",
        ]
        return values.members
    }

    // MARK: One person

    private static let person = ConsolePage.show("/desk/person", "personReport", DeskPages.leads) { _ in
        .page("desk-person", title: "One person", [:])
    }

    private static let report = ConsolePage.act("/desk/person", "personReport", DeskPages.leads) { call in
        let hasRecords = call.form["records"] == "yes"
        do {
            let text = try await call.run(
                .people(
                    .report(
                        number: (call.form["number"] ?? "").replacing(" ", with: ""), format: .reading,
                        records: hasRecords))
            ).decoded(ReadingText.self)
            return .page("desk-letter", title: "Letter to one person", ["reading": text.values])
        } catch let error as NodeError where error.code == .input {
            return .page(
                "desk-person", title: "One person", ["fault": error.description, "hasRecords": hasRecords],
                status: .unprocessableContent)
        }
    }
}
