/// What a controller does about opt-out lists and consents, beside `importOptOut`.
package enum ConsentCommand: Codable, Sendable {
    /// Writes the list of NHS numbers to ask the scheme's owner about.
    case exportOptOut(path: String, scheme: String)
    case listOptOuts
    /// Who consented to a study, as its team lists it.
    case importConsents(path: String, study: String)
    case listConsents
}
