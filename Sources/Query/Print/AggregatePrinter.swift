import Core

extension ExpressionPrinter {
    /// An aggregate's call as PostgreSQL types it.
    func aggregate(_ call: AggregateCall) -> SQLText {
        let argument = call.argument.map { ordered(call.function) ? collated($0) : print($0) }
        var text: String
        switch (call.function, argument) {
        case (.count, nil): text = "count(*)"
        case (.stringAgg, let argument?): text = "string_agg(\(argument.text), ',')"
        case (.mode, let argument?): text = "mode() WITHIN GROUP (ORDER BY \(argument.text))"
        case (.percentileCont, let argument?):
            text = "percentile_cont(0.5) WITHIN GROUP (ORDER BY \(argument.text))"
        case (let function, let argument):
            let distinct = call.isDistinct ? "DISTINCT " : ""
            text = "\(function.rawValue)(\(distinct)\(argument?.text ?? "*"))"
        }
        if let filter = call.filter { text += " FILTER (WHERE \(print(filter).text))" }
        guard dialect != .logical, [.sum, .avg, .stddevSample, .varianceSample].contains(call.function) else {
            return SQLText(text)
        }
        return casted(text, call.type)
    }

    private func ordered(_ function: AggregateCall.Function) -> Bool { function == .min || function == .max }

    func window(_ column: Window.Column) -> SQLText {
        let arguments = column.arguments.map { print($0).text }.joined(separator: ", ")
        let call =
            column.function == "count" && arguments.isEmpty ? "count(*)" : "\(column.function)(\(arguments))"
        var clauses: [String] = []
        if !column.partition.isEmpty {
            clauses.append("PARTITION BY " + column.partition.map { print($0).text }.joined(separator: ", "))
        }
        if !column.order.isEmpty {
            clauses.append("ORDER BY " + column.order.map(sortKey).joined(separator: ", "))
        }
        if let frame = column.frame { clauses.append(frame.sql) }
        let text = "\(call) OVER (\(clauses.joined(separator: " ")))"
        return dialect != .logical && ["sum", "avg", "stddev_samp", "var_samp"].contains(column.function)
            ? casted(text, column.type) : SQLText(text)
    }

    /// In engines the place of NULLs is always said: their defaults differ.
    func sortKey(_ key: SortKey) -> String {
        var text = (dialect == .logical ? print(key.expression) : collated(key.expression)).text
        if !key.ascending { text += " DESC" }
        if dialect != .logical || key.nullsFirst == key.ascending {
            text += key.nullsFirst ? " NULLS FIRST" : " NULLS LAST"
        }
        return text
    }
}
