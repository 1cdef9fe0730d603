import Foundation
import Testing
import Warehouse

@Suite
struct DuckDBLibraryTests {
    @Test func theLibraryIsSoughtInOrder() {
        func candidates(_ environment: [String: String], _ configured: String?) -> [String?] {
            DuckDBLibrary.candidates(
                environment: environment, configured: configured, startingAt: ["/opt/app/bin", "/srv/work"],
                exists: { ["/opt/app/.lib/libduckdb.so", "/srv/work/.lib/libduckdb.so"].contains($0) })
        }
        #expect(candidates(["CONCORDAT_DUCKDB_LIBRARY": "/a.so"], "/b.so") == ["/a.so"])
        #expect(candidates([:], "/b.so") == ["/b.so"])
        #expect(candidates([:], nil) == ["/opt/app/.lib/libduckdb.so", "/srv/work/.lib/libduckdb.so", nil])
    }

    /// In processes of their own, for a library once loaded stays.
    @Test func aMissingLibraryNamesTheRemedy() async {
        await #expect(processExitsWith: .success) {
            expectMissing("/nonexistent/libduckdb.so", "was not found")
        }
    }

    @Test func anotherLibraryIsNotTaken() async {
        await #expect(processExitsWith: .success) { expectMissing("libpq.so.5", "lacks a function") }
    }
}

/// Ends the process with success if loading `path` fails with a message that says `reason` and the remedy.
private func expectMissing(_ path: String, _ reason: String) {
    unsetenv(DuckDBLibrary.environmentVariable)
    do {
        try DuckDBLibrary.load(configured: path)
        exit(1)
    } catch {
        let isHelpful = "\(error)".contains(reason) && "\(error)".contains("Infra/setup.sh run")
        exit(error.code == .libraryMissing && isHelpful ? EXIT_SUCCESS : 2)
    }
}
