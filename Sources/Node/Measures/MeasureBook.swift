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
    /// What a measure can be called: it is a table's name in `released`.
    static var nameForm: Regex<Substring> { /[a-z][a-z0-9_]{0,62}/ }

    /// Nobody asks for periods before; it bounds how many there are.
    static let earliest = CivilDate(days: Civil.days(year: 1990, month: 1, day: 1))

    /// By the last day of their periods, oldest first.
    var results: [Result] = []

    /// What was released for a period.
    struct Result: Sendable {
        let asAt: CivilDate
        /// Milliseconds since 1970-01-01 UTC.
        let ranAt: Int64
        let answer: Answer

        /// Whether every controller has answered: then there is nothing left to ask for.
        var isWhole: Bool { answer.receipt.sites.allSatisfy { $0.outcome == .answered } }
    }

    func request(_ asAt: CivilDate) -> RequestMeasure {
        RequestMeasure(name: name, sql: question.sql, every: every, from: from, asAt: asAt)
    }

    /// Periods that have ended before a day.
    func periods(before day: CivilDate) -> [CivilDate] { every.ends(from: from, before: day) }

    func result(_ asAt: CivilDate) -> Result? { results.first { $0.asAt == asAt } }
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
                        ran_at INTEGER NOT NULL, result BLOB NOT NULL, PRIMARY KEY (name, as_at));
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

    /// - Returns: false where there is one of that name.
    func add(_ measure: Measure, at now: Int64) async throws -> Bool {
        let kept = Kept(
            question: measure.question, every: measure.every, from: measure.from, comment: measure.comment)
        let sealed = Data(vault.seal(try JSON.encode(kept), context: Self.measureSeal))
        return try await store.write { db in
            try db.execute(
                sql: "INSERT OR IGNORE INTO measure (name, made_at, sealed) VALUES (?, ?, ?)",
                arguments: [measure.name, now, sealed])
            return db.changesCount == 1
        }
    }

    /// In the place of what was released for that period before; nothing where the measure is gone meanwhile.
    func keep(_ result: Measure.Result, of name: String) async throws {
        let sealed = Data(vault.seal(try JSON.encode(result.answer), context: Self.resultSeal))
        try await store.write { db in
            try db.execute(
                sql: """
                    INSERT OR REPLACE INTO measure_result (name, as_at, ran_at, result)
                    SELECT name, ?, ?, ? FROM measure WHERE name = ?
                    """, arguments: [result.asAt.days, result.ranAt, sealed, name])
        }
    }

    /// - Returns: whether there was one.
    func remove(_ name: String) async throws -> Bool {
        try await store.write { db in
            try db.execute(sql: "DELETE FROM measure WHERE name = ?", arguments: [name])
            return db.changesCount > 0
        }
    }

    /// In order of name, with their results.
    func all() throws -> [Measure] {
        let (rows, results) = try store.read { db in
            (
                try Row.fetchAll(db, sql: "SELECT * FROM measure ORDER BY name"),
                try Row.fetchAll(db, sql: "SELECT * FROM measure_result ORDER BY name, as_at")
            )
        }
        let byName = Dictionary(grouping: results) { $0["name"] as String }
        return try rows.map { row in
            let sealed: Data = row["sealed"]
            let kept = try JSON.decode(
                Kept.self, from: try vault.open(Array(sealed), context: Self.measureSeal))
            let name: String = row["name"]
            return Measure(
                name: name, question: kept.question, every: kept.every, from: kept.from,
                comment: kept.comment, results: try (byName[name] ?? []).map(result))
        }
    }

    private func result(_ row: Row) throws -> Measure.Result {
        let sealed: Data = row["result"]
        return Measure.Result(
            asAt: CivilDate(days: row["as_at"]), ranAt: row["ran_at"],
            answer: try JSON.decode(
                Answer.self, from: try vault.open(Array(sealed), context: Self.resultSeal)))
    }
}
