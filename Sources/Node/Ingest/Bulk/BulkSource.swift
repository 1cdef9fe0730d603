internal import Foundation

/// What is asked of a Bulk Data server: which server, whose records, which types.
///
/// The memory of `_since` hangs on it: whoever asks for other types asks from the beginning.
package struct BulkSource: Codable, Hashable, Sendable {
    /// Whose records.
    package enum Level: Codable, Hashable, Sendable {
        /// `[base]/$export`
        case system
        /// `[base]/Patient/$export`
        case patients
        /// `[base]/Group/[id]/$export`
        case group(String)

        package var text: String {
            switch self {
            case .system: "system"
            case .patients: "patients"
            case .group(let id): "group \(id)"
            }
        }
    }

    /// The FHIR server's base address, without a slash at its end.
    package let base: String
    package let level: Level
    /// Sorted; empty: whatever the server gives.
    package let types: [String]

    /// - Throws: `BulkError` for an address that is none, or a type or group that cannot be one.
    init(base: String, level: Level, types: [String]) throws {
        self.base = try WebAddress.base(base)
        if case .group(let id) = level {
            let isFine = (1...256).contains(id.utf8.count) && id.allSatisfy { $0.isASCII && !$0.isWhitespace }
            guard isFine, !id.contains("/"), !id.contains("?"), !id.contains("#"), id != ".", id != ".."
            else {
                throw BulkError(.address, "'--group' takes the id of a Group, without 'Group/'")
            }
        }
        for type in types where !Self.isType(type) {
            throw BulkError(.address, "'\(type)' is no FHIR resource type: write e.g. Patient,Condition")
        }
        self.level = level
        self.types = Set(types).sorted()
    }

    static func isType(_ text: String) -> Bool {
        (1...64).contains(text.utf8.count) && text.first?.isUppercase == true
            && text.allSatisfy { $0.isASCII && $0.isLetter }
    }

    /// The address of the kick-off request.
    ///
    /// Source: Bulk Data Access IG 2.0.0, "Bulk Data Kick-off Request". A plus sign is escaped: many servers read a
    /// bare one as a space.
    func kickOff(since: String?) throws -> URL {
        let path =
            switch level {
            case .system: "$export"
            case .patients: "Patient/$export"
            case .group(let id): "Group/\(Self.escaped(id))/$export"
            }
        var query = ["_outputFormat=\(Self.escaped("application/fhir+ndjson"))"]
        if !types.isEmpty { query.append("_type=\(types.joined(separator: ","))") }
        if let since { query.append("_since=\(Self.escaped(since))") }
        guard let url = URL(string: "\(base)/\(path)?\(query.joined(separator: "&"))") else {
            throw BulkError(.address, "the export's address cannot be formed from '--bulk' and '--group'")
        }
        return url
    }

    private static func escaped(_ text: String) -> String {
        let plain = CharacterSet(
            charactersIn: "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~:")
        return text.addingPercentEncoding(withAllowedCharacters: plain) ?? ""
    }

    /// Under which an export is remembered.
    var key: String { "\(base) | \(level.text) | \(types.joined(separator: ","))" }
}

/// FHIR's `instant`: a date with a time to the second and an offset.
enum BulkInstant {
    static func isValid(_ text: String) -> Bool {
        text.wholeMatch(
            of:
                /[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,9})?(Z|[+-][0-9]{2}:[0-9]{2})/
        )
            != nil
    }

    /// Whether asking from `start` leaves nothing out between what was taken (up to `taken`; nil: nothing) and there.
    static func leavesNoGap(from taken: String?, to start: String?) -> Bool {
        guard let start else { return true }
        guard let taken, let before = date(taken), let after = date(start) else { return false }
        return after <= before
    }

    private static func date(_ text: String) -> Date? {
        let formatter = ISO8601DateFormatter()
        guard let point = text.firstIndex(of: ".") else { return formatter.date(from: text) }
        let fraction = text[point...].prefix { $0 == "." || $0.isNumber }
        let whole = formatter.date(from: String(text[..<point]) + String(text[fraction.endIndex...]))
        return whole.map { $0.addingTimeInterval(Double(fraction) ?? 0) }
    }
}
