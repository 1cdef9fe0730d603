internal import Core

/// The aggregates and window functions there are, with the types that PostgreSQL gives their results.
enum AggregateCatalog {
    private static let functions: [String: AggregateCall.Function] = [
        "count": .count, "sum": .sum, "avg": .avg, "min": .min, "max": .max, "bool_and": .boolAnd,
        "every": .boolAnd, "bool_or": .boolOr, "stddev": .stddevSample, "stddev_samp": .stddevSample,
        "variance": .varianceSample, "var_samp": .varianceSample, "median": .percentileCont,
        "percentile_cont": .percentileCont,
    ]

    static let windowFunctions: Set<String> = [
        "row_number", "rank", "dense_rank", "ntile", "lag", "lead", "first_value", "last_value",
    ]

    static var names: [String] { Array(functions.keys) + windowFunctions }

    static func function(_ name: String) -> AggregateCall.Function? { functions[name] }

    static func isAggregate(_ name: String) -> Bool { functions[name] != nil }

    /// Why an aggregate of PostgreSQL is not answered; nil for what is none.
    static func refusal(of name: String, at position: Int?) -> SQLFault? {
        switch name {
        case "string_agg", "array_agg", "json_agg", "jsonb_agg", "mode", "any_value":
            .unsupported(
                "aggregate \(name)", "It would list people's values: GROUP BY the value and count.",
                at: position)
        case "percentile_disc":
            .unsupported(
                "aggregate \(name)", "Write percentile_cont(fraction) WITHIN GROUP (ORDER BY value).",
                at: position)
        case "stddev_pop", "var_pop":
            .unsupported("aggregate \(name)", "Use stddev_samp or var_samp.", at: position)
        case "corr", "covar_pop", "covar_samp", "regr_slope", "regr_intercept", "regr_r2", "regr_count":
            .unsupported("aggregate \(name)", "Sum the products: sum(x), sum(y), sum(x * y).", at: position)
        default: nil
        }
    }

    /// The type of the result, and the type that the argument is converted to; nil if it does not take it.
    static func types(
        _ function: AggregateCall.Function, _ argument: ColumnType
    ) -> (argument: ColumnType, result: ColumnType)? {
        switch function {
        case .count: return (argument == .unknown ? .text : argument, .bigint)
        case .sum:
            switch argument {
            case .integer: return (.integer, .bigint)
            case .bigint, .numeric: return (argument, .numeric)
            case .double, .interval: return (argument, argument)
            default: return nil
            }
        case .avg:
            switch argument {
            case .integer, .bigint, .numeric: return (argument, .numeric)
            case .double, .interval: return (argument, argument)
            default: return nil
            }
        case .min, .max:
            if argument == .unknown { return (.text, .text) }
            return argument == .boolean ? nil : (argument, argument)
        case .boolAnd, .boolOr:
            return argument == .boolean || argument == .unknown ? (.boolean, .boolean) : nil
        case .stddevSample, .varianceSample:
            switch argument {
            case .integer, .bigint, .numeric: return (argument, .numeric)
            case .double: return (.double, .double)
            default: return nil
            }
        default: return nil
        }
    }
}
