/// Why an ODBC source could not be read. Its description bears no value of a row and no secret of the way in.
package struct ODBCError: Error, Hashable, Sendable, CustomStringConvertible {
    /// Five characters, of ODBC's reference or of the server.
    package let sqlstate: String
    package let description: String

    init(_ sqlstate: String, _ words: String) {
        self.sqlstate = sqlstate
        description = words
    }

    static let cancelled = ODBCError("HY008", "reading by ODBC was cancelled")
    static let closed = ODBCError("HY010", "the ODBC source has been closed")

    /// What a driver says, as far as it may be shown.
    ///
    /// - Parameters:
    ///   - isConnecting: nothing of a row has been read: every message is about the way in.
    ///   - secrets: are blotted out of it.
    init(state: String, native: Int32, message: String, isConnecting: Bool, secrets: [String]) {
        sqlstate = state
        let lead = "the ODBC source says (SQLSTATE \(state)\(native == 0 ? "" : ", \(native)"))"
        guard isConnecting || Self.isAboutTheStatement(state) else {
            // Conversions and constraints are told with the values that broke them.
            description =
                "\(lead): a row cannot be given; the driver's message may bear its values and is not shown"
            return
        }
        var words = message.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        // Later the server knows nothing of them, and a short one may be part of any word.
        for secret in secrets where isConnecting && !secret.isEmpty {
            words = words.replacing(secret, with: "***")
        }
        description = "\(lead): \(words)\(Self.remedy(state, message))"
    }

    /// Connection, authorisation, syntax and names, the driver manager, time limits.
    private static func isAboutTheStatement(_ state: String) -> Bool {
        ["08", "28", "42", "IM"].contains(String(state.prefix(2))) || state.hasPrefix("HYT")
    }

    private static func remedy(_ state: String, _ message: String) -> String {
        switch state {
        case "IM002":
            "; define it in odbc.ini (~/.odbc.ini, /etc/odbc.ini, or the file that ODBCINI names) of the node's user, "
                + "or give a whole connection string: --odbc @FILE"
        case "01000" where message.contains("Can't open lib"), "IM003":
            "; install the driver's package, and name it as odbcinst.ini does ('odbcinst -q -d' lists them)"
        case "42S02", "42P01": "; name the table with --table, its schema before it"
        case "28000": "; user and password stand in odbc.ini, or in the file of --odbc @FILE"
        default: ""
        }
    }
}
