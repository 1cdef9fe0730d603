internal import Catalog
internal import Core
internal import Exchange
internal import Query

/// A measure's statement: where `:as_at` stands, it has the last day of the period that is asked for.
enum MeasureText {
    static let parameter = "as_at"
    private static let dateOID: Int32 = 1082
    /// Before all days that are written.
    private static let noDay = -1_000_000_000

    /// The statement for one period.
    /// - Throws: `42P02` for another name after a colon, or a numbered parameter; `42601` where `:as_at` does not occur.
    static func statement(_ sql: String, asAt: CivilDate) throws(SQLFault) -> StatementText {
        try StatementText.bound(
            try numbered(sql), [SQLParameter(oid: dateOID, text: asAt.description)])
    }

    /// The plan for one period: at the requester that asks, and again at each controller, which compares.
    ///
    /// `now()` is the midnight that the period's last day begins with: nothing but the period makes it another question.
    /// Tables of `released` are no part of it: no controller has them. The period decides which dated records count and
    /// how old people are, and nothing else (`PeriodRule`), so that one approval is of one question.
    /// - Throws: `SQLFault`, with its place in the text as it was written.
    static func plan(_ measure: RequestMeasure, catalog: Catalog) throws(SQLFault) -> FederatedPlan {
        let plan = try plan(measure.sql, measure.asAt, catalog)
        let first = measure.every.end(of: measure.from)
        let other = measure.asAt == first ? measure.every.lastEnd(before: first) : first
        try PeriodRule.check(plan.fragments, try self.plan(measure.sql, other, catalog).fragments)
        return plan
    }

    private static func plan(
        _ sql: String, _ asAt: CivilDate, _ catalog: Catalog
    ) throws(SQLFault) -> FederatedPlan {
        let text = try statement(sql, asAt: asAt)
        do throws(SQLFault) {
            let now = Int64(asAt.days) * 86_400_000_000
            guard case .select(let query) = try Binder(catalog: catalog, now: now).bind(text.sql) else {
                throw SQLFault(
                    .featureNotSupported, "EXPLAIN is no measure",
                    hint: "leave EXPLAIN out; 'concordat explain' shows a plan")
            }
            // Ages at the period's end, which must bound a month: what is today to one of the nodes is not to the other.
            let plan = try FederatedPlanner(catalog: catalog, today: Self.noDay).plan(query)
            guard !plan.fragments.isEmpty else {
                throw SQLFault(
                    .featureNotSupported, "a measure is about people: this statement asks no site",
                    hint: "read reference tables by a query")
            }
            return plan
        } catch {
            throw text.placed(error)
        }
    }

    /// With `$1` and blanks in the place of `:as_at`, so that every position stays what it was.
    private static func numbered(_ sql: String) throws(SQLFault) -> String {
        var bytes = Array(sql.utf8)
        let tokens = SQLScanner.tokens(sql)
        var count = 0
        for (index, token) in tokens.enumerated() {
            if token.kind == .parameter {
                throw SQLFault(
                    SQLState(rawValue: "42P02"), "a measure has no parameter $\(token.text)",
                    hint: "its only parameter is :\(parameter), the last day of the period")
            }
            guard token.kind == .symbol, token.text == ":", tokens.indices.contains(index + 1),
                tokens[index + 1].range.lowerBound == token.range.upperBound
            else { continue }
            let name = tokens[index + 1]
            guard name.kind == .word, name.text == parameter else {
                throw SQLFault(
                    SQLState(rawValue: "42P02"), "a measure has no such parameter",
                    hint: "its only parameter is :\(parameter), the last day of the period",
                    position: String(decoding: bytes[..<token.range.lowerBound], as: UTF8.self)
                        .unicodeScalars.count + 1)
            }
            count += 1
            bytes.replaceSubrange(
                token.range.lowerBound..<name.range.upperBound,
                with: Array("$1".utf8) + Array(repeating: UInt8(ascii: " "), count: parameter.utf8.count - 1))
        }
        guard count > 0 else {
            throw SQLFault(
                .syntaxError, "a measure says which period it is about",
                hint: "write :\(parameter) where the last day of the period belongs, "
                    + "e.g. WHERE onset_date <= :\(parameter)")
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
