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
            text = "percentile_cont(\(call.fraction ?? 0.5)) WITHIN GROUP (ORDER BY \(argument.text))"
        case (let function, let argument):
            let distinct = call.isDistinct ? "DISTINCT " : ""
            text = "\(function.rawValue)(\(distinct)\(argument?.text ?? "*"))"
        }
        let conditions = [
            call.filter.map(print), call.argument.flatMap { summable($0, by: call.function) },
        ].compactMap(\.self)
        if conditions.count == 1 { text += " FILTER (WHERE \(conditions[0].text))" }
        if conditions.count > 1 {
            text += " FILTER (WHERE \(conditions.map { "(\($0.text))" }.joined(separator: " AND ")))"
        }
        guard dialect != .logical, [.sum, .avg, .stddevSample, .varianceSample].contains(call.function) else {
            return SQLText(text)
        }
        return casted(text, call.type)
    }

    /// At a site, which values an aggregate can take whatever the others are; nil where it can take all.
    ///
    /// PostgreSQL raises where a sum, or the squares that it keeps beside a mean, are no doubles; DuckDB where a deviation
    /// is none. That would tell of a person who has such a value: values beyond 1e140 count as NULL.
    private func summable(_ argument: Expression, by function: AggregateCall.Function) -> SQLText? {
        guard case .site = dialect, argument.type == .double || argument.type == .numeric, !argument.isModest
        else { return nil }
        let value = "abs(\(print(argument).text))"
        switch function {
        case .stddevSample, .varianceSample: return SQLText("\(value) < 1e140", .comparison)
        case .sum, .avg:
            let infinity = casted("'Infinity'", .double).text
            return SQLText("\(value) < 1e140 OR NOT \(value) < \(infinity)", .or)
        default: return nil
        }
    }

    private func ordered(_ function: AggregateCall.Function) -> Bool { function == .min || function == .max }

    func window(_ column: Window.Column) -> SQLText {
        var texts = column.arguments.map { print($0).text }
        // Not by FILTER: there PostgreSQL takes no aggregate, which a window may run over.
        if let argument = column.arguments.first,
            let condition = AggregateCall.Function(rawValue: column.function).flatMap({
                summable(argument, by: $0)
            })
        {
            texts[0] = "CASE WHEN \(condition.text) THEN \(texts[0]) END"
        }
        let arguments = texts.joined(separator: ", ")
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

    private static func isConstant(_ text: String) -> Bool {
        guard let first = text.utf8.first else { return false }
        let isNumber = (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(first) || first == UInt8(ascii: "-")
        return isNumber || first == UInt8(ascii: "'") || ["true", "false", "NULL"].contains(text)
    }

    /// In engines the place of NULLs is always said: their defaults differ.
    func sortKey(_ key: SortKey) -> String {
        var text = (dialect == .logical ? print(key.expression) : collated(key.expression)).text
        // What a column stands for may be a constant: SQL reads a number as a place, and DuckDB refuses others.
        if dialect != .logical, Self.isConstant(text) { text = casted(text, key.expression.type).text }
        if !key.ascending { text += " DESC" }
        if dialect != .logical || key.nullsFirst == key.ascending {
            text += key.nullsFirst ? " NULLS FIRST" : " NULLS LAST"
        }
        return text
    }
}

extension Expression {
    /// Whether its values are of a size that no aggregate can fail on, as its form shows.
    fileprivate var isModest: Bool {
        if type.isInteger || type == .boolean { return true }
        switch node {
        case .literal(let value): return value.isNull || value.number.map { abs($0) < 1e100 } == true
        case .cast(let inner): return inner.isModest
        case .caseWhen(let branches, let otherwise):
            return branches.allSatisfy(\.value.isModest) && otherwise?.isModest != false
        default: return false
        }
    }
}
