package import Core

/// The recurring measure that a request asks for, and its period: as the requester wrote it down, and as each controller
/// approves it once.
package struct RequestMeasure: Codable, Hashable, Sendable {
    package let name: String
    /// The statement as its author wrote it, with `:as_at` where the period's last day stands.
    package let sql: String
    package let every: MeasureCadence
    /// No period that ends before this day is asked for.
    package let from: CivilDate
    /// Last day of the period that is asked for.
    package let asAt: CivilDate

    package init(name: String, sql: String, every: MeasureCadence, from: CivilDate, asAt: CivilDate) {
        self.name = name
        self.sql = sql
        self.every = every
        self.from = from
        self.asAt = asAt
    }

    /// What is approved: all of it but the period.
    package var digest: Digest {
        var writer = ByteWriter()
        for text in ["concordat/1 measure", name, sql, every.rawValue, "\(from)"] {
            writer.append(long: Array(text.utf8))
        }
        return Digest(of: writer.bytes)
    }
}
