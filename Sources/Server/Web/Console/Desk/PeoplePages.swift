internal import Hummingbird
internal import Node

/// People who object, lists of those who opted out, and what is told to one person. INVARIANT: a person's number
/// travels in the body of a form alone: never in an address, a log, a cookie or a message.
enum PeoplePages {
    static let all = [objections, record, withdraw, OptOutPages.show, person, report]

    // MARK: Objections

    private static let objections = ConsolePage.show(
        "/desk/objections", "listObjections", DeskPages.leads
    ) { call in
        try await objectionsPage(call)
    }

    private static func objectionsPage(_ call: ConsoleCall, fault: String? = nil) async throws
        -> ConsoleAnswer
    {
        let subjects = try await ObjectionSubjects(call)
        let lines = try await call.run(.people(.listObjections(reveal: false))).records.map {
            line($0, subjects)
        }
        let open = lines.filter { $0["withdrawn"] == nil }
        let chosen = call.form["scope"] ?? "all"
        let values: ConsoleValues = [
            "open": open, "hasOpen": !open.isEmpty, "closed": lines.filter { $0["withdrawn"] != nil },
            "hasClosed": open.count < lines.count,
            "agreements": subjects.agreements.map { $0.option(call.form["agreement"]) },
            "hasAgreements": !subjects.agreements.isEmpty,
            "purposes": subjects.purposes.map { $0.option(call.form["purpose"]) },
            "fault": fault, "reason": call.form["reason"], "isDeclined": call.form["decision"] == "declined",
            "isOfAll": chosen == "all", "isOfAgreement": chosen == "agreement",
            "isOfPurpose": chosen == "purpose",
        ]
        return .page(
            "desk-objections", title: "Objections", values, status: fault == nil ? .ok : .unprocessableContent
        )
    }

    private static func line(
        _ objection: [String: String], _ subjects: ObjectionSubjects
    ) -> [String: any Sendable] {
        let withdrawn = objection["withdrawn_at"].flatMap { $0.isEmpty ? nil : ConsoleWords.day($0) }
        let values: ConsoleValues = [
            "id": objection["id"], "number": objection["nhs_number"]?.replacing("…", with: ""),
            "scope": objection["scope"].map(subjects.words),
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
            of: ["agreement", "purpose"].contains(scope) ? call.form[scope] : nil,
            decision: call.form["decision"] ?? "upheld", reason: call.form["reason"] ?? "")
        do {
            let done = try await call.run(.people(command)).sentence
            return .away("/desk/objections", saying: try await ObjectionSubjects(call).plain(done))
        } catch let error as NodeError where error.code == .input {
            return try await objectionsPage(call, fault: error.description)
        }
    }

    private static let withdraw = ConsolePage.act(
        "/desk/objections/{id}/withdraw", "withdrawObjection", DeskPages.leads
    ) { call in
        guard let id = Int64(call.item("id")) else { throw Problem.notFound }
        let reason = try call.form.required("reason", "The reason")
        let done = try await call.run(.people(.withdrawObjection(id: id, reason: reason))).sentence
        return .away("/desk/objections", saying: try await ObjectionSubjects(call).plain(done))
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
