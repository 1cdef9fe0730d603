import Testing

@testable import Warehouse

@Suite struct DuckDBErrorTests {
    @Test func aCheckpointThatDoesNotFitIsAMatterOfMemory() {
        let words = """
            FATAL Error: Failed to create checkpoint because of error: could not allocate block of size 256.0 KiB \
            (366.2 MiB/366.2 MiB used)
            """
        #expect(EngineError.duckdb(words).code == .outOfMemory)
        #expect(EngineError.duckdb("FATAL Error: the file is damaged").code == .statement)
    }
}
