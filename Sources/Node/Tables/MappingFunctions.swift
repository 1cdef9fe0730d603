internal import Core
internal import Query

/// The functions that a mapping may call. All are of one row, end in bounded time and give bounded values.
extension MappingCompiler {
    static let functions = [
        "abs", "ceil", "coalesce", "concat", "date", "datetime", "floor", "greatest", "icd10", "least",
        "left",
        "length", "list", "lookup", "lower", "lpad", "nullif", "number", "opcs4", "replace", "right", "round",
        "split_part", "substring", "trim", "upper", "whole",
    ]

    mutating func function(
        _ name: String, _ arguments: [MappingExpression], _ place: Place
    ) throws(MappingFault) -> MappingExpression {
        func texts() throws(MappingFault) -> [MappingExpression] {
            var all: [MappingExpression] = []
            for argument in arguments { all.append(try convert(argument, to: .text, place)) }
            return all
        }
        func need(_ counts: Int...) throws(MappingFault) {
            guard counts.contains(arguments.count) else {
                throw fault(
                    "\(name) takes \(counts.map(String.init).joined(separator: " or ")) arguments", place)
            }
        }
        func made(_ sql: String, _ type: ColumnType, _ parts: [MappingExpression]) -> MappingExpression {
            MappingExpression(sql: sql, type: type, faults: parts.flatMap(\.faults))
        }
        switch name {
        case "lower", "upper", "btrim", "trim":
            try need(1)
            let text = try texts()
            return made("\(name == "btrim" ? "trim" : name)(\(text[0].sql))", .text, text)
        case "length", "char_length":
            try need(1)
            let text = try texts()
            return made("length(\(text[0].sql))", .bigint, text)
        case "left", "right", "substring", "substr", "lpad", "split_part", "replace":
            return try cut(name, arguments, place)
        case "concat", "list":
            let all = try texts()
            let parts = all.map(\.sql).joined(separator: ", ")
            guard !all.isEmpty else { throw fault("\(name) takes at least one argument", place) }
            return name == "list"
                ? made("nullif(concat_ws(' ', \(parts)), '')", .text, all)
                : made("concat(\(parts))", .text, all)
        case "abs", "floor", "ceil", "ceiling", "round":
            try need(1)
            let number = try convert(arguments[0], to: .double, place)
            return made(
                name == "round" ? dialect.round(number.sql) : "\(name)(\(number.sql))", .double, [number])
        case "number":
            try need(1)
            return try convert(arguments[0], to: .double, place)
        case "whole":
            try need(1)
            return try convert(arguments[0], to: .bigint, place)
        case "date":
            try need(1)
            return try convert(arguments[0], to: .date, place)
        case "datetime":
            try need(1, 2)
            return try datetime(arguments, place)
        case "icd10", "opcs4":
            try need(1)
            let text = try texts()
            let sql = derive(dotted(text[0].sql, isDiagnosis: name == "icd10"))
            let bad = "(\(text[0].sql)) IS NOT NULL AND (\(sql)) IS NULL"
            return MappingExpression(
                sql: sql, type: .text, faults: text[0].faults + [.init(reason: "not-a-code", sql: bad)])
        default:
            let near = Suggestion.nearest(to: name, among: Self.functions)
            let hint = (near.isEmpty ? Self.functions : near).joined(separator: ", ")
            throw fault(
                "there is no function \(name) in mappings; \(near.isEmpty ? "there are" : "perhaps") \(hint)",
                place)
        }
    }

    /// Functions of a text and of literals that say where or how much.
    private mutating func cut(
        _ name: String, _ arguments: [MappingExpression], _ place: Place
    ) throws(MappingFault) -> MappingExpression {
        let counts =
            switch name {
            case "left", "right": [2]
            case "substring", "substr": [2, 3]
            case "lpad": [3]
            default: [3]
            }
        guard counts.contains(arguments.count) else {
            throw fault("\(name) takes \(counts.map(String.init).joined(separator: " or ")) arguments", place)
        }
        let text = try convert(arguments[0], to: .text, place)
        var parts = [text.sql]
        let isText: [Bool] =
            ["replace": [true, true], "split_part": [true, false], "lpad": [false, true]][name]
            ?? [false, false]
        for (argument, isText) in zip(arguments.dropFirst(), isText) {
            if isText {
                guard let literal = argument.constant, !literal.isEmpty || name == "replace",
                    literal.utf8.count <= 64
                else { throw fault("\(name) takes a short text in quotes there", place) }
                parts.append(SQLQuoting.literal(literal))
            } else {
                guard argument.type == .bigint, let number = Int(argument.sql), (0...256).contains(number)
                else {
                    throw fault("\(name) takes a number from 0 to 256 there", place)
                }
                guard name != "split_part" || number > 0 else {
                    throw fault("split_part counts from 1", place)
                }
                parts.append(argument.sql)
            }
        }
        let sql = name == "substr" ? "substring" : name
        return MappingExpression(
            sql: "\(sql)(\(parts.joined(separator: ", ")))", type: .text, faults: text.faults)
    }

    /// A day, and a time of day beside it: `10:30:00`, `10:30`, `1030`, `103000`; without one, midnight.
    private mutating func datetime(
        _ arguments: [MappingExpression], _ place: Place
    ) throws(MappingFault) -> MappingExpression {
        guard arguments.count == 2 else { return try convert(arguments[0], to: .timestamp, place) }
        let day = try convert(arguments[0], to: .date, place)
        let time = try convert(arguments[1], to: .text, place)
        let formats = ["%H:%M:%S", "%H:%M", "%H%M%S", "%H%M", "%H:%M:%S.%f"]
        let clock = derive(dialect.moment(time.sql, formats))
        let bad = "(\(time.sql)) IS NOT NULL AND (\(clock)) IS NULL"
        return MappingExpression(
            sql: "(\(day.sql) + coalesce(CAST(\(clock) AS TIME), TIME '00:00:00'))", type: .timestamp,
            faults: day.faults + time.faults + [.init(reason: "impossible-time", sql: bad)])
    }

    /// `E119`, `E11.9`, `I10X`, `I10-`, `M3610D` as `E11.9`, `E11.9`, `I10`, `I10`, `M36.1`: the code of a
    /// terminology, without filler, dagger, asterisk and laterality.
    ///
    /// Source: NHS Data Dictionary, "Diagnosis (ICD)", format an4 to an6 with `X` as filler of the fourth place.
    private mutating func dotted(_ text: String, isDiagnosis: Bool) -> String {
        let bare = derive("translate(upper(\(text)), ' .-/', '')")
        let pattern = isDiagnosis ? "^([A-Z][0-9][0-9A-Z][0-9]?)" : "^([A-Z][0-9][0-9][0-9]?)"
        let core = derive(dialect.extract(bare, pattern))
        return "CASE WHEN length(\(core)) = 4 THEN substring(\(core), 1, 3) || '.' || substring(\(core), 4) "
            + "ELSE nullif(\(core), '') END"
    }

    mutating func variadic(
        _ function: Function, _ values: [MappingExpression], _ place: Place
    ) throws(MappingFault) -> MappingExpression {
        let parts = try ofOneType(values, place)
        let name: String
        switch function {
        case .coalesce: name = "coalesce"
        case .nullif: name = "nullif"
        case .greatest: name = "greatest"
        case .least: name = "least"
        default: throw fault("this function is not known in mappings", place)
        }
        return MappingExpression(
            sql: "\(name)(\(parts.map(\.sql).joined(separator: ", ")))", type: parts[0].type,
            faults: parts.flatMap(\.faults))
    }
}
