import CODBC
import Foundation
import Synchronization

/// Finds unixODBC's driver manager and loads it, once in the life of the process.
enum ODBCLibrary {
    /// Names the library; comes before the loader's own search.
    static let environmentVariable = "CONCORDAT_ODBC_LIBRARY"

    private static let isLoaded = Mutex(false)

    /// - Throws: `ODBCError` that names the package.
    static func load() throws(ODBCError) {
        let isHere = isLoaded.withLock { isLoaded in
            if !isLoaded { isLoaded = open(ProcessInfo.processInfo.environment[environmentVariable]) }
            return isLoaded
        }
        if !isHere { throw missing }
    }

    static let missing = ODBCError(
        "IM003",
        "unixODBC is not here: install Debian's package unixodbc and your server's driver (SQL Server: "
            + "msodbcsql18 or tdsodbc), or set \(environmentVariable) to the path of libodbc.so.2")

    private static func open(_ path: String?) -> Bool {
        var detail: UnsafePointer<CChar>?
        return Int(codbc_load(path, &detail)) == CODBC_LOADED
    }
}
