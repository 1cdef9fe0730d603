import Foundation

/// A FHIR R4 Consent (4.0.1), as far as it says who may use what: its terms, without the person, the signatures
/// and the attachments.
///
/// Encoded again it is its *terms*: people who signed the same form share them, so that they are evaluated once.
package struct FHIRConsent: Codable, Hashable, Sendable {
    package let status: String
    package let scope: Concept?
    package let policy: [Policy]?
    package let policyRule: Concept?
    package let provision: Provision?
    /// Of these only `workflow-researchStudy` is understood.
    package let `extension`: [Extension]?
    /// Whoever does not understand one must not act on the rest: it denies.
    package let modifierExtension: [Extension]?
    package let implicitRules: String?

    package struct Coding: Codable, Hashable, Sendable {
        package let system: String?
        package let code: String?
    }

    package struct Concept: Codable, Hashable, Sendable {
        package let coding: [Coding]?
    }

    package struct Policy: Codable, Hashable, Sendable {
        package let authority: String?
        package let uri: String?
    }

    package struct Period: Codable, Hashable, Sendable {
        package let start: String?
        package let end: String?
    }

    package struct Identifier: Codable, Hashable, Sendable {
        package let system: String?
        package let value: String?
    }

    package struct Reference: Codable, Hashable, Sendable {
        package let reference: String?
        package let type: String?
        package let identifier: Identifier?
    }

    package struct Extension: Codable, Hashable, Sendable {
        package let url: String?
        package let valueReference: Reference?
    }

    /// One rule: an exception to the one above it.
    package struct Provision: Codable, Hashable, Sendable {
        package let type: String?
        package let period: Period?
        package let actor: [Actor]?
        package let action: [Concept]?
        package let securityLabel: [Coding]?
        package let purpose: [Coding]?
        package let `class`: [Coding]?
        package let code: [Concept]?
        package let dataPeriod: Period?
        package let data: [DataReference]?
        package let provision: [Provision]?
        package let modifierExtension: [Extension]?
    }

    package struct Actor: Codable, Hashable, Sendable {
        package let role: Concept?
        package let reference: Reference?
    }

    package struct DataReference: Codable, Hashable, Sendable {
        package let meaning: String?
        package let reference: Reference?
    }
}

/// Why a document is not taken as a Consent. Says nothing of what it holds.
package enum ConsentFault: String, Error, Sendable {
    case tooLarge = "consent-too-large"
    case tooDeep = "consent-too-deep"
    case tooManyProvisions = "consent-too-many-provisions"
    /// Not a Consent, or elements of other types than FHIR R4 has.
    case notAConsent = "not-a-consent"
    case badStatus = "consent-status-unknown"
}

extension FHIRConsent {
    /// Bytes of a document: attachments may stand in it.
    package static let largest = 1 << 20
    /// Provisions within provisions, the root included.
    package static let deepest = 12
    package static let mostProvisions = 1000

    /// Value set consent-state-codes.
    private static let states: Set<String> = [
        "draft", "proposed", "active", "rejected", "inactive", "entered-in-error",
    ]

    private struct Kind: Decodable {
        let resourceType: String
    }

    /// Reads a Consent resource.
    package init(resource: [UInt8]) throws(ConsentFault) {
        try Self.checkSize(resource)
        let data = Data(resource)
        guard let kind = try? JSONDecoder().decode(Kind.self, from: data), kind.resourceType == "Consent",
            let consent = try? JSONDecoder().decode(FHIRConsent.self, from: data)
        else { throw .notAConsent }
        self = consent
        try check()
    }

    /// Reads what `terms` gave.
    package init(terms: String) throws(ConsentFault) {
        let bytes = Array(terms.utf8)
        try Self.checkSize(bytes)
        guard let consent = try? JSONDecoder().decode(FHIRConsent.self, from: Data(bytes)) else {
            throw .notAConsent
        }
        self = consent
        try check()
    }

    /// The same text for the same terms: keys sorted, no blanks.
    package var terms: String {
        get throws {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
            return String(decoding: try encoder.encode(self), as: UTF8.self)
        }
    }

    /// Studies that the consent is about, by the id of the ResearchStudy; empty: it is about no study.
    package var studies: Set<String> {
        let named = (`extension` ?? []).filter {
            $0.url == "http://hl7.org/fhir/StructureDefinition/workflow-researchStudy"
        }
        return Set(named.compactMap { $0.valueReference?.study })
    }

    private static func checkSize(_ bytes: [UInt8]) throws(ConsentFault) {
        guard bytes.count <= largest else { throw .tooLarge }
        // Before anything recursive reads it.
        var (depth, isText, isEscaped) = (0, false, false)
        for byte in bytes {
            if isText {
                (isText, isEscaped) = (isEscaped || byte != 0x22, !isEscaped && byte == 0x5C)
            } else {
                switch byte {
                case 0x22: isText = true
                case 0x5B, 0x7B: depth += 1
                case 0x5D, 0x7D: depth -= 1
                default: break
                }
                guard depth <= 64 else { throw .tooDeep }
            }
        }
    }

    private func check() throws(ConsentFault) {
        guard Self.states.contains(status) else { throw .badStatus }
        var level = [provision].compactMap(\.self)
        var (depth, count) = (0, 0)
        while !level.isEmpty {
            depth += 1
            count += level.count
            guard depth <= Self.deepest else { throw .tooDeep }
            guard count <= Self.mostProvisions else { throw .tooManyProvisions }
            level = level.flatMap { $0.provision ?? [] }
        }
    }
}

extension FHIRConsent.Reference {
    /// The id of a ResearchStudy, by reference or by identifier.
    fileprivate var study: String? {
        if let reference {
            let parts = reference.split(separator: "/")
            if parts.count >= 2, parts[parts.count - 2] == "ResearchStudy" {
                return String(parts[parts.count - 1])
            }
        }
        return identifier?.value
    }
}
