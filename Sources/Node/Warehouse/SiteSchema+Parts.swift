internal import Warehouse

extension SiteSchema {
    /// Whether a row is of one of several parts of about the same size, by a text of it: what has the same text is of
    /// the same part. So that memory does not grow with the rows, one part is worked on after the other.
    func isOf(_ part: Int, of parts: Int, text: String) -> String {
        guard parts > 1 else { return "true" }
        let number =
            dialect == .duckdb
            ? "CAST(hash(\(text)) % \(parts) AS BIGINT)"
            : "((hashtext(\(text)) % \(parts)) + \(parts)) % \(parts)"
        return "\(number) = \(part)"
    }
}
