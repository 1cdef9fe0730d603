import Core

extension EngineError {
    /// DuckDB's errors begin with their class, e.g. `Binder Error: …`; the class is all that is passed on.
    static func duckdb(_ message: UnsafePointer<CChar>?) -> EngineError {
        duckdb(message.map { String(cString: $0) } ?? "")
    }

    static func duckdb(_ message: String) -> EngineError {
        let kind = message.prefix { $0 != ":" }
        switch kind {
        case "INTERRUPT Error": return .cancelled
        case "Out of Memory Error": return .outOfMemory(message)
        // A checkpoint that does not fit ends the database for this process; what was committed stands.
        case "FATAL Error" where message.contains("could not allocate"): return .outOfMemory(message)
        case "Connection Error": return .connection(message)
        default:
            return .statement(sqlstates[String(kind)] ?? .internalError, detail: message)
        }
    }

    /// The nearest SQLSTATE to each of DuckDB's error classes (DuckDB 1.5, `ExceptionType`).
    private static let sqlstates: [String: SQLState] = [
        "Parser Error": .syntaxError,
        "Syntax Error": .syntaxError,
        "Binder Error": SQLState(rawValue: "42000"),
        "Catalog Error": SQLState(rawValue: "42704"),
        "Mismatch Type Error": .datatypeMismatch,
        "Conversion Error": .invalidTextRepresentation,
        "Out of Range Error": .numericValueOutOfRange,
        "Divide by Zero Error": .divisionByZero,
        "Constraint Error": SQLState(rawValue: "23000"),
        "Invalid Input Error": SQLState(rawValue: "22023"),
        "Invalid Configuration Error": SQLState(rawValue: "55P02"),
        "Parameter Not Resolved Error": .syntaxError,
        "Permission Error": .insufficientPrivilege,
        "Not implemented Error": .featureNotSupported,
        "TransactionContext Error": SQLState(rawValue: "25000"),
        "Dependency Error": SQLState(rawValue: "2BP01"),
        "IO Error": SQLState(rawValue: "58030"),
    ]
}
