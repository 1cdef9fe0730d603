/// What a party has done with an agreement by itself, told to those whom it concerns.
///
/// It is in force at the sender before it is sent; the receiver need agree to nothing.
package struct AgreementNotice: WireDocument {
    package static var type: DocumentType { .agreementNotice }

    package enum Act: String, Codable, Sendable, CaseIterable {
        case revoked
        case suspended
        case resumed
    }

    package let agreementID: String
    package let act: Act
    /// In the sender's words: nothing about a person.
    package let reason: String
    /// When it was done: an older notice never undoes a newer one.
    package let at: WireInstant

    package init(agreementID: String, act: Act, reason: String, at: WireInstant) {
        self.agreementID = agreementID
        self.act = act
        self.reason = reason
        self.at = at
    }

    /// The longest reason, in bytes of UTF-8.
    package static let longestReason = 500
}

/// Says that a notice arrived, and whether its agreement is known there.
package struct AgreementNoticeReceipt: WireDocument {
    package static var type: DocumentType { .agreementNoticeReceipt }

    package let agreementID: String
    package let noticeDigest: Digest
    package let isKnown: Bool

    package init(agreementID: String, noticeDigest: Digest, isKnown: Bool) {
        self.agreementID = agreementID
        self.noticeDigest = noticeDigest
        self.isKnown = isKnown
    }
}
