/// What a node is in a federation; a node may be several.
package enum NodeRole: String, CaseIterable, Codable, Sendable {
    /// Holds data and decides who may ask what.
    case controller
    /// Asks, on behalf of analysts.
    case requester
    /// Receives approved extracts.
    case environment
    /// Merges what the requester may not see.
    case linker
    /// Cosigns the logs of others.
    case witness
    /// Carries sealed messages for nodes behind a firewall.
    case relay
}
