internal import Core

/// The scalar functions there are, by PostgreSQL's names and signatures.
enum FunctionCatalog {
    struct Signature {
        let function: Function
        let parameters: [ColumnType]
        let result: ColumnType
    }

    /// In the order in which PostgreSQL prefers them: double precision before numeric.
    static let signatures: [String: [Signature]] = {
        var all: [String: [Signature]] = [:]
        func add(_ names: String..., as function: Function, _ parameters: [ColumnType], _ result: ColumnType)
        {
            for name in names {
                all[name, default: []].append(
                    Signature(function: function, parameters: parameters, result: result))
            }
        }
        for type in [ColumnType.double, .numeric, .integer, .bigint] { add("abs", as: .abs, [type], type) }
        for type in [ColumnType.double, .numeric] {
            add("round", as: .round, [type], type)
            add("floor", as: .floor, [type], type)
            add("ceil", "ceiling", as: .ceil, [type], type)
            add("trunc", as: .trunc, [type], type)
            add("sqrt", as: .sqrt, [type], type)
            add("ln", as: .ln, [type], type)
            add("exp", as: .exp, [type], type)
            add("sign", as: .sign, [type], type)
            add("power", "pow", as: .power, [type, type], type)
            add("width_bucket", as: .widthBucket, [type, type, type, .integer], .integer)
        }
        add("round", as: .round, [.numeric, .integer], .numeric)
        add("trunc", as: .trunc, [.numeric, .integer], .numeric)
        for type in [ColumnType.integer, .bigint, .numeric] { add("mod", as: .modulo, [type, type], type) }
        add("lower", as: .lower, [.text], .text)
        add("upper", as: .upper, [.text], .text)
        add("length", "char_length", "character_length", as: .length, [.text], .integer)
        add("substring", "substr", as: .substring, [.text, .integer], .text)
        add("substring", "substr", as: .substring, [.text, .integer, .integer], .text)
        add("left", as: .left, [.text, .integer], .text)
        add("right", as: .right, [.text, .integer], .text)
        add("btrim", as: .trim, [.text], .text)
        add("ltrim", as: .ltrim, [.text], .text)
        add("rtrim", as: .rtrim, [.text], .text)
        add("starts_with", as: .startsWith, [.text, .text], .boolean)
        add("strpos", "position", as: .strpos, [.text, .text], .integer)
        add("replace", as: .replace, [.text, .text, .text], .text)
        add("make_date", as: .makeDate, [.integer, .integer, .integer], .date)
        for type in [ColumnType.timestamp, .date] {
            add("to_char", as: .toChar, [type, .text], .text)
            add("age", as: .age, [type, type], .interval)
        }
        add("age", as: .age, [.date, .timestamp], .interval)
        add("age", as: .age, [.timestamp, .date], .interval)
        return all
    }()

    /// Names that are bound by rules of their own.
    static let special: Set<String> = [
        "now", "concat", "date_part", "extract", "date_trunc", "in_codelist", "descends_from",
        "transaction_timestamp", "statement_timestamp",
    ]

    /// The best signature for the argument types: the fewest conversions, then the first.
    static func resolve(_ name: String, _ types: [ColumnType]) -> Signature? {
        let candidates = (signatures[name] ?? []).filter { signature in
            signature.parameters.count == types.count
                && zip(types, signature.parameters).allSatisfy { Coercion.isImplicit(from: $0, to: $1) }
        }
        func conversions(_ signature: Signature) -> Int {
            zip(types, signature.parameters).count { $0 != $1 && $0 != .unknown }
        }
        return candidates.min { conversions($0) < conversions($1) }
    }

    /// Fields of `date_part`, `extract`: those of a whole day, and those within it.
    static let dateFields: Set<String> = [
        "year", "month", "day", "quarter", "week", "dow", "isodow", "doy", "decade", "century", "isoyear",
        "epoch",
    ]
    static let timeFields: Set<String> = ["hour", "minute", "second", "milliseconds", "microseconds"]
    static let truncations: Set<String> = [
        "microseconds", "milliseconds", "second", "minute", "hour", "day", "week", "month", "quarter", "year",
        "decade", "century",
    ]
}
