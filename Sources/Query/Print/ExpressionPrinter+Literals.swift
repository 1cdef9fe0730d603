import Core

extension ExpressionPrinter {
    func literal(_ value: Value, _ type: ColumnType) -> SQLText {
        switch value {
        case .null: type == .unknown ? SQLText("NULL") : casted("NULL", type)
        case .boolean(let flag): SQLText(flag ? "true" : "false")
        case .integer(let number): integer(number, type)
        case .double(let number): double(number, type)
        case .text(let text): SQLText(SQLQuoting.literal(text))
        case .date(let days): SQLText("DATE '\(Civil.formatDate(Int(days)))'")
        case .timestamp(let microseconds): SQLText("TIMESTAMP '\(Civil.formatTimestamp(microseconds))'")
        case .interval(let months, let days, let microseconds):
            SQLText("INTERVAL '\(Self.interval(months, days, microseconds))'")
        }
    }

    private func integer(_ number: Int64, _ type: ColumnType) -> SQLText {
        if type == .numeric || type == .double { return double(Double(number), type) }
        let fits = Int32(exactly: number) != nil
        if number == .min { return casted("'\(number)'", .bigint) }
        if type == .bigint, fits { return casted("\(number)", .bigint) }
        return SQLText("\(number)", number < 0 ? .sign : .atom)
    }

    private func double(_ number: Double, _ type: ColumnType) -> SQLText {
        guard number.isFinite else {
            let word = number.isNaN ? "NaN" : number < 0 ? "-Infinity" : "Infinity"
            return casted("'\(word)'", type)
        }
        let digits = "\(number)"
        switch dialect {
        case .logical where type == .numeric: return SQLText(digits, number < 0 ? .sign : .atom)
        case .logical, .site(.postgresql): return casted(digits, type)
        case .site(.duckdb), .merge:
            // A literal with an exponent is DOUBLE there; without one it is DECIMAL.
            return SQLText(digits.contains("e") ? digits : digits + "e0", number < 0 ? .sign : .atom)
        }
    }

    /// Units that PostgreSQL and DuckDB both read.
    static func interval(_ months: Int32, _ days: Int32, _ microseconds: Int64) -> String {
        var parts: [String] = []
        if months != 0 { parts.append(months % 12 == 0 ? "\(months / 12) years" : "\(months) months") }
        if days != 0 { parts.append("\(days) days") }
        if microseconds != 0 {
            let (unit, size) =
                microseconds % 3_600_000_000 == 0
                ? ("hours", Int64(3_600_000_000))
                : microseconds % 1_000_000 == 0 ? ("seconds", 1_000_000) : ("microseconds", 1)
            parts.append("\(microseconds / size) \(unit)")
        }
        return parts.isEmpty ? "0 days" : parts.joined(separator: " ")
    }
}
