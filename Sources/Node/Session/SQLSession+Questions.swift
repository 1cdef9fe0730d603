internal import Core
internal import Query

extension SQLSession {
    /// A question: of the node itself where that can answer, else of the sites.
    func ask(_ sql: String, _ parameters: [SQLParameter]) async throws -> StatementOutcome {
        let user = try await context.standing(user.name)
        if let rows = try await local?.rows(sql, parameters, facts) {
            return StatementOutcome(.rows(rows, tag: "SELECT"))
        }
        try context.requireAnalyst(user)
        let text = try StatementText.bound(sql, parameters)
        let question = try question(text.sql, user)
        do {
            let answer = try await context.answer(question)
            lastReceipt = answer.receipt
            return StatementOutcome(
                .rows(ResultRows(answer.table), tag: "SELECT"),
                notices: AnswerNotices(answer, showsBounds: settings.showsBounds).all)
        } catch let fault as QuestionFault {
            throw QuestionFault(text.placed(fault.fault), sites: fault.sites)
        }
    }

    private func question(_ sql: String, _ user: NodeUser) throws(SQLFault) -> Question {
        guard let agreement = settings.agreement else {
            throw SQLFault(
                .objectNotInPrerequisiteState, "no agreement is chosen",
                hint: "SET concordat.agreement = '…', or connect to the database of that name")
        }
        var question = Question(
            sql: sql, agreement: agreement, purpose: settings.purpose, require: settings.require,
            deadlineSeconds: settings.deadlineSeconds, user: user.name)
        question.maximumAgeDays = settings.maximumAgeDays
        return question
    }

    func explain(_ sql: String, _ parameters: [SQLParameter]) async throws -> StatementOutcome {
        let text = try StatementText.bound(sql, parameters)
        do {
            let options = try Coordinator.options(text.sql) ?? ExplainOptions()
            let explained = try await explained(text.sql, options)
            let isJSON = options.format == .json
            let words = isJSON ? try ScriptJSON.encode(explained) : explained.text
            return StatementOutcome(.rows(Self.rows(of: (words, isJSON)), tag: "EXPLAIN"))
        } catch let fault as QuestionFault {
            throw QuestionFault(text.placed(fault.fault), sites: fault.sites)
        }
    }

    private func explained(_ sql: String, _ options: ExplainOptions) async throws -> ExplainedStatement {
        let coordinator = Coordinator(context: context)
        guard options.analyze || options.sites else { return try coordinator.explain(sql) }
        let user = try await context.standing(user.name)
        try context.requireAnalyst(user)
        let question = try question(sql, user)
        guard options.analyze else { return try await coordinator.rehearse(question) }
        var explained = try coordinator.explain(sql)
        let answer = try await context.answer(question)
        lastReceipt = answer.receipt
        explained.sites = answer.receipt.sites
        return explained
    }

    private static func rows(of explanation: (text: String, isJSON: Bool)) -> ResultRows {
        guard !explanation.isJSON else {
            return ResultRows(
                columns: [ResultColumn(name: "QUERY PLAN", oid: 114)], rows: [[.text(explanation.text)]])
        }
        var lines = explanation.text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        while lines.last?.isEmpty == true { lines.removeLast() }
        return ResultRows("QUERY PLAN", lines)
    }

    // MARK: Shapes

    func shape(
        of command: SessionCommand, _ sql: String, _ types: [Int32]
    ) async throws -> StatementShape {
        func texts(_ names: String...) -> StatementShape {
            StatementShape(parameters: types, columns: names.map { ResultColumn(name: $0, oid: 25) })
        }
        switch command {
        case .show(let name):
            return texts(name == "timezone" ? "TimeZone" : name == "datestyle" ? "DateStyle" : name)
        case .showAll: return texts("name", "setting", "description")
        case .explain:
            let isJSON = try explanationIsJSON(sql, types)
            return StatementShape(
                parameters: types, columns: [ResultColumn(name: "QUERY PLAN", oid: isJSON ? 114 : 25)])
        case .question: return try await questionShape(sql, types)
        case .execute(let name, let values):
            let parameters = values.map { SQLParameter(oid: 0, text: $0) }
            return try await shape(try statement(name), parameters)
        case .fetch(let name, _, let isMove):
            return StatementShape(parameters: types, columns: isMove ? nil : try cursor(name).rows.columns)
        default: return StatementShape(parameters: types, columns: nil)
        }
    }

    private func explanationIsJSON(_ sql: String, _ types: [Int32]) throws -> Bool {
        let text = try StatementText.open(sql, types: types)
        do {
            let options = try Coordinator.options(text.sql)
            _ = try Coordinator(context: context).explain(text.sql)
            return options?.format == .json
        } catch let fault as QuestionFault {
            throw text.placed(fault.fault)
        }
    }

    private func questionShape(_ sql: String, _ types: [Int32]) async throws -> StatementShape {
        let shape = try await local?.shape(sql, types: types, facts)
        let text = try StatementText.open(sql, types: types)
        if let shape { return Self.counted(shape, text, types) }
        let query = try bound(text)
        let found = query.literalTypes(at: Set(text.untyped.keys))
        var parameters = (0..<text.count).map { types.indices.contains($0) ? types[$0] : 0 }
        for number in text.counts where parameters[number - 1] == 0 { parameters[number - 1] = 20 }
        for (position, number) in text.untyped where parameters[number - 1] == 0 {
            guard let type = found[position] else { continue }
            parameters[number - 1] = text.arrays.contains(number) ? ArrayType.oid(of: type.oid) : type.oid
        }
        for number in text.arrays where parameters[number - 1] == 0 {
            parameters[number - 1] = ArrayType.oid(of: ColumnType.text.oid)
        }
        // Whatever nothing says is text.
        parameters = parameters.map { $0 == 0 || $0 == 705 ? 25 : $0 }
        return StatementShape(parameters: parameters, columns: query.output.map(ResultColumn.init))
    }

    /// The shape with whole numbers for the parameters of LIMIT and OFFSET, where nobody declared them.
    private static func counted(_ shape: StatementShape, _ text: StatementText, _ types: [Int32])
        -> StatementShape
    {
        var parameters = shape.parameters
        for number in text.counts where parameters.indices.contains(number - 1) {
            if !types.indices.contains(number - 1) || types[number - 1] == 0 { parameters[number - 1] = 20 }
        }
        return StatementShape(parameters: parameters, columns: shape.columns)
    }

    func columns(of text: StatementText) throws(SQLFault) -> [ResultColumn] {
        try bound(text).output.map(ResultColumn.init)
    }

    private func bound(_ text: StatementText) throws(SQLFault) -> BoundQuery {
        let binder = Binder(catalog: context.catalog, now: Clock.now * 1_000)
        do throws(SQLFault) {
            switch try binder.bind(text.sql) {
            case .select(let query), .explain(let query, _): return query
            }
        } catch {
            throw text.placed(error)
        }
    }
}

extension ResultColumn {
    fileprivate init(_ column: PlanColumn) { self.init(name: column.name, oid: column.type.oid) }
}
