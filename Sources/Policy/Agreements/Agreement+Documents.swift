import Core
package import Foundation
import Yams

extension Agreement {
    /// Reads and validates an agreement as a person writes it; JSON is read as well.
    /// - Throws: the first `AgreementFault`, with its line and column.
    package init(yaml: String) throws {
        let reader = AgreementReader(yaml: yaml)
        if let first = reader.faults.first { throw first }
        do {
            self = try YAMLDecoder().decode(Agreement.self, from: yaml)
        } catch let error as DecodingError {
            throw reader.located(AgreementFault(error))
        }
        if let first = ruleFaults.first { throw reader.located(first) }
    }

    /// Everything that is wrong with a text, each with line and column; empty where it is an agreement.
    package static func faults(inYAML yaml: String) -> [AgreementFault] {
        let reader = AgreementReader(yaml: yaml)
        guard reader.faults.isEmpty else { return reader.faults }
        do {
            return try YAMLDecoder().decode(Agreement.self, from: yaml).ruleFaults.map(reader.located)
        } catch let error as DecodingError {
            return [reader.located(AgreementFault(error))]
        } catch {
            return [AgreementFault("(document)", "cannot be read", line: 1, column: 1)]
        }
    }

    /// Gives faults of a text, found elsewhere, the place of their fields.
    package static func located(_ faults: [AgreementFault], inYAML yaml: String) -> [AgreementFault] {
        let reader = AgreementReader(yaml: yaml)
        return faults.map(reader.located)
    }

    /// Reads and validates the canonical form.
    /// - Throws: `AgreementFault`; also for bytes of another form, which may hold what is not understood here: what
    ///   was signed is then not what would be kept.
    package init(canonicalJSON: Data) throws {
        do {
            self = try JSONDecoder().decode(Agreement.self, from: canonicalJSON)
        } catch let error as DecodingError {
            throw AgreementFault(error)
        }
        try validate()
        guard try self.canonicalJSON() == canonicalJSON else {
            throw AgreementFault(
                "(document)", "holds fields that this version does not know, or is not in the canonical form")
        }
    }

    /// The bytes that are signed: JSON with sorted keys and no blanks; the same agreement, the same bytes.
    package func canonicalJSON() throws -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return try encoder.encode(self)
    }

    /// As a person would write it.
    package func yaml() throws -> String { try YAMLEncoder().encode(self) }

    /// - Throws: `AgreementFault` naming the first rule that does not hold.
    package func validate() throws {
        if let first = ruleFaults.first { throw first }
    }
}
