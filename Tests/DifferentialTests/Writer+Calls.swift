extension Writer {
    func call(_ function: String, _ arguments: [Term], _ kind: Kind) -> String {
        let values = arguments.map(sql)
        let plain = "\(function)(\(values.joined(separator: ", ")))"
        guard isOracle else { return plain }
        switch (function, arguments[0].kind) {
        case ("abs", .int), ("abs", .big):
            return "CASE WHEN \(values[0]) <> \(kind == .int ? "-2147483648" : "-9223372036854775808") THEN \(plain) END"
        default: break
        }
        guard isDuckDB else { return plain }
        switch (function, arguments[0].kind) {
        case ("btrim", _): return "trim(\(values[0]))"
        case ("substr", _): return substring(values[0], arguments)
        case ("round", .real): return "round_even(\(values[0]), 0)"
        case ("round", _), ("trunc", .decimal):
            let places = values.count > 1 ? values[1] : "0"
            let x = values[0]
            return "CASE WHEN abs(\(x)) < 1e15 THEN CAST(\(function)(CAST(format('{:.15g}', \(x)) "
                + "AS decimal(38, 10)), \(places)) AS double) ELSE \(x) END"
        case ("floor", _), ("ceil", _), ("sign", _): return "CAST(\(plain) AS \(name(kind)))"
        default: return plain
        }
    }

    /// In DuckDB places before the first count from the end: there constants are moved to the first.
    private func substring(_ text: String, _ arguments: [Term]) -> String {
        guard case .int(let start) = arguments[1] else { return text }
        guard arguments.count > 2, case .int(let length) = arguments[2] else {
            return "substr(\(text), \(max(start, 1)))"
        }
        return "substr(\(text), \(max(start, 1)), \(max(0, max(start, 1) == start ? length : start + length - 1)))"
    }

    func cast(_ inner: Term, to kind: Kind) -> String {
        let x = sql(inner)
        let plain = "CAST(\(x) AS \(name(kind)))"
        guard isOracle else { return plain }
        let limit = kind == .int ? "2147483647" : "9.2e18"
        switch (inner.kind, kind) {
        case (.real, .int), (.real, .big):
            return "CASE WHEN abs(\(x)) <= \(limit) THEN "
                + (isDuckDB ? "CAST(round_even(\(x), 0) AS \(kind.sql))" : plain) + " END"
        case (.decimal, .int), (.decimal, .big):
            return "CASE WHEN abs(\(x)) <= \(limit) THEN "
                + (isDuckDB ? "CAST(round(\(x)) AS \(kind.sql))" : plain) + " END"
        case (.big, .int): return "CASE WHEN \(x) BETWEEN -2147483648 AND 2147483647 THEN \(plain) END"
        case (.text, .int), (.text, .big):
            let pattern = "'^[ \\t\\n]*[+-]?[0-9]{1,\(kind == .int ? 9 : 18)}[ \\t\\n]*$'"
            let test = isDuckDB ? "regexp_matches(\(x), \(pattern))" : "\(x) ~ \(pattern)"
            return "CASE WHEN \(test) THEN \(plain) END"
        default: return plain
        }
    }

    func aggregate(_ call: Aggregation) -> String {
        let filter = call.filter.map { " FILTER (WHERE \(sql($0)))" } ?? ""
        var argument = call.argument.map(sql) ?? "*"
        // Below the threshold of what a site adds up, what is not finite counts as missing.
        if isOracle, call.atCut, [.sum, .avg].contains(call.function),
            [.real, .decimal].contains(call.argument?.kind)
        {
            argument = "CASE WHEN abs(\(argument)) < 1e150 THEN \(argument) END"
        }
        switch call.function {
        case .countRows: return "count(*)\(filter)"
        case .people:
            let person =
                isOracle ? "\(call.alias).site || '|' || \(call.alias).person" : "\(call.alias).person"
            return "count(DISTINCT \(person))\(filter)"
        case .countDistinct: return "count(DISTINCT \(argument))\(filter)"
        default:
            let text = "\(call.function.rawValue)(\(argument))\(filter)"
            return isDuckDB && [.sum, .avg].contains(call.function) ? "CAST(\(text) AS \(name(call.kind)))" : text
        }
    }

    func window(_ call: WindowCall) -> String {
        var clauses: [String] = []
        var partition = call.partition.map(sql)
        if let person = call.person {
            partition = (isOracle ? ["\(person).site"] : []) + ["\(person).person"] + partition
        }
        if !partition.isEmpty { clauses.append("PARTITION BY " + partition.joined(separator: ", ")) }
        if !call.order.isEmpty { clauses.append("ORDER BY " + call.order.map(order).joined(separator: ", ")) }
        if let frame = call.frame { clauses.append(frame) }
        let arguments = call.arguments.map(sql).joined(separator: ", ")
        let name = call.function == "count" && call.arguments.isEmpty ? "count(*)" : "\(call.function)(\(arguments))"
        let text = "\(name) OVER (\(clauses.joined(separator: " ")))"
        return isDuckDB && ["sum", "avg"].contains(call.function) ? "CAST(\(text) AS \(self.name(call.kind)))" : text
    }

    /// Oracles always say where NULLs stand: DuckDB's default is another.
    func order(_ order: Order) -> String {
        var text = sql(order.term) + (order.isDescending ? " DESC" : "")
        if let nullsFirst = order.nullsFirst ?? (isOracle ? order.isDescending : nil) {
            text += nullsFirst ? " NULLS FIRST" : " NULLS LAST"
        }
        return text
    }
}
