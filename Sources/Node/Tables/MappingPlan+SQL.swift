internal import Core

extension MappingPlan {
    /// Where the columns of `select` stand; after them come the plan's `values`.
    enum Place {
        static let reasons = 0
        static let raw = 1
        static let isKept = 2
        static let key = 3
        static let version = 4
        static let fingerprint = 5
        static let number = 6
        static let localID = 7
        static let partition = 8
        static let codings = 9
        static let recordPrint = 10
        /// A number that the row bears and that is not verified.
        static let claim = 11
        static let values = 12
    }

    /// What a run asks beyond the mapping.
    struct Demand: Sendable {
        /// On a node stamped synthetic only numbers of the 999 range are accepted.
        var isSynthetic: Bool
        /// Rows of any other partition are set aside: `month=2026-04`.
        var partition: String?
        /// Whether rows must have a key.
        var needsKey: Bool
        /// Whether every row's `recordPrint` is wanted, not only of those set aside.
        var printsAll: Bool
    }

    /// The statement that maps the rows of a relation with columns `r0`, `r1`, … of text.
    func select(from relation: String, _ demand: Demand) -> String {
        let nulls = mapping.source.nulls.sorted().map(SQLQuoting.literal).joined(separator: ", ")
        // Never IN: of a list of six DuckDB makes a join.
        let trimmed = used.sorted().map { "trim(r\($0)) AS t\($0)" }
        let bare = used.sorted().map {
            "CASE WHEN t\($0) <> '' AND NOT list_contains([\(nulls)], t\($0)) THEN t\($0) END AS c\($0)"
        }
        let pass = columns.indices.map { "r\($0)" }
        let named = values.enumerated().map { "\($1.sql) AS v\($0)" }
        let parts = [
            numbers, "\(localID ?? "CAST(NULL AS VARCHAR)") AS local_id",
            "\(version ?? "CAST(NULL AS TIMESTAMP)") AS version", "\(keyText) AS row_key",
            "\(partitionText) AS partition", "\(codings) AS codings", "\(filter ?? "true") AS is_kept",
            // The conditions' faults need what the mapping's expressions are made of: they are judged here.
            "\(reasons) AS found",
        ]
        let source = "SELECT \((pass + trimmed).joined(separator: ", ")) FROM \(relation)"
        let first = "SELECT \((pass + bare).joined(separator: ", ")) FROM (\(source)) s"
        let whole = levels.reduce(first) { "SELECT *, \($1.joined(separator: ", ")) FROM (\($0)) l" }
        let second = "SELECT \((pass + parts + named).joined(separator: ", ")) FROM (\(whole)) a"
        let third =
            "SELECT *, \(allReasons(demand)) AS reasons, \(rowPrint) AS fingerprint FROM (\(second)) b"
        return """
            SELECT reasons, CASE WHEN reasons IS NOT NULL THEN \(raw) END AS raw, coalesce(is_kept, false) AS is_kept,
              row_key, version, fingerprint, number, local_id, partition, codings,
              CASE WHEN \(demand.printsAll ? "true" : "reasons IS NOT NULL") THEN \(Self.print(of: raw)) END,
              \(claim(.duckdb))
              \(values.indices.map { ", v\($0)" }.joined())
            FROM (\(third)) c
            """
    }

    /// The row as it came, as a JSON object.
    private var raw: String {
        let members = columns.enumerated().map { "\(SQLQuoting.literal($1)), r\($0)" }
        return "CAST(json_object(\(members.joined(separator: ", "))) AS VARCHAR)"
    }

    var keyText: String {
        guard !key.isEmpty else { return "CAST(NULL AS VARCHAR)" }
        return key.count == 1 ? key[0] : key.map { "(\($0))" }.joined(separator: " || '|' || ")
    }

    var partitionText: String {
        guard !partition.isEmpty else { return "''" }
        return zip(mapping.partition, partition).map {
            "\(SQLQuoting.literal($0.name + "=")) || coalesce(\($1), '')"
        }.joined(separator: " || '/' || ")
    }

    var reasons: String {
        guard !faults.isEmpty else { return "CAST(NULL AS VARCHAR)" }
        let each = faults.sorted { $0.reason < $1.reason }.map { reason, conditions in
            let any = conditions.map { "(\($0))" }.joined(separator: " OR ")
            return "CASE WHEN \(any) THEN \(SQLQuoting.literal(reason)) END"
        }
        return "nullif(concat_ws(' ', \(each.joined(separator: ", "))), '')"
    }

    /// The mapping's own reasons and those of every mapping; NULL for a row that is passed over.
    func allReasons(_ demand: Demand, dialect: MappingDialect = .duckdb) -> String {
        let isNumber = dialect.isNumber("number")
        // A spreadsheet shows a long number so, and saves what it shows.
        let isMangled = dialect.matches("coalesce(number, claimed)", "[0-9]([.][0-9]+)?[eE][+]?[0-9]+")
        var each = [
            "CASE WHEN \(isMangled) THEN 'nhs-number-lost-digits' "
                + "WHEN number IS NOT NULL AND NOT (\(isNumber)) THEN 'invalid-nhs-number' END",
            "CASE WHEN number IS NULL AND local_id IS NULL THEN 'no-person' END",
        ]
        if demand.needsKey { each.insert("CASE WHEN row_key IS NULL THEN 'no-id' END", at: 1) }
        if demand.isSynthetic {
            each.append(
                "CASE WHEN ((\(isNumber)) AND number NOT LIKE '999%') OR ((\(dialect.isNumber("claimed"))) "
                    + "AND claimed NOT LIKE '999%') THEN 'not-a-synthetic-nhs-number' END")
        }
        if let partition = demand.partition {
            each.append(
                "CASE WHEN partition <> \(SQLQuoting.literal(partition)) THEN 'outside-partition' END")
        }
        return "CASE WHEN is_kept THEN nullif(concat_ws(' ', found, \(each.joined(separator: ", "))), '') END"
    }

    /// A number without blanks and hyphens, and without the `.0` of one that was held as floating point.
    static func digits(_ number: String) -> String {
        "regexp_replace(\(number), '[ -]|[.]0+$', '', 'g')"
    }

    /// Column `number`, which says who the row is of, and column `claimed`: a number that is not verified. Both are as
    /// they are written, without blanks.
    var numbers: String {
        let digits = number.map(Self.digits) ?? "CAST(NULL AS VARCHAR)"
        guard let isVerified else { return "\(digits) AS number, CAST(NULL AS VARCHAR) AS claimed" }
        return "CASE WHEN \(isVerified) THEN \(digits) END AS number, "
            + "CASE WHEN \(isVerified) THEN NULL ELSE \(digits) END AS claimed"
    }

    /// The number that a row claims: what is none is on no list, and claims nothing.
    func claim(_ dialect: MappingDialect) -> String {
        "CASE WHEN \(dialect.isNumber("claimed")) THEN claimed END AS claim"
    }

    /// Of everything that a row becomes: rows with the same are the same.
    private var rowPrint: String {
        let claims = isVerified == nil ? [] : ["claimed"]
        let all =
            ["number", "local_id", "partition", "codings"] + claims + values.indices.map { "v\($0)" }
        let texts = all.map { "coalesce(CAST(\($0) AS VARCHAR), chr(30))" }.joined(separator: ", chr(31), ")
        return Self.print(of: "concat(\(texts))")
    }

    private static func print(of text: String) -> String {
        "CAST(md5_number(\(text)) % 9223372036854775807 AS BIGINT)"
    }
}
