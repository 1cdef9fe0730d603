internal import Core

/// Who takes part in the demonstration, and what is asked.
enum DemoPlan {
    struct Member: Sendable {
        let code: String
        let name: String
        let role: String
    }

    static let requester = Member(code: "QWE", name: "NHS South West London ICB", role: "requester")
    static let trusts = [
        Member(code: "RJ1", name: "Guy's and St Thomas' NHS Foundation Trust", role: "controller"),
        Member(code: "RYJ", name: "Imperial College Healthcare NHS Trust", role: "controller"),
        Member(code: "RAX", name: "Kingston Hospital NHS Foundation Trust", role: "controller"),
    ]
    static let linker = Member(code: "X26", name: "NHS England", role: "linker")
    static let members = [requester] + trusts + [linker]
    static let agreement = "demo-planning"
    /// Who may sign in at the requester.
    static let analyst = "analyst"

    struct Question: Sendable {
        let title: String
        let sql: String
    }

    static let questions = [
        Question(
            title: "How many people are there, by sex? (Each counted once, wherever they are registered.)",
            sql: "SELECT sex, count(DISTINCT person) AS people FROM patient GROUP BY sex ORDER BY sex"),
        Question(
            title: "How common is hypertension, by age?",
            sql: """
                SELECT b.name AS age_band, count(DISTINCT p.person) AS people,
                       count(DISTINCT c.person) AS with_hypertension,
                       round(100.0 * count(DISTINCT c.person) / count(DISTINCT p.person), 1) AS percent
                FROM patient p
                JOIN reference.age_band b ON date_part('year', age(p.birth_date)) BETWEEN b.lo AND b.hi
                LEFT JOIN condition c ON c.person = p.person AND c.code IN ('38341003', '59621000')
                GROUP BY b.name, b.lo ORDER BY b.lo
                """),
        Question(
            title: "What is the mean body mass index, by sex?",
            sql: """
                SELECT p.sex, count(*) AS measurements, round(avg(o.value_quantity)::numeric, 1) AS mean_bmi
                FROM observation o JOIN patient p USING (person)
                WHERE o.code IN ('60621009', '39156-5') AND o.value_unit = 'kg/m2'
                GROUP BY p.sex ORDER BY p.sex
                """),
    ]

    static let refused = Question(
        title: "Is there somebody born on 1 April 1950? (A question about one person.)",
        sql: "SELECT count(*) FROM patient WHERE birth_date = DATE '1950-04-01'")
}
