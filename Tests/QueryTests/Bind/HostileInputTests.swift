import Core
import Query
import Testing

/// Statements made to break a parser: each is answered by a fault or a plan, never by a crash.
@Suite struct HostileInputTests {
    struct Case: CustomTestStringConvertible, Sendable {
        let name: String
        let sql: String
        let state: String

        var testDescription: String { name }
    }

    static let cases = [
        Case(
            name: "20,000 terms", sql: "SELECT 1" + String(repeating: "+1", count: 20_000), state: "54001"),
        Case(
            name: "3,000 sub-selects",
            sql: "SELECT * FROM " + String(repeating: "(SELECT * FROM ", count: 3_000) + "patient"
                + String(repeating: ") t", count: 3_000), state: "54001"),
        Case(
            name: "3,000 scalar sub-selects",
            sql: String(repeating: "SELECT (", count: 3_000) + "SELECT 1"
                + String(repeating: ")", count: 3_000),
            state: "54001"),
        Case(
            name: "30,000 parentheses",
            sql: "SELECT " + String(repeating: "(", count: 30_000) + "1"
                + String(repeating: ")", count: 30_000),
            state: "54001"),
        Case(
            name: "30,000 signs", sql: "SELECT " + String(repeating: "- ", count: 30_000) + "1",
            state: "54001"),
        Case(
            name: "20,000 NOTs", sql: "SELECT " + String(repeating: "NOT ", count: 16_000) + "true",
            state: "54001"),
        Case(
            name: "10,000 unions", sql: "SELECT 1" + String(repeating: " UNION SELECT 1", count: 4_000),
            state: "54001"),
        Case(
            name: "10,000 joins", sql: "SELECT 1 FROM patient" + String(repeating: ",patient", count: 5_000),
            state: "42712"),
        Case(
            name: "nested CASE",
            sql: "SELECT " + String(repeating: "CASE WHEN true THEN ", count: 2_000) + "1"
                + String(repeating: " END", count: 2_000), state: "54001"),
        Case(
            name: "doubling BETWEEN",
            sql: "SELECT " + String(repeating: "(", count: 40) + "true"
                + String(repeating: " BETWEEN SYMMETRIC false AND true)", count: 40), state: "54001"),
        Case(name: "doubling CTEs", sql: doublingCTEs, state: "54001"),
        Case(name: "a chain of CTEs", sql: chainedCTEs, state: "54001"),
        Case(name: "too long", sql: "SELECT '" + String(repeating: "x", count: 70_000) + "'", state: "54000"),
        Case(name: "a NUL byte", sql: "SELECT 'a\u{0}b'", state: "22021"),
        Case(name: "nothing", sql: "", state: "42601"),
        Case(name: "only a comment", sql: "-- x", state: "42601"),
        Case(name: "an unclosed comment", sql: "/* x", state: "42601"),
        Case(
            name: "10,000 codes",
            sql: "SELECT count(*) FROM condition WHERE code IN ("
                + (0..<10_000).map { "'\($0)'" }.joined(separator: ",").prefix(60_000).split(separator: ",")
                .dropLast().joined(separator: ",") + ")", state: ""),
        Case(
            name: "5,000 conjuncts",
            sql: "SELECT count(*) FROM condition WHERE true" + String(repeating: " AND rank=1", count: 5_000),
            state: ""),
    ]

    private static let doublingCTEs: String = {
        let tables = (1...40).map {
            "t\($0) AS (SELECT a.x FROM t\($0 - 1) a JOIN t\($0 - 1) b ON a.x = b.x)"
        }
        return "WITH t0 AS (SELECT 1 AS x), " + tables.joined(separator: ", ") + " SELECT * FROM t40"
    }()

    private static let chainedCTEs: String = {
        let tables = (1...1_000).map { "t\($0) AS (SELECT x FROM t\($0 - 1))" }
        return "WITH t0 AS (SELECT 1 AS x), " + tables.joined(separator: ", ") + " SELECT * FROM t1000"
    }()

    @Test(arguments: cases)
    func neverCrashes(hostile: Case) {
        do throws(SQLFault) {
            _ = try PlanCases.binder.bind(hostile.sql)
            #expect(hostile.state == "")
        } catch {
            #expect(error.sqlstate.rawValue == hostile.state, "\(error.message)")
        }
    }

    @Test(arguments: [
        ("SELECT 'é€😀', nothing FROM patient", 15), ("SELECT \"naïve\" FROM patient", 8),
        ("SELECT /* ü */ sex FROM patient WHERE /* 😀 */ nothing", 47),
    ])
    func placesCountCharacters(sql: String, position: Int) {
        do throws(SQLFault) {
            _ = try PlanCases.binder.bind(sql)
            Issue.record("no fault")
        } catch {
            #expect(error.position == position)
        }
    }

    @Test func syntaxFaultsDoNotRepeatLiterals() {
        for sql in ["SELECT person '9434765919'", "SELECT 1 FROM patient 9434765919", "SELECT 'x 9434765919"]
        {
            #expect(!PlanCases.outcome(sql).contains("9434765919"))
        }
    }

    @Test func bindingIsTheSameFromManyThreads() async {
        let sql = "SELECT sex, count(*) FROM patient JOIN condition USING (person) GROUP BY sex"
        let expected = PlanCases.outcome(sql)
        await withTaskGroup(of: String.self) { group in
            for _ in 0..<64 { group.addTask { PlanCases.outcome(sql) } }
            for await outcome in group { #expect(outcome == expected) }
        }
    }
}
