internal import Core

/// A statement with literals in place of its parameters: `$1` becomes a value of its declared type, or one whose type
/// the binder finds from what stands around it.
struct StatementText {
    let sql: String
    /// 1-based positions, in characters of `sql`, of values whose type nobody declared: parameter's number by place.
    let untyped: [Int: Int]
    /// Numbers that stand after LIMIT or OFFSET.
    let counts: Set<Int>
    /// Numbers that stand for an array: in `ANY ($1)` and `ALL ($1)`.
    let arrays: Set<Int>
    /// How many parameters there are.
    let count: Int
    /// Places where the lengths differ: position in `sql`, and by how much what follows moved.
    private let moves: [(after: Int, by: Int)]

    /// What a parameter stands for.
    enum Use {
        case value, count, array
    }

    /// What is written in a parameter's place.
    struct Literal {
        var text: String
        /// Where in `text` a value stands whose type nobody declared, in characters from 0; nil for none.
        var untyped: Int?
    }

    /// - Parameter literal: of a parameter by its number from 1.
    init(_ sql: String, literal: (Int, Use) throws(SQLFault) -> Literal) throws(SQLFault) {
        let tokens = SQLScanner.tokens(sql)
        let bytes = Array(sql.utf8)
        var text: [UInt8] = []
        var place = 0
        var untyped: [Int: Int] = [:]
        var (counts, arrays): (Set<Int>, Set<Int>) = ([], [])
        var moves: [(after: Int, by: Int)] = []
        var count = 0
        var characters = 0
        for (index, token) in tokens.enumerated() where token.kind == .parameter {
            guard let number = Int(token.text), (1...65_535).contains(number) else {
                throw SQLFault(SQLState(rawValue: "42P02"), "there is no parameter $\(token.text)")
            }
            let use = Self.use(tokens[..<index])
            let value = try literal(number, use)
            let between = bytes[place..<token.range.lowerBound]
            text += between
            characters += Self.characters(between)
            if let place = value.untyped { untyped[characters + place + 1] = number }
            if use == .count { counts.insert(number) }
            if use == .array { arrays.insert(number) }
            text += value.text.utf8
            characters += value.text.unicodeScalars.count
            moves.append((after: characters, by: value.text.unicodeScalars.count - token.range.count))
            place = token.range.upperBound
            count = max(count, number)
        }
        text += bytes[place...]
        self.sql = String(decoding: text, as: UTF8.self)
        self.untyped = untyped
        (self.counts, self.arrays) = (counts, arrays)
        self.count = count
        self.moves = moves
    }

    /// What a parameter after these tokens stands for.
    private static func use(_ tokens: ArraySlice<SQLScanner.Token>) -> Use {
        let words = tokens.suffix(2).map { $0.kind == .word || $0.kind == .symbol ? $0.text : "" }
        if words.last == "limit" || words.last == "offset" { return .count }
        return words.last == "(" && ["any", "all", "some"].contains(words.first ?? "") ? .array : .value
    }

    private static func characters(_ bytes: ArraySlice<UInt8>) -> Int { bytes.count { $0 & 0xC0 != 0x80 } }

    /// A fault with its place in the statement as it was written.
    func placed(_ fault: SQLFault) -> SQLFault {
        guard let position = fault.position, !moves.isEmpty else { return fault }
        let moved = moves.filter { $0.after < position }.reduce(0) { $0 + $1.by }
        return SQLFault(fault.sqlstate, fault.message, hint: fault.hint, position: max(1, position - moved))
    }

    // MARK: Literals

    /// The statement with the values that a client gave.
    static func bound(_ sql: String, _ parameters: [SQLParameter]) throws(SQLFault) -> StatementText {
        try StatementText(sql) { (number, use) throws(SQLFault) in
            guard parameters.indices.contains(number - 1) else {
                throw SQLFault(SQLState(rawValue: "42P02"), "there is no parameter $\(number)")
            }
            return try literal(parameters[number - 1], use)
        }
    }

    /// The statement with NULL for every value.
    static func open(_ sql: String, types: [Int32]) throws(SQLFault) -> StatementText {
        try StatementText(sql) { (number, use) throws(SQLFault) in
            let oid = types.indices.contains(number - 1) ? types[number - 1] : 0
            return try literal(SQLParameter(oid: oid, text: nil), use)
        }
    }

