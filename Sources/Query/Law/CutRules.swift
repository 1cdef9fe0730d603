import Core

/// What may cross the cut: group keys that many people share, and aggregates that are sums.
enum CutRules {
    static func check(_ key: ComputedColumn, _ law: ExpressionLaw) throws(SQLFault) {
        let lineage = try law.lineage(of: key.expression)
        let position = key.expression.position
        switch lineage.kind {
        case .area, .free, .event: break
        default: throw .restricted(lineage, at: position)
        }
        if lineage.isFreeText {
            throw SQLFault(
                .insufficientPrivilege, "\(lineage.column.isEmpty ? key.name : lineage.column) is free text",
                hint: "Group by a code, or by CASE WHEN … THEN 'label' END.", position: position)
        }
        guard lineage.isExact else { return }
        let isTime = [.timestamp, .interval].contains(key.expression.type)
        throw SQLFault(
            .insufficientPrivilege, "\(key.name) is too fine to group by",
            hint: isTime
                ? "Write date_trunc('month', \(key.name)) or CAST(\(key.name) AS date)."
                : "Write width_bucket(\(key.name), low, high, buckets), or round(\(key.name)).",
            position: position)
    }

    static func check(_ call: AggregateCall, _ law: ExpressionLaw) throws(SQLFault) {
        if let filter = call.filter { try law.checkCondition(filter) }
        switch call.function {
        case .count: try checkCount(call, law)
        case .sum, .avg: try checkSum(call, law)
        case .min, .max:
            throw refused(
                call, "over people is one person's value",
                "Ask for avg(x), or for counts by "
                    + "width_bucket(x, low, high, buckets); min and max are legal per person (GROUP BY person)."
            )
        case .stringAgg, .arrayAgg, .mode:
            throw refused(
                call, "over people lists or picks their values",
                "Use GROUP BY the value with count(DISTINCT person); it is legal per person (GROUP BY person)."
            )
        case .boolAnd, .boolOr:
            throw notYet(call, "Use count(*) FILTER (WHERE …) beside count(*).")
        case .stddevSample, .varianceSample:
            throw notYet(call, "Use avg(x) and avg(x * x).")
        case .percentileCont:
            throw SQLFault(
                .featureNotSupported, "percentile_cont over people is no sum",
                hint: "Sites are asked for counts in public bins, of which it is read.",
                position: call.position)
        }
    }

    private static func checkCount(_ call: AggregateCall, _ law: ExpressionLaw) throws(SQLFault) {
        guard let argument = call.argument else { return }
        let position = argument.position ?? call.position
        let lineage = try law.lineage(of: argument)
        if call.isDistinct {
            guard lineage.kind == .person, argument.plainColumn != nil else {
                throw SQLFault(
                    lineage.kind == .identifier ? .insufficientPrivilege : .featureNotSupported,
                    "only people are counted with DISTINCT",
                    hint:
                        "Write count(DISTINCT person), or GROUP BY the column and count the groups above it.",
                    position: position)
            }
            return
        }
        switch lineage.kind {
        case .person, .identifier:
            guard argument.plainColumn != nil else { throw .identifier(lineage, at: position) }
            throw SQLFault(
                .insufficientPrivilege, "\(lineage.column) may only be counted as count(DISTINCT person)",
                hint: "Write count(DISTINCT person) for people, count(*) for rows.", position: position)
        default: return
        }
    }

    private static func checkSum(_ call: AggregateCall, _ law: ExpressionLaw) throws(SQLFault) {
        guard let argument = call.argument else { return }
        let position = argument.position ?? call.position
        let lineage = try law.lineage(of: argument)
        if lineage.isRestricted { throw .restricted(lineage, at: position) }
        if call.isDistinct {
            throw SQLFault(
                .featureNotSupported, "\(call.function.rawValue)(DISTINCT …) over people is not released",
                hint: "GROUP BY the value and count(DISTINCT person).", position: position)
        }
        guard argument.type.isNumeric else {
            throw SQLFault(
                .featureNotSupported, "\(call.function.rawValue) over people takes numbers",
                hint: "Take a number first: a difference of dates in days, or date_part('day', …).",
                position: position)
        }
    }

    private static func refused(_ call: AggregateCall, _ why: String, _ hint: String) -> SQLFault {
        SQLFault(
            .insufficientPrivilege, "\(call.function.rawValue) \(why)", hint: hint, position: call.position)
    }

    private static func notYet(_ call: AggregateCall, _ hint: String) -> SQLFault {
        SQLFault(
            .featureNotSupported, "\(call.function.rawValue) over people is not released yet", hint: hint,
            position: call.position)
    }
}
