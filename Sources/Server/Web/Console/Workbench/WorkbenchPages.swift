internal import Core
internal import Hummingbird
internal import Node

/// The analyst's pages: to write a question, see its plan, ask it, read and take its answer.
enum WorkbenchPages {
    static let analysts = APIRoute.Access.people([.analyst])

    static let section = ConsoleSection(
        name: "Workbench", roles: [.analyst],
        tabs: [
            .init(name: "Ask", path: "/workbench"), .init(name: "Saved questions", path: "/workbench/saved"),
            .init(name: "Measures", path: "/workbench/measures"),
            .init(name: "History", path: "/workbench/history"),
        ],
        pages: [editor, ask, question, cancel, download] + SavedQuestionPages.all + MeasureQuestionPages.all
            + HistoryPages.all)

    // MARK: The editor

    private static let editor = ConsolePage.show("/workbench", "workbench", analysts) { call in
        let facts = try await WorkbenchFacts(call)
        return page(try await begun(call, facts), facts)
    }

    /// A question to go on with: one that ran, a saved one, an example; else an empty editor.
    private static func begun(_ call: ConsoleCall, _ facts: WorkbenchFacts) async throws -> QuestionForm {
        if let id = call.query["from"], let run = try await run(id, call) {
            return QuestionForm(run.question)
        }
        if let name = call.query["saved"], let saved = facts.savedQuestion(name) {
            return QuestionForm(saved: saved)
        }
        var form = try QuestionForm(call.query)
        if let number = call.query.number("example"), let sql = facts.example(number) { form.sql = sql }
        return form
    }

    static func page(
        _ form: QuestionForm, _ facts: WorkbenchFacts, with more: ConsoleValues = [:],
        status: HTTPResponse.Status = .ok
    ) -> ConsoleAnswer {
        var values = facts.values(form)
        values.members.merge(more.members) { _, new in new }
        return .page("workbench", title: "Workbench", values, status: status)
    }

    // MARK: Asking and explaining

    private static let ask = ConsolePage.act(
        "/workbench/questions", "beginQuery", analysts, isPrivileged: false
    ) { call in
        let form = try QuestionForm(call.form)
        do {
            if call.form["act"] == "explain" {
                let facts = try await WorkbenchFacts(call)
                return page(form, facts, with: ["plan": try await plan(form, facts, call).values])
            }
            let run = try await call.house.questions.begin(try form.question(of: try call.caller.user.name))
            return .away("/workbench/questions/\(run.id)#answer")
        } catch let fault as QuestionFault {
            return try await refused(fault.fault, form, call)
        } catch let fault as SQLFault {
            return try await refused(fault, form, call)
        } catch let error as NodeError where error.code == .busy {
            let fault = SQLFault(.queryCanceled, error.description)
            return try await refused(fault, form, call)
        }
    }

    private static func refused(
        _ fault: SQLFault, _ form: QuestionForm, _ call: ConsoleCall
    ) async throws -> ConsoleAnswer {
        let facts = try await WorkbenchFacts(call)
        return page(
            form, facts, with: ["fault": FaultView(fault, sql: form.sql).values],
            status: .unprocessableContent)
    }

    private static func plan(
        _ form: QuestionForm, _ facts: WorkbenchFacts, _ call: ConsoleCall
    ) async throws -> PlanView {
        let sql = try form.question(of: try call.caller.user.name).sql
        let plan = try await call.run(.explain(sql: sql, json: true)).tree
        let agreement = facts.agreements.first { $0.id == form.agreement }
        return PlanView(
            plan: plan, organisations: agreement?.controllers.map(\.name) ?? [],
            linker: agreement?.linker?.name)
    }

    /// By which an answer's numbers find their columns.
    static func names(_ sql: String, _ call: ConsoleCall) async -> FragmentNames {
        let reply = try? await call.run(.explain(sql: sql, json: true))
        return FragmentNames(try? reply?.tree)
    }

    // MARK: A question that was asked

    /// One's own; nil where there is none of that name, or no more.
    static func run(_ id: String, _ call: ConsoleCall) async throws -> QuestionRun? {
        await call.house.questions.run(id, of: try call.caller.user.name)
    }

    private static func required(_ call: ConsoleCall) async throws -> QuestionRun {
        guard let run = try await run(call.item("id"), call) else {
            throw Problem(
                "not-found", .notFound, "this question is no more",
                detail: "Answers are kept for an hour, the last 20 of yours; receipts stay, under History.")
        }
        return run
    }

    private static let question = ConsolePage.show(
        "/workbench/questions/{id}", "showQuery", analysts
    ) { call in
        let run = try await required(call)
        let facts = try await WorkbenchFacts(call)
        let form = QuestionForm(run.question)
        return page(form, facts, with: ["run": try await QuestionView(run, form, facts, call).values(call)])
    }

    private static let cancel = ConsolePage.act(
        "/workbench/questions/{id}/cancel", "cancelQuery", analysts, isPrivileged: false
    ) { call in
        let run = try await required(call)
        guard run.state == .running else { return .away("/workbench/questions/\(run.id)") }
        _ = await call.house.questions.cancel(run.id, of: try call.caller.user.name)
        return .away(
            "/workbench/questions/\(run.id)", saying: "The question is broken off, at the organisations too.")
    }

    private static let download = ConsolePage.show(
        "/workbench/questions/{id}/download/{format}", "queryResult", analysts
    ) { call in
        let run = try await required(call)
        guard let answer = run.answer, let format = ResultFormat(rawValue: call.item("format")) else {
            throw Problem.notFound
        }
        let bytes: [UInt8] =
            switch format {
            case .json: Array(try ScriptJSON.encode(answer).utf8)
            case .csv: Array(ResultFile.csv(answer.table).utf8)
            case .parquet: try await ResultFile.parquet(answer.table, in: call.house.context)
            }
        return .file(bytes, type: format.type, name: "concordat-\(run.id.prefix(8)).\(format.rawValue)")
    }
}
