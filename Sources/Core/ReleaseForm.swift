/// Where disclosure control is applied (planner.md, "Release forms").
package enum ReleaseForm: String, Codable, Sendable, CaseIterable {
    /// Each site applies it to its own states; the requester merges released values.
    case site
    /// Sites seal states to a linker, which applies it to the totals.
    case merged
}
