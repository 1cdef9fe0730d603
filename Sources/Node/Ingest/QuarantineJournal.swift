internal import Foundation

/// Which records were set aside: file, line, offset and reason a line of JSON, never what they say.
struct QuarantineJournal: Sendable {
    struct Entry: Sendable, Codable {
        let line: Int
        let byteOffset: Int?
        let reason: String
        let column: String?
    }

    private struct Line: Encodable {
        let file: String
        let line: Int
        let byteOffset: Int?
        let reason: String
        let column: String?
    }

    let directory: String

    func record(_ entries: [Entry], file: String) throws {
        guard !entries.isEmpty else { return }
        var text: [UInt8] = []
        for entry in entries {
            text += try JSON.encode(
                Line(
                    file: file, line: entry.line, byteOffset: entry.byteOffset, reason: entry.reason,
                    column: entry.column))
            text.append(0x0A)
        }
        let path = "\(directory)/\(Clock.now).\(file).ndjson"
        guard
            FileManager.default.createFile(
                atPath: path, contents: Data(text), attributes: [.posixPermissions: 0o600])
        else {
            throw NodeError(.input, "cannot write the quarantine: check the space and rights of the home")
        }
    }
}
