/// What becomes of a measurement that has bounds, and whose unit is none that the catalog knows for its code in any
/// spelling.
package enum UnknownUnits: String, Hashable, Codable, Sendable, CaseIterable {
    /// Its record is set aside: nothing tells whether the value is possible.
    case quarantine
    /// Its record is taken in and marked as degraded: questions that name a unit leave the value out.
    case mark
}
