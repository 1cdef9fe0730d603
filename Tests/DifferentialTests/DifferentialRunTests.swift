import Core
import Foundation
import TestSupport
import Testing

/// Random questions: sites on DuckDB, sites on PostgreSQL, pooled DuckDB and pooled PostgreSQL give one answer.
///
/// `DIFFERENTIAL_ROUNDS` asks for more than CI's, `DIFFERENTIAL_SEED` begins elsewhere; a seed that fails replays alone
/// with `DIFFERENTIAL_SEED=n DIFFERENTIAL_ROUNDS=1`.
@Suite("random questions", .postgreSQLCluster)
struct DifferentialRunTests {
    private static func setting(_ name: String) -> Int? { ProcessInfo.processInfo.environment[name].flatMap { Int($0) } }

    @Test func everybodyAgrees() async throws {
        let rounds = Self.setting("DIFFERENTIAL_ROUNDS") ?? 1_000
        let first = Self.setting("DIFFERENTIAL_SEED") ?? 1
        let cluster = try #require(PostgreSQLCluster.current)
        let differential = Differential(parts: try await Parts.make(seed: 20_260_301, cluster: cluster))
        var tally = Tally()
        for seed in first..<(first + rounds) {
            var generator = Generator(catalog: differential.parts.catalog, seed: UInt64(seed))
            let question = generator.question()
            let outcome = await differential.outcome(of: question)
            tally.add(outcome, seed, question, generator.features)
            switch outcome {
            case .agreed, .refused: continue
            case .disagreed, .broken: break
            }
            guard tally.failures <= 12 else { continue }
            let small = await differential.shrunk(question)
            Issue.record("\(Self.report(seed, small, await differential.outcome(of: small)))")
        }
        print(tally.report)
        #expect(tally.failures == 0)
        if rounds >= 500 {
            #expect(tally.refused * 20 < rounds, "more than one in twenty was refused")
            #expect(tally.filled * 2 > rounds, "too few questions have an answer of any rows")
        }
    }

    private static func report(_ seed: Int, _ question: Question, _ outcome: Differential.Outcome) -> String {
        let words =
            switch outcome {
            case .disagreed(let words), .broken(let words): words
            case .agreed, .refused: "agrees when asked again"
            }
        let texts = Side.allCases.map { "-- \($0.rawValue)\n\(Writer(side: $0).sql(question))" }
        return "seed \(seed): \(words)\n\(texts.joined(separator: "\n"))"
    }
}

/// What a run came to.
struct Tally {
    private(set) var failures = 0
    private(set) var refused = 0
    private(set) var filled = 0
    private var asked = 0
    private var features: [String: Int] = [:]
    private var reasons: [String: (count: Int, example: String)] = [:]

    mutating func add(_ outcome: Differential.Outcome, _ seed: Int, _ question: Question, _ found: Set<String>) {
        asked += 1
        switch outcome {
        case .agreed(let rows):
            if rows > 0 { filled += 1 }
            for feature in found { features[feature, default: 0] += 1 }
        case .refused(let fault):
            refused += 1
            let reason = "\(fault.sqlstate.rawValue) \(fault.message)"
            let known = reasons[reason]
            reasons[reason] = ((known?.count ?? 0) + 1, known?.example ?? "seed \(seed): \(Writer(side: .federation).sql(question))")
        case .disagreed, .broken: failures += 1
        }
    }

    var report: String {
        var lines = ["\(asked) questions, \(filled) with rows, \(refused) refused, \(failures) failed"]
        lines.append(features.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map { "\($0.key) \($0.value)" }.joined(separator: ", "))
        for (reason, entry) in reasons.sorted(by: { $0.value.count > $1.value.count }) {
            lines.append("refused \(entry.count) times: \(reason)")
            if ProcessInfo.processInfo.environment["DIFFERENTIAL_VERBOSE"] != nil { lines.append("    \(entry.example)") }
        }
        return lines.joined(separator: "\n")
    }
}
