import Foundation
import Testing

/// Profile `concordat` through the whole way: what leaves is checked, cell by cell and site by site, against
/// the people that it really stands for.
///
/// Every question has `site` as its first key, so that a released cell is one site's own.
@Suite(
    "profile concordat releases nothing about few people", .serialized,
    .federation(.synthetic(patients: 6_000, disclosure: "concordat")))
struct DisclosureEndToEndTests {
    static let cases = QueryCase.all(in: "Oracle/Controlled")

    @Test("ten people behind every number, and ten in a condition's complement")
    func thresholds() async throws {
        #expect(Self.cases.count >= 8)
        let federation = try Federation.required()
        let pooled = try await PooledDatabases.shared.database(of: federation)
        var tally = ReleasedCells.Tally()
        for example in Self.cases {
            let answer = try ReceivedAnswer(try await federation.ask(example.sql))
            let truth = try await pooled.rows(example.oracle)
            tally.add(try ReleasedCells(example, answer, truth).check())
        }
        // Neither half of the claim is empty: much is released, and there was much to withhold.
        #expect(tally.released > 500)
        #expect(tally.withheld > 300)
    }

    @Test("zero and withheld look alike: an answer about nobody is one NULL, marked withheld")
    func nobody() async throws {
        let federation = try Federation.required()
        for code in ["no-such-code", "86406008"] {
            let answer = try ReceivedAnswer(
                try await federation.ask(
                    "SELECT count(*) AS n FROM condition WHERE code = '\(code)' AND site = 'RJ1' "
                        + "AND onset_date = DATE '2019-03-05'"))
            #expect(answer.rows == [[.null]])
            #expect(answer.withheld == 1)
        }
    }

    @Test("the same question gives the same numbers: noise cannot be averaged away")
    func repeats() async throws {
        let federation = try Federation.required()
        let sql = "SELECT sex, count(*) AS n FROM patient GROUP BY sex ORDER BY sex"
        let answers = [
            try ReceivedAnswer(try await federation.ask(sql)),
            try ReceivedAnswer(
                try await federation.ask(
                    "SELECT p.sex, count(*) AS m FROM patient p WHERE 1 = 1 GROUP BY p.sex ORDER BY 1")),
        ]
        #expect(answers[0].rows == answers[1].rows)
        #expect(answers[0].rows.allSatisfy { ($0[1].number ?? 1).remainder(dividingBy: 5) == 0 })
    }

    @Test(
        "a median lies within the bins that its receipt names; one of few people is withheld, never a number")
    func medians() async throws {
        let federation = try Federation.required()
        let pooled = try await PooledDatabases.shared.database(of: federation)
        let answer = try ReceivedAnswer(
            try await federation.ask(
                "SELECT sex, median(date_part('year', age(DATE '2025-12-31', birth_date))) AS m, count(*) AS n "
                    + "FROM patient GROUP BY sex"))
        let truth = try await pooled.rows(
            "SELECT sex, quantile_cont(whole_years(DATE '2025-12-31', birth_date), 0.5) "
                + "FROM patient SEMI JOIN allowed USING (site, person) GROUP BY sex")
        let bounds = answer.document["receipt"]["bounds"].elements.filter { $0["column"].text == "m" }
        let values = bounds.first?["values"].elements ?? []
        #expect(bounds.count == 1 && values.count >= 2)
        for value in values {
            let sex = value["keys"].elements.first?.text
            let row = try #require(answer.rows.first { $0[0] == .text(sex ?? "") })
            let exact = try #require(truth.first { $0[0] == row[0] }?[1].number)
            let (lower, upper) = (value["lower"].number ?? .nan, value["upper"].number ?? .nan)
            // Noise of the counts may move the place by a bin.
            #expect(lower - 2 <= exact && exact <= upper + 2, "\(row): \(lower) to \(upper), \(exact)")
            #expect((lower...upper).contains(row[1].number ?? .nan))
            #expect(abs((row[1].number ?? .nan) - exact) <= 2, "\(row): \(exact)")
        }
        let few = try ReceivedAnswer(
            try await federation.ask(
                "SELECT median(date_part('year', age(DATE '2025-12-31', birth_date))) AS m FROM patient "
                    + "WHERE ethnic_category = 'no such category'"))
        #expect(few.rows == [[.null]] && few.withheld == 1)
    }

    /// Last, for it ends what the others use.
    @Test("command line: a site lost, an agreement revoked, a log changed")
    func endings() async throws {
        try await EndingChecks.check(try Federation.required())
    }
}

/// The released cells of one answer beside the truth.
///
/// A measure's truth is three cells of the oracle's row: people, the others of its cell (NULL where it is not
/// conditional) and the value; a mean has its number of rows as a fourth.
struct ReleasedCells {
    struct Tally {
        var released = 0
        var withheld = 0

        mutating func add(_ other: Tally) {
            released += other.released
            withheld += other.withheld
        }
    }

    private static let keys = 3
    private let example: QueryCase
    private let answer: ReceivedAnswer
    private let truth: [[Cell]: [Cell]]
    private let measures: [String]

    init(_ example: QueryCase, _ answer: ReceivedAnswer, _ truth: [[Cell]]) {
        self.example = example
        self.answer = answer
        self.truth = Dictionary(
            truth.map { (Array($0.prefix(Self.keys)), Array($0.dropFirst(Self.keys))) },
            uniquingKeysWith: { first, _ in first })
        measures = example.columns.components(separatedBy: ", ")
    }

    func check() throws -> Tally {
        let errors = statedErrors()
        var released = 0
        for row in answer.rows {
            guard let facts = truth[Array(row.prefix(Self.keys))] else {
                Issue.record("\(example.title): a cell that nobody is in: \(row)")
                continue
            }
            var place = 0
            for (index, measure) in measures.enumerated() {
                let width = measure == "mean" ? 4 : 3
                let fact = Array(facts[place..<place + width])
                place += width
                guard let value = row[Self.keys + index].number else { continue }
                released += 1
                check(value, fact, row, stated: errors[row[0]]?[index + 1])
            }
        }
        return Tally(released: released, withheld: truth.count * measures.count - released)
    }

    private func check(_ value: Double, _ fact: [Cell], _ row: [Cell], stated: Double?) {
        let name = Comment(rawValue: "\(example.title): \(row)")
        #expect((fact[0].number ?? 0) >= 10, name)
        if let others = fact[1].number { #expect(others >= 10, name) }
        guard let stated, let actual = fact[2].number else {
            Issue.record("\(example.title): no stated error, or no true value, of \(row)")
            return
        }
        // A mean's error is its sum's, spread over the rows; two hundredths are for the count's rounding.
        let rows = fact.count == 4 ? fact[3].number ?? 1 : 1
        #expect(abs(value - actual) * rows <= stated * 1.02 + 1e-9, name)
    }

    /// site -> aggregate (from 1) -> the error that its receipt states.
    private func statedErrors() -> [Cell: [Int: Double]] {
        var errors: [Cell: [Int: Double]] = [:]
        for site in answer.document["receipt"]["sites"].elements {
            for line in site["disclosure"]["stated_errors"].elements {
                let words = (line.text ?? "").split { " ,:".contains($0) }.map(String.init)
                guard words.count > 5, let aggregate = Int(words[3]), let error = Double(words[5]) else {
                    continue
                }
                errors[.text(site["site"].text ?? ""), default: [:]][aggregate] = error
            }
        }
        return errors
    }
}
