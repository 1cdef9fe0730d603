import Foundation
import Testing

/// Federated equals pooled, under profile `none`: whole answers, through the real program on five processes.
@Suite("federated = pooled, synthesised people", .federation(.synthetic(patients: 3_000, disclosure: "none")))
struct DifferentialTests {
    @Test("every question", arguments: DifferentialRun.batches)
    func agrees(_ batch: DifferentialRun.Batch) async throws {
        try await DifferentialRun.check(batch.cases)
    }

    @Test("the command line of an answer that all sites gave")
    func commandLine() async throws {
        try await CommandLineChecks.check(try Federation.required())
        try await PersonChecks.check(try Federation.required())
    }
}

/// The same questions over records that were made by others.
@Suite(
    "federated = pooled, the 615 of Synthea",
    .enabled(if: OutsideData.isHere, "CONCORDAT_OUTSIDE_DATA names data that is not part of the project"),
    .federation(.foreign(OutsideData.path("fhir/synthea-615"))))
struct ForeignDifferentialTests {
    @Test("every question", arguments: DifferentialRun.batches)
    func agrees(_ batch: DifferentialRun.Batch) async throws {
        try await DifferentialRun.check(batch.cases.filter { $0.needs == nil })
    }
}

/// Asks both sides and compares.
enum DifferentialRun {
    /// The questions of one topic.
    struct Batch: Sendable, CustomTestStringConvertible {
        let topic: String
        let cases: [QueryCase]
        var testDescription: String { topic }
    }

    static let batches = Dictionary(grouping: QueryCase.all(in: "Oracle"), by: \.file)
        .sorted { $0.key < $1.key }.map { Batch(topic: $0.key, cases: $0.value) }

    static func check(_ cases: [QueryCase]) async throws {
        let federation = try Federation.required()
        let pooled = try await PooledDatabases.shared.database(of: federation)
        for example in cases {
            do {
                try await check(example, federation, pooled)
            } catch {
                Issue.record("\(example.testDescription): \(error)")
            }
        }
    }

    private static func check(
        _ example: QueryCase, _ federation: Federation, _ pooled: PooledDatabase
    ) async throws {
        let answer = try ReceivedAnswer(try await federation.ask(example.sql))
        let expected = try await pooled.rows(example.oracle)
        let name = Comment(rawValue: example.testDescription)
        #expect(answer.columns == example.columns, name)
        #expect(answer.withheld == 0, name)
        if let difference = RowComparison.difference(
            answer.rows, expected, isOrdered: example.isOrdered)
        {
            Issue.record("\(example.testDescription): \(difference)")
        }
    }
}

/// One pooled database a federation, loaded when the first question needs it.
actor PooledDatabases {
    static let shared = PooledDatabases()

    private var loading: [String: Task<PooledDatabase, any Error>] = [:]

    func database(of federation: Federation) async throws -> PooledDatabase {
        if let known = loading[federation.root] { return try await known.value }
        let data = federation.data
        let task = Task { try await PooledDatabase(data: data) }
        loading[federation.root] = task
        return try await task.value
    }
}

/// The oracle's own files.
@Suite("oracle files")
struct OracleTests {
    @Test("every file parses, and there are at least 45 questions")
    func parses() throws {
        let cases = try QueryCase.load("Oracle")
        #expect(cases.count >= 45)
        #expect(Set(cases.map(\.testDescription)).count == cases.count)
        for example in cases {
            #expect(!example.columns.isEmpty, "\(example.testDescription)")
            #expect(example.sql != example.oracle || example.sql.count < 80, "\(example.testDescription)")
        }
    }
}
