package import Core
import Foundation

/// A controller's policies with a version, as one text that the controller signs.
///
/// Versions count up and never back: a node takes a bundle only over an older one. Who signed is looked at by
/// whoever reads the signed document around it; this value knows only what was signed.
package struct PolicyBundle: Codable, Hashable, Sendable {
    /// Whose policies these are; only this organisation may sign them.
    package let controller: OrganisationCode
    /// Counts up; from 1.
    package let version: Int
    /// Milliseconds since 1970, UTC, by the clock of whoever made it.
    package let madeAt: Int64
    /// Name of the folder that was packed, for messages.
    package let name: String
    /// Path within the folder -> text.
    package let texts: [String: String]

    package init(controller: OrganisationCode, version: Int, madeAt: Int64, files: PolicyFiles) {
        self.controller = controller
        self.version = version
        self.madeAt = madeAt
        name = files.name
        texts = files.texts
    }

    /// What was packed, to be read as a folder is.
    package var files: PolicyFiles { PolicyFiles(name: name, texts: texts) }

    /// The bytes to sign: JSON with sorted keys.
    package func canonicalJSON() throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return Array(try encoder.encode(self))
    }

    /// Reads what was signed.
    /// - Throws: `PolicyFault` for what is not a bundle.
    package init(canonicalJSON bytes: [UInt8]) throws(PolicyFault) {
        do {
            self = try JSONDecoder().decode(Self.self, from: Data(bytes))
        } catch {
            throw PolicyFault("bundle", "this is not a bundle of policies: make one with 'policy sign'")
        }
        guard version > 0 else { throw PolicyFault("bundle", "versions of bundles count from 1") }
    }
}

/// What is wrong with policies, in words that can be shown: a place and a remedy, no data.
package enum PolicyWords {
    /// The first thing that is wrong; what a library said of a text is not repeated but for its kind.
    package static func of(_ error: any Error) -> String {
        switch error {
        case let fault as PolicyFault: fault.description
        case let fault as CedarFault: fault.description
        case is DecodingError: "a YAML file has a field that is missing, unknown or of another kind"
        default: "the policies cannot be read (\(type(of: error)))"
        }
    }
}