    private static func literal(_ parameter: SQLParameter, _ use: Use) throws(SQLFault) -> Literal {
        if use == .count, let text = parameter.text {
            guard let number = Int64(text.filter { $0 != " " }) else {
                throw SQLFault(.invalidTextRepresentation, "invalid input syntax for type bigint")
            }
            return Literal(text: number < 0 ? "(\(number))" : "\(number)")
        }
        if use == .count { return Literal(text: "NULL") }
        if let element = ArrayType.element(parameter.oid) { return try array(parameter.text, of: element) }
        // Of no declared type: as a text it would be read as an array all the same.
        if use == .array, parameter.text == nil { return try array(nil, of: 0) }
        return try value(parameter)
    }

    private static func value(_ parameter: SQLParameter) throws(SQLFault) -> Literal {
        let type = try columnType(parameter.oid)
        guard let text = parameter.text else {
            return type.map { Literal(text: "CAST(NULL AS \($0.rawValue))") }
                ?? Literal(text: "NULL", untyped: 0)
        }
        let value = SQLQuoting.literal(parameter.oid == 1184 ? try inUTC(text) : text)
        return type.map { Literal(text: "CAST(\(value) AS \($0.rawValue))") }
            ?? Literal(text: value, untyped: 0)
    }

    /// `ARRAY[…]`; one that is NULL has NULL for its only element: nothing is known to be one of either.
    private static func array(_ text: String?, of element: Int32) throws(SQLFault) -> Literal {
        let lead = "ARRAY["
        guard let text else {
            let one = try value(SQLParameter(oid: element, text: nil))
            return Literal(text: "\(lead)\(one.text)]", untyped: one.untyped.map { $0 + lead.count })
        }
        var items: [String] = []
        for item in try ArrayText.items(text) {
            items.append(try value(SQLParameter(oid: element, text: item)).text)
        }
        return Literal(text: items.isEmpty ? "'{}'" : "\(lead)\(items.joined(separator: ", "))]")
    }

    /// nil where the statement says: text is read as whatever stands beside it, as PostgreSQL reads a bare literal.
    private static func columnType(_ oid: Int32) throws(SQLFault) -> ColumnType? {
        switch oid {
        case 0, 18, 19, 25, 705, 1042, 1043, 2950, 114: nil
        case 16: .boolean
        case 21, 23: .integer
        case 20, 26: .bigint
        case 1700: .numeric
        case 700, 701: .double
        case 1082: .date
        case 1114, 1184: .timestamp
        case 1186: .interval
        default:
            throw SQLFault(
                .featureNotSupported, "parameters of the type with oid \(oid) are not supported",
                hint:
                    "Send numbers, texts, dates, timestamps, intervals, booleans or arrays of them."
            )
        }
    }

    /// Timestamps here are in UTC and without a zone.
    private static func inUTC(_ text: String) throws(SQLFault) -> String {
        guard let mark = text.lastIndex(where: { $0 == "+" || $0 == "-" || $0 == "Z" }),
            text[mark...].firstIndex(of: "-") == nil || text.distance(from: text.startIndex, to: mark) > 10
        else { return text }
        let clock = text[..<mark].split { $0 == " " || $0 == "T" }
        let parts = text[text.index(after: mark)...].split(separator: ":").map { Int($0) ?? 0 }
        guard clock.count == 2, let days = Civil.parseDate(clock[0]) else { return text }
        let time = clock[1].split(separator: ":")
        guard time.count >= 2, let hour = Int64(time[0]), let minute = Int64(time[1]) else { return text }
        let seconds = time.count > 2 ? Double(time[2]) ?? 0 : 0
        let offset = Int64((parts.first ?? 0) * 3_600 + (parts.count > 1 ? parts[1] * 60 : 0))
        let sign: Int64 = text[mark] == "-" ? -1 : 1
        let whole = Int64(days) * 86_400 + hour * 3_600 + minute * 60 - sign * offset
        return Civil.formatTimestamp(whole * 1_000_000 + Int64((seconds * 1_000_000).rounded()))
    }
}
