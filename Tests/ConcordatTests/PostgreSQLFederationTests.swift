import Foundation
import Testing

/// The main job where the trusts' data stand in PostgreSQL: the same questions, the same oracle, the same answers.
@Suite(
    "federated = pooled, warehouses in PostgreSQL",
    .federation(.synthetic(patients: 1_000, disclosure: "none", warehouse: "postgresql")))
struct PostgreSQLFederationTests {
    @Test("every question", arguments: DifferentialRun.batches)
    func agrees(_ batch: DifferentialRun.Batch) async throws {
        try await DifferentialRun.check(batch.cases)
    }

    @Test("the trusts' nodes hold nothing in DuckDB")
    func standsInPostgreSQL() async throws {
        let federation = try Federation.required()
        for trust in Federation.trusts {
            let configuration = try ProjectFiles.text(federation.home(trust) + "/concordat.yaml")
            #expect(configuration.contains("postgresql://concordat@"))
            #expect(!FileManager.default.fileExists(atPath: federation.home(trust) + "/warehouse.duckdb"))
        }
    }
}
