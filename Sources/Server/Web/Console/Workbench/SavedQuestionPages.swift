internal import Core
internal import Hummingbird
internal import Node

/// Questions that are kept: to open again, and as tables of the schema `released`.
enum SavedQuestionPages {
    static let all = [list, keep, refresh, remove]

    private static let list = ConsolePage.show(
        "/workbench/saved", "listSavedQueries", WorkbenchPages.analysts
    ) { call in
        let saved = try await call.run(.inquire(.savedQueries)).tree.elements
        return .page(
            "workbench-saved", title: "Saved questions", ["saved": saved.map(line), "isEmpty": saved.isEmpty])
    }

    private static func line(_ saved: JSONTree) -> [String: any Sendable] {
        var values: [String: any Sendable] = [
            "name": saved["name"]?.text ?? "", "sql": saved["sql"]?.text ?? "",
            "agreement": saved["agreement"]?.text ?? "", "table": saved["table"]?.text ?? "",
        ]
        if let comment = saved["comment"]?.text { values["comment"] = comment }
        if let at = saved["ran_at"]?.text { values["ran"] = ConsoleWords.time(at) }
        if let rows = saved["rows"]?.integer { values["rows"] = ConsoleWords.count(rows, "row") }
        return values
    }

    private static let keep = ConsolePage.act("/workbench/saved", "keepQuery", WorkbenchPages.analysts) {
        call in
        let form = try QuestionForm(call.form)
        do {
            guard let name = call.form["name"] else {
                throw NodeError(.input, "a saved question needs a name: small letters, digits and _")
            }
            let question = try form.question(of: try call.caller.user.name)
            _ = try await call.run(.saved(.add(name: name, question, comment: call.form["comment"])))
            return .away(
                "/workbench/saved",
                saying: "'\(name)' is saved. Refresh it to make the table released.\(name).")
        } catch let fault as QuestionFault {
            return try await refused(fault.fault, form, call)
        } catch let fault as SQLFault {
            return try await refused(fault, form, call)
        } catch let error as NodeError where error.code == .input {
            return try await refused(SQLFault(.syntaxError, error.description), form, call)
        }
    }

    private static func refused(
        _ fault: SQLFault, _ form: QuestionForm, _ call: ConsoleCall
    ) async throws -> ConsoleAnswer {
        WorkbenchPages.page(
            form, try await WorkbenchFacts(call),
            with: [
                "fault": FaultView(fault, sql: form.sql).values, "saveName": call.form["name"],
                "saveComment": call.form["comment"], "isSaving": true,
            ], status: .unprocessableContent)
    }

    private static let refresh = ConsolePage.act(
        "/workbench/saved/{name}/run", "runSavedQuery", WorkbenchPages.analysts
    ) { call in
        let name = call.item("name")
        let reply = try await call.run(.saved(.run(name: name, user: try call.caller.user.name)))
        guard case .answer(let answer) = reply else { throw APIFailure.anotherReply }
        let rows = ConsoleWords.count(answer.table.rowCount, "row")
        return .away("/workbench/saved", saying: "released.\(name) has \(rows) now.")
    }

    private static let remove = ConsolePage.act(
        "/workbench/saved/{name}/remove", "removeSavedQuery", WorkbenchPages.analysts
    ) { call in
        let name = call.item("name")
        _ = try await call.run(.saved(.remove(name: name)))
        return .away(
            "/workbench/saved", saying: "'\(name)' is removed, and the table released.\(name) with it.")
    }
}

extension QuestionForm {
    /// As it was saved.
    init(saved: JSONTree) {
        self = .blank
        sql = saved["sql"]?.text ?? ""
        agreement = saved["agreement"]?.text ?? ""
        purpose = saved["purpose"]?.text
        require = saved["require"]?.text ?? "all"
    }
}
