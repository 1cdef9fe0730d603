internal import Core
internal import Hummingbird
internal import Node

/// An analyst's measures: questions that recur, with a table of all their periods.
enum MeasureQuestionPages {
    static let all = [list, create, release, backfill, remove]

    private static let path = "/workbench/measures"

    private static let list = ConsolePage.show(path, "listMeasures", WorkbenchPages.analysts) { call in
        try await page(try QuestionForm(call.query), call)
    }

    private static func page(
        _ form: QuestionForm, _ call: ConsoleCall, fault: FaultView? = nil
    ) async throws -> ConsoleAnswer {
        var measures: [[String: any Sendable]] = []
        for listed in try await call.run(.measure(.list(.ours))).records {
            let name = listed["name"] ?? ""
            measures.append(line(try await call.run(.measure(.show(.ours(name), json: true))).tree))
        }
        var values = try await WorkbenchFacts(call).values(form)
        let every = call.form["every"] ?? MeasureCadence.month.rawValue
        let more: ConsoleValues = [
            "measures": measures, "isEmpty": measures.isEmpty, "fault": fault?.values,
            "isCreating": fault == nil ? nil : true, "name": call.form["name"],
            "comment": call.form["comment"], "from": call.form["from"],
            "intervals": MeasureCadence.allCases.map { cadence -> [String: any Sendable] in
                ["value": cadence.rawValue, "isChosen": cadence.rawValue == every]
            },
        ]
        values.members.merge(more.members) { _, new in new }
        return .page(
            "workbench-measures", title: "Measures", values,
            status: fault == nil ? .ok : .unprocessableContent)
    }

    private static func line(_ measure: JSONTree) -> [String: any Sendable] {
        let periods = measure["periods"]?.elements ?? []
        let released = periods.filter { $0["answered"]?.text != nil }
        let values: ConsoleValues = [
            "name": measure["name"]?.text, "sql": measure["sql"]?.text, "every": measure["every"]?.text,
            "agreement": measure["agreement"]?.text, "table": measure["table"]?.text,
            "comment": measure["comment"]?.text,
            "released": "\(released.count) of \(ConsoleWords.count(periods.count, "period"))",
            "last": released.last.flatMap { period in
                period["as_at"]?.text.map { day in
                    "\(ConsoleWords.day(day)), \(period["answered"]?.text ?? "") organisations"
                }
            }, "isOpen": released.count < periods.count ? true : nil,
        ]
        return values.members
    }

    private static let create = ConsolePage.act(path, "createMeasure", WorkbenchPages.analysts) { call in
        let form = try QuestionForm(call.form)
        do {
            guard let every = call.form["every"].flatMap(MeasureCadence.init), let name = call.form["name"]
            else { throw NodeError(.input, "a measure needs a name and how often it recurs") }
            let from = call.form["from"].map(CivilDate.init)
            if case .some(.none) = from { throw NodeError(.input, "the first day is no day that exists") }
            let question = try form.question(of: try call.caller.user.name)
            let done = try await call.run(
                .measure(
                    .create(
                        name: name, question, every: every, from: from ?? nil,
                        comment: call.form["comment"]))
            ).sentence
            return .away(path, saying: done.replacing("\n  ", with: "; "))
        } catch let fault as QuestionFault {
            return try await page(form, call, fault: FaultView(fault.fault, sql: form.sql))
        } catch let fault as SQLFault {
            return try await page(form, call, fault: FaultView(fault, sql: form.sql))
        } catch let error as NodeError where error.code == .input {
            let fault = SQLFault(.syntaxError, error.description)
            return try await page(form, call, fault: FaultView(fault, sql: form.sql))
        }
    }

    private static let release = ConsolePage.act(
        path + "/{name}/run", "runMeasure", WorkbenchPages.analysts
    ) { call in
        let name = call.item("name")
        return try await asked(call) {
            let reply = try await call.run(
                .measure(.run(name: name, asAt: nil, user: try call.caller.user.name)))
            guard case .answer(let answer) = reply else { throw APIFailure.anotherReply }
            return "The last period of '\(name)' has "
                + "\(ConsoleWords.count(answer.table.rowCount, "row")) in released.\(name)."
        }
    }

    private static let backfill = ConsolePage.act(
        path + "/{name}/backfill", "backfillMeasure", WorkbenchPages.analysts
    ) { call in
        let name = call.item("name")
        return try await asked(call) {
            let rows = try await call.run(
                .measure(.backfill(name: name, user: try call.caller.user.name))
            ).records
            let released = rows.count { $0["outcome"]?.hasPrefix("released") == true }
            return "\(released) of \(ConsoleWords.count(rows.count, "period")) of '\(name)' are in "
                + "released.\(name)."
        }
    }

    /// What was done, or why nobody answered, above the list.
    private static func asked(
        _ call: ConsoleCall, _ act: () async throws -> String
    ) async throws -> ConsoleAnswer {
        do {
            return .away(path, saying: try await act())
        } catch let fault as QuestionFault {
            return try await page(.blank, call, fault: FaultView(fault.fault, sql: "", refusals: fault.sites))
        } catch let error as NodeError where error.code == .input {
            return .away(path, saying: error.description)
        }
    }

    private static let remove = ConsolePage.act(
        path + "/{name}/remove", "removeMeasure", WorkbenchPages.analysts
    ) { call in
        let name = call.item("name")
        _ = try await call.run(.measure(.remove(name: name)))
        return .away(path, saying: "'\(name)' is removed, and the table released.\(name) with it.")
    }
}
