/// For whom SQL is printed.
enum Side: String, Sendable, CaseIterable {
    /// As an analyst writes it: PostgreSQL's SQL over dataset names, people joined by `person` alone.
    case federation
    /// The oracle in PostgreSQL: over pooled tables, people joined by (site, person).
    case postgresql
    case duckdb
}

/// Prints generated questions.
///
/// An oracle says by itself what a fragment's functions mean for values that PostgreSQL refuses (planner.md,
/// "Semantics": NULL): a division by zero, an integer that overflows, a text that is no number.
struct Writer {
    let side: Side

    var isOracle: Bool { side != .federation }
    var isDuckDB: Bool { side == .duckdb }

    static func quoted(_ text: String) -> String { "'" + text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "''") + "'" }

    func sql(_ term: Term) -> String {
        switch term {
        case .column(let alias, let name, _): alias.isEmpty ? name : "\(alias).\(name)"
        case .int(let value): value < 0 ? "(\(value))" : String(value)
        case .real(let text):
            isDuckDB ? "CAST('\(text)' AS double)" : "CAST('\(text)' AS double precision)"
        case .decimal(let text): isDuckDB ? "CAST('\(text)' AS double)" : "(\(text))"
        case .text(let text): Self.quoted(text)
        case .date(let text): "DATE '\(text)'"
        case .time(let text): "TIMESTAMP '\(text)'"
        case .truth(let value): String(value)
        case .null(let kind): "CAST(NULL AS \(name(kind)))"
        case .arithmetic(let symbol, let left, let right): arithmetic(symbol, left, right)
        case .negate(let inner): negated(inner)
        case .compare(let symbol, let left, let right): "(\(sql(left)) \(symbol) \(sql(right)))"
        case .and(let parts): "(\(parts.map(sql).joined(separator: " AND ")))"
        case .or(let parts): "(\(parts.map(sql).joined(separator: " OR ")))"
        case .not(let inner): "(NOT \(sql(inner)))"
        case .test(let words, let inner): "(\(sql(inner)) \(words))"
        case .inList(let value, let items, let negated):
            "(\(sql(value)) \(negated ? "NOT IN" : "IN") (\(items.map(sql).joined(separator: ", "))))"
        case .between(let value, let low, let high, let words): between(value, low, high, words)
        case .like(let value, let pattern, let word):
            "(\(sql(value)) \(word) \(Self.quoted(pattern))\(isDuckDB ? " ESCAPE '\\'" : ""))"
        case .choose(let branches, let otherwise):
            "CASE "
                + branches.map { "WHEN \(sql($0.condition)) THEN \(sql($0.value)) " }.joined()
                + (otherwise.map { "ELSE \(sql($0)) " } ?? "") + "END"
        case .call(let name, let arguments, let kind): call(name, arguments, kind)
        case .cast(let inner, let kind): cast(inner, to: kind)
        case .part(let field, let inner):
            isDuckDB
                ? "CAST(date_part('\(field)', \(sql(inner))) AS double)" : "date_part('\(field)', \(sql(inner)))"
        case .trunc(let field, let inner):
            isDuckDB
                ? "CAST(date_trunc('\(field)', \(sql(inner))) AS timestamp)"
                : "date_trunc('\(field)', \(sql(inner)))\(isOracle && inner.kind == .date ? "::timestamp" : "")"
        case .years(let later, let earlier): years(later, earlier)
        case .shift(let inner, let symbol, let interval):
            "(\(sql(inner)) \(symbol) INTERVAL '\(interval.count) \(interval.unit)')"
        case .formatted(let inner, let pattern): formatted(inner, pattern)
        case .bucket(let value, let low, let high, let count): bucket(value, low, high, count)
        case .inCodelist(let value, let name, let negated): inCodelist(value, name, negated)
        case .exists(let inner, let negated):
            "(\(negated ? "NOT " : "")EXISTS (SELECT 1 FROM \(rows(inner))))"
        case .scalar(let inner): "(SELECT \(inner.value.map(sql) ?? "1") FROM \(rows(inner)))"
        case .personIn(let inner, let negated): personIn(inner, negated)
        case .quantified(let value, let symbol, let word, let inner):
            "(\(sql(value)) \(symbol) \(word) (SELECT \(inner.value.map(sql) ?? "1") FROM \(rows(inner))))"
        case .aggregate(let call): aggregate(call)
        case .window(let call): window(call)
        case .grouping(let keys): "grouping(\(keys.map(sql).joined(separator: ", ")))"
        }
    }

    func name(_ kind: Kind) -> String {
        guard isDuckDB else { return kind.sql }
        return switch kind {
        case .real, .decimal: "double"
        case .text: "varchar"
        default: kind.sql
        }
    }

    /// An oracle's whole number that is NULL where it does not fit its type.
    private func whole(_ kind: Kind, _ arguments: [Term], _ formula: ([String]) -> String) -> String {
        let wide = kind == .int ? "bigint" : isDuckDB ? "hugeint" : "numeric"
        let range =
            kind == .int ? "-2147483648 AND 2147483647" : "-9223372036854775808 AND 9223372036854775807"
        let value = formula(arguments.map { "CAST(\(sql($0)) AS \(wide))" })
        return "CASE WHEN (\(value)) BETWEEN \(range) THEN CAST(\(value) AS \(kind.sql)) END"
    }

    private func arithmetic(_ symbol: String, _ left: Term, _ right: Term) -> String {
        let kind = Term.arithmetic(symbol, left, right).kind
        let isWhole = (kind == .int || kind == .big) && left.kind != .date
        guard isOracle else { return "(\(sql(left)) \(symbol) \(sql(right)))" }
        if symbol == "/" || symbol == "%" {
            let divisor = "nullif(\(sql(right)), 0)"
            guard isWhole else { return "(\(sql(left)) \(symbol) \(divisor))" }
            return quotient(kind, left, isDuckDB && symbol == "/" ? "//" : symbol, right)
        }
        if isWhole { return whole(kind, [left, right]) { "\($0[0]) \(symbol) \($0[1])" } }
        return "(\(sql(left)) \(symbol) \(sql(right)))"
    }

    private func quotient(_ kind: Kind, _ left: Term, _ divide: String, _ right: Term) -> String {
        // In PostgreSQL a quotient of numerics is not whole: the only one that does not fit is of the least by -1.
        let least = kind == .int ? "-2147483648" : "-9223372036854775808"
        let divisor = "nullif(\(sql(right)), 0)"
        return "CASE WHEN NOT (\(sql(left)) = \(least) AND \(sql(right)) = -1) "
            + "THEN CAST(\(sql(left)) \(divide) \(divisor) AS \(kind.sql)) END"
    }

    private func negated(_ inner: Term) -> String {
        guard isOracle, inner.kind == .int || inner.kind == .big else { return "(- \(sql(inner)))" }
        return whole(inner.kind, [inner]) { "- \($0[0])" }
    }

    private func between(_ value: Term, _ low: Term, _ high: Term, _ words: String) -> String {
        guard isDuckDB, words.hasSuffix("SYMMETRIC") else {
            return "(\(sql(value)) \(words) \(sql(low)) AND \(sql(high)))"
        }
        let (x, a, b) = (sql(value), sql(low), sql(high))
        let test = "((\(x) >= \(a) AND \(x) <= \(b)) OR (\(x) >= \(b) AND \(x) <= \(a)))"
        return words.hasPrefix("NOT") ? "(NOT \(test))" : test
    }

    private func years(_ later: Term, _ earlier: Term) -> String {
        guard isDuckDB else { return "date_part('year', age(\(sql(later)), \(sql(earlier))))" }
        let (a, b) = (sql(later), sql(earlier))
        func full(_ a: String, _ b: String) -> String {
            "(year(\(a)) - year(\(b)) - CASE WHEN month(\(a)) * 100 + day(\(a)) < month(\(b)) * 100 + day(\(b)) "
                + "THEN 1 ELSE 0 END)"
        }
        return "CAST(CASE WHEN \(a) >= \(b) THEN \(full(a, b)) ELSE - \(full(b, a)) END AS double)"
    }

    private func formatted(_ inner: Term, _ pattern: String) -> String {
        guard isDuckDB else { return "to_char(\(sql(inner)), '\(pattern)')" }
        let format = pattern.replacing("YYYY", with: "%Y").replacing("MM", with: "%m")
            .replacing("DD", with: "%d")
        return "strftime(\(sql(inner)), '\(format)')"
    }

    private func bucket(_ value: Term, _ low: Int, _ high: Int, _ count: Int) -> String {
        let x = sql(value)
        let call = "width_bucket(\(x), \(low), \(high), \(count))"
        switch side {
        case .federation: return call
        case .postgresql: return "CASE WHEN \(x) <> 'NaN' THEN \(call) END"
        case .duckdb:
            return "CASE WHEN isnan(\(x)) THEN NULL WHEN \(x) < \(low) THEN 0 WHEN \(x) >= \(high) THEN \(count + 1) "
                + "WHEN \(x) IS NOT NULL "
                + "THEN CAST(floor((\(x) - \(low)) * \(count) / \(high - low)) AS integer) + 1 END"
        }
    }

    private func inCodelist(_ value: Term, _ list: String, _ negated: Bool) -> String {
        guard isOracle || negated else { return "in_codelist(\(sql(value)), '\(list)')" }
        return "(\(sql(value)) \(negated ? "NOT IN" : "IN") (SELECT code FROM codelist.\(list)))"
    }

    private func personIn(_ inner: Inner, _ negated: Bool) -> String {
        let word = negated ? "NOT " : ""
        guard !isOracle else { return "(\(word)EXISTS (SELECT 1 FROM \(rows(inner))))" }
        let filter = inner.filter.isEmpty ? "" : " WHERE " + inner.filter.map(sql).joined(separator: " AND ")
        return "(\(inner.around).person \(word)IN (SELECT \(inner.alias).person "
            + "FROM \(inner.table) \(inner.alias)\(filter)))"
    }

    /// Table and conditions of a correlated sub-query.
    private func rows(_ inner: Inner) -> String {
        let rows =
            "\(table(inner.table)) \(inner.alias) WHERE "
            + ([samePerson(inner.alias, inner.around)] + inner.filter.map(sql)).joined(separator: " AND ")
        guard let order = inner.order else { return rows }
        return rows + " ORDER BY \(order.map(self.order).joined(separator: ", ")) LIMIT 1"
    }

    func samePerson(_ alias: String, _ other: String) -> String {
        (isOracle ? "\(alias).site = \(other).site AND " : "") + "\(alias).person = \(other).person"
    }

    func table(_ name: String) -> String { isOracle ? "pooled.\(name)" : name }
}
