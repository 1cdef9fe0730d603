internal import Core
internal import Exchange
internal import Foundation
internal import GRDB
internal import Store

/// A measure of this node's own.
struct Measure: Sendable {
    let name: String
    /// With `:as_at`; under which agreement and for what it is asked.
    let question: Question
    let every: MeasureCadence
    let from: CivilDate
    let comment: String?
    /// Milliseconds since 1970-01-01 UTC: one of the same name that was made later is another measure.
    let madeAt: Int64
    /// What is held of each period, by its last day.
    var held: [CivilDate: Held] = [:]

    /// Of a period, without its numbers.
    struct Held: Sendable {
        /// Milliseconds since 1970-01-01 UTC.
        let ranAt: Int64
        let answered: Int
        let asked: Int

        /// Whether every controller has answered: then there is nothing left to ask for.
        var isWhole: Bool { answered == asked }
    }

    /// What was released for a period.
    struct Result: Sendable {
        let asAt: CivilDate
        /// Milliseconds since 1970-01-01 UTC.
        let ranAt: Int64
        let answer: Answer

        var answered: Set<String> {
            Set(answer.receipt.sites.filter { $0.outcome == .answered }.map(\.site))
        }
        var asked: Int { answer.receipt.sites.count }
    }

    /// What a measure can be called: it is a table's name in `released`.
    static var nameForm: Regex<Substring> { /[a-z][a-z0-9_]{0,62}/ }

    /// Nobody asks for periods before.
    static let earliest = CivilDate(days: Civil.days(year: 1990, month: 1, day: 1))

    /// Periods that have ended when it is put before a controller: so many may be asked for at once.
    static let mostEnded = 400

    func request(_ asAt: CivilDate) -> RequestMeasure {
        RequestMeasure(name: name, sql: question.sql, every: every, from: from, asAt: asAt)
    }

    /// Periods that have ended before a day.
    func periods(before day: CivilDate) -> [CivilDate] { every.ends(from: from, before: day) }
}

/// The node's own measures with what was released to them, sealed in the control store.
struct MeasureBook: Sendable {
    static let migrations = [
        ControlMigration(identifier: "node-measures-1") { db in
            try db.execute(
                sql: """
                    CREATE TABLE measure (name TEXT PRIMARY KEY, made_at INTEGER NOT NULL, sealed BLOB NOT NULL);
                    CREATE TABLE measure_result (
                        name TEXT NOT NULL REFERENCES measure (name) ON DELETE CASCADE, as_at INTEGER NOT NULL,
                        ran_at INTEGER NOT NULL, answered INTEGER NOT NULL, asked INTEGER NOT NULL,
                        result BLOB NOT NULL, PRIMARY KEY (name, as_at));
                    """)
        }
    ]

    private struct Kept: Codable {
        let question: Question
        let every: MeasureCadence
        let from: CivilDate
        let comment: String?
    }

    private static let measureSeal = "measure"
    private static let resultSeal = "measure result"

    let store: ControlStore
    let vault: KeyVault

    /// - Returns: false where there is a measure or a saved query of that name: they are tables of one schema.
    func add(_ measure: Measure) async throws -> Bool {
        let kept = Kept(
            question: measure.question, every: measure.every, from: measure.from, comment: measure.comment)
        let sealed = Data(vault.seal(try JSON.encode(kept), context: Self.measureSeal))
        return try await store.write { db in
            try db.execute(
                sql: """
                    INSERT OR IGNORE INTO measure (name, made_at, sealed)
                    SELECT ?, ?, ? WHERE NOT EXISTS (SELECT 1 FROM saved_query WHERE name = ?)
                    """, arguments: [measure.name, measure.madeAt, sealed, measure.name])
            return db.changesCount == 1
        }
    }

    /// In the place of what was released for that period before.
    ///
    /// What is held is not lost to less: where a controller that answered then did not answer now, or the measure is
    /// another by now, nothing changes.
    /// - Returns: whether it was kept.
    @discardableResult
    func keep(_ result: Measure.Result, of measure: Measure) async throws -> Bool {
        let sealed = Data(vault.seal(try JSON.encode(result.answer), context: Self.resultSeal))
        let before = try self.result(of: measure.name, result.asAt)
        guard before.map({ $0.answered.isSubset(of: result.answered) }) ?? true else { return false }
        return try await store.write { db in
            try db.execute(
                sql: """
                    INSERT OR REPLACE INTO measure_result (name, as_at, ran_at, answered, asked, result)
                    SELECT name, ?, ?, ?, ?, ? FROM measure WHERE name = ? AND made_at = ?
                    """,
                arguments: [
                    result.asAt.days, result.ranAt, result.answered.count, result.asked, sealed,
                    measure.name, measure.madeAt,
                ])
            return db.changesCount == 1
        }
    }

    /// - Returns: whether there was one.
    func remove(_ name: String) async throws -> Bool {
        try await store.write { db in
            try db.execute(sql: "DELETE FROM measure WHERE name = ?", arguments: [name])
            return db.changesCount > 0
        }
    }

    func find(_ name: String) throws -> Measure? { try measures("WHERE name = ?", [name]).first }

    /// In order of name.
    func all() throws -> [Measure] { try measures("", []) }

    private func measures(_ condition: String, _ arguments: StatementArguments) throws -> [Measure] {
        let (rows, held) = try store.read { db in
            (
                try Row.fetchAll(
                    db, sql: "SELECT * FROM measure \(condition) ORDER BY name", arguments: arguments),
                try Row.fetchAll(
                    db, sql: "SELECT name, as_at, ran_at, answered, asked FROM measure_result \(condition)",
                    arguments: arguments)
            )
        }
        let byName = Dictionary(grouping: held) { $0["name"] as String }
        return try rows.map { row in
            let sealed: Data = row["sealed"]
            let kept = try JSON.decode(
                Kept.self, from: try vault.open(Array(sealed), context: Self.measureSeal))
            let name: String = row["name"]
            return Measure(
                name: name, question: kept.question, every: kept.every, from: kept.from,
                comment: kept.comment, madeAt: row["made_at"],
                held: (byName[name] ?? []).reduce(into: [:]) { held, row in
                    held[CivilDate(days: row["as_at"])] = Measure.Held(
                        ranAt: row["ran_at"], answered: row["answered"], asked: row["asked"])
                })
        }
    }

    func result(of name: String, _ asAt: CivilDate) throws -> Measure.Result? {
        try results("WHERE name = ? AND as_at = ?", [name, asAt.days]).first
    }

    /// Of all periods, oldest first.
    func results(of name: String) throws -> [Measure.Result] { try results("WHERE name = ?", [name]) }

    private func results(_ condition: String, _ arguments: StatementArguments) throws -> [Measure.Result] {
        try store.read { db in
            try Row.fetchAll(
                db, sql: "SELECT * FROM measure_result \(condition) ORDER BY as_at", arguments: arguments)
        }.map { row in
            let sealed: Data = row["result"]
            return Measure.Result(
                asAt: CivilDate(days: row["as_at"]), ranAt: row["ran_at"],
                answer: try JSON.decode(
                    Answer.self, from: try vault.open(Array(sealed), context: Self.resultSeal)))
        }
    }
}
