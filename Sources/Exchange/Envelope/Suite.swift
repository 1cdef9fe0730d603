/// The algorithms of a message, named together so that they can be replaced together.
///
/// There is no negotiation: a suite that is not listed is refused.
package enum Suite: String, Codable, Sendable, CaseIterable {
    /// Ed25519 and ML-DSA-65 signatures, both required; HPKE base mode with X-Wing, HKDF-SHA256, AES-256-GCM.
    case hybrid1 = "concordat-1-xwing-aes256gcm-ed25519-mldsa65"
}

/// What a document is: bound to its signature (payload type) and its seal (`info`).
package enum DocumentType: String, Codable, Sendable, CaseIterable {
    case queryRequest = "query-request"
    case queryResult = "query-result"
    case queryCancellation = "query-cancellation"
    case linkNonceRequest = "link-nonce-request"
    case linkNonce = "link-nonce"
    case linkState = "link-state"
    case linkRequest = "link-request"
    case linkResult = "link-result"
    case linkageShare = "linkage-share"
    case agreementNotice = "agreement-notice"
    case agreementNoticeReceipt = "agreement-notice-receipt"
    case directory
    case agreement
    case membershipCard = "membership-card"
    case policyBundle = "policy-bundle"

    /// The DSSE payload type.
    package var payloadType: String { "application/vnd.concordat.\(rawValue)+json" }
}

/// A document that travels signed and sealed from one organisation to another.
package protocol WireDocument: Codable, Hashable, Sendable {
    static var type: DocumentType { get }
}

/// How far the clocks of two nodes may differ, and how long a message may live.
package enum Clocks {
    package static let skewSeconds: Int64 = 120
    package static let longestLifetimeSeconds: Int64 = 24 * 3600
}
