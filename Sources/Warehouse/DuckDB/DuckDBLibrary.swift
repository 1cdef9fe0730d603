import CDuckDB
import Core
import Foundation
import Synchronization

/// Finds `libduckdb.so` and loads it, once in the life of the process.
package enum DuckDBLibrary {
    /// Names the library; comes before everything else.
    package static let environmentVariable = "CONCORDAT_DUCKDB_LIBRARY"

    private static let isLoaded = Mutex(false)

    /// Where the library is looked for, in order; nil stands for the loader's own search.
    ///
    /// A path that was named, by the environment or by configuration, is the only one: a library that is not
    /// there is an error, not a reason to take another.
    package static func candidates(
        environment: [String: String], configured: String?, startingAt directories: [String],
        exists: (String) -> Bool
    ) -> [String?] {
        if let named = environment[environmentVariable], !named.isEmpty { return [named] }
        if let configured { return [configured] }
        var found: [String?] = []
        for start in directories {
            var directory = URL(fileURLWithPath: start).standardizedFileURL
            while true {
                let path = directory.appendingPathComponent(".lib/libduckdb.so").path
                if exists(path), !found.contains(path) { found.append(path) }
                if directory.path == "/" { break }
                directory.deleteLastPathComponent()
            }
        }
        return found + [nil]
    }

    /// Loads the library if that has not happened yet.
    /// - Parameter configured: a path that configuration names.
    /// - Throws: `EngineError.Code.libraryMissing`, whose summary says how to get it.
    package static func load(configured: String? = nil) throws(EngineError) {
        let failure: EngineError? = isLoaded.withLock { isLoaded in
            if isLoaded { return nil }
            let files = FileManager.default
            let executable = (try? files.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? "/"
            let paths = candidates(
                environment: ProcessInfo.processInfo.environment, configured: configured,
                startingAt: [(executable as NSString).deletingLastPathComponent, files.currentDirectoryPath],
                exists: files.fileExists(atPath:))
            var failure = missing("")
            for path in paths {
                var detail: UnsafePointer<CChar>?
                let outcome = Int(cduckdb_load(path, &detail))
                if outcome == CDUCKDB_LOADED {
                    isLoaded = true
                    return nil
                }
                let text = detail.map { String(cString: $0) } ?? ""
                failure = outcome == CDUCKDB_INCOMPLETE ? tooOld(text) : missing(text)
            }
            return failure
        }
        if let failure { throw failure }
    }

    private static func missing(_ detail: String) -> EngineError {
        EngineError(
            .libraryMissing, .objectNotInPrerequisiteState,
            "libduckdb.so was not found or could not be loaded: run Infra/setup.sh run, or set "
                + "\(environmentVariable) to the path of DuckDB 1.5's libduckdb.so", operatorDetail: detail)
    }

    private static func tooOld(_ detail: String) -> EngineError {
        EngineError(
            .libraryMissing, .objectNotInPrerequisiteState,
            "libduckdb.so lacks a function Concordat needs; DuckDB 1.5 has it: run Infra/setup.sh run",
            operatorDetail: detail)
    }
}
