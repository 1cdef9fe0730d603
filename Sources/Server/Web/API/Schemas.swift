internal import Core

/// Shapes that have names.
enum Schemas {
    static let named: [String: Schema] = [
        "Problem": problem, "Question": question, "KeptQuestion": keptQuestion, "Query": QueryPage.schema,
        "Result": ResultPage.schema, "Catalog": catalog, "SavedQuery": savedQuery,
        "Measure": measure,
        "Session": .object([("user", .text), ("roles", roles), ("change_token", .text)]),
        "Me": .object([
            ("user", .text), ("roles", roles), ("scopes", .nullable(.array(.text))), ("organisation", .text),
        ]),
        "Token": .object(["id", "name", "user", "scopes", "until", "token"].map { ($0, .text) }),
        "Done": .object([("done", .text)]),
        "Verification": .object([("sound", .boolean), ("words", .text)]),
        "LogHead": .object([
            ("origin", .text), ("size", .integer), ("root_hash", .text), ("checkpoint", .text),
        ]),
        "LogEntry": .object(
            [
                ("index", .integer), ("leaf_hash", .text), ("kind", .text), ("at", .text),
                ("details", details),
            ], optional: ["kind", "at", "details"]),
        "ProvenLogEntry": .object([
            ("index", .integer), ("leaf_hash", .text), ("kind", .text), ("at", .text), ("details", details),
            ("is_proven", .boolean), ("tree_size", .integer), ("proof", .array(.text)),
        ]),
        "Answer": .object([
            ("columns", .array(.object([("name", .text), ("type", .text)]))),
            ("rows", .array(.array(.anything))), ("withheld", .array(.array(.integer))),
            ("receipt", .anything),
        ]),
    ]

    private static let roles = Schema.array(.oneOf(APIRoute.Role.allCases.map(\.rawValue)))
    private static let details = Schema.array(.object([("name", .text), ("value", .text)]))

    private static let asked: [(name: String, schema: Schema)] = [
        ("sql", .text(min: 1, max: 65_536)), ("agreement", .text(min: 1, max: 64)),
        ("purpose", .text(min: 1, max: 64)),
        ("require", .text(pattern: "^(all|any|quorum=[1-9][0-9]{0,2})$")),
        ("deadline_seconds", .integer(1...3_600)),
    ]
    private static let left: Set = ["purpose", "require", "deadline_seconds", "max_age_days", "comment"]

    private static let question = Schema.object(
        asked + [("max_age_days", .integer(0...36_525))], optional: left)
    private static let keptQuestion = Schema.object(
        asked + [("max_age_days", .integer(0...36_525)), ("comment", .text(max: 1_000))], optional: left)

    private static let measure = Schema.object(
        asked + [
            ("every", .oneOf(MeasureCadence.allCases.map(\.rawValue))),
            ("from", .text(pattern: "^[0-9]{4}-[0-9]{2}-[0-9]{2}$")), ("comment", .text(max: 1_000)),
        ], optional: left.union(["from"]))

    private static let savedQuery = Schema.object(
        [
            ("name", .text), ("sql", .text), ("agreement", .text), ("purpose", .text), ("require", .text),
            ("comment", .text), ("table", .text), ("ran_at", .text), ("rows", .integer),
        ], optional: ["purpose", "comment", "ran_at", "rows"])

    private static let catalog = Schema.object([
        (
            "tables",
            .array(
                .object(
                    [
                        ("schema", .text), ("name", .text), ("meaning", .text), ("rows", .integer),
                        ("columns", .array(.object([("name", .text), ("type", .text), ("meaning", .text)]))),
                    ], optional: ["rows"]))
        )
    ])

    /// RFC 9457, with what SQL and the sites say where that is the reason.
    private static let problem = Schema.object(
        [
            ("type", .text), ("title", .text), ("status", .integer(400...599)), ("detail", .text),
            ("pointer", .text), ("sqlstate", .text), ("position", .integer), ("hint", .text),
            ("sites", .array(.anything)),
        ], optional: ["detail", "pointer", "sqlstate", "position", "hint", "sites"])
}
