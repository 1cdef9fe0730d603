import Core
import Foundation
import Query

/// Statements with what binding makes of them, read from `Cases/*.plan`.
///
/// A file holds cases separated by lines of `====`; a case is a statement, a line of `----` and the outline
/// of its plan, or the fault. `RECORD_GOLDENS=1` writes what comes out into the files: the diff is what is
/// reviewed.
enum PlanCases {
    static let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Cases")

    static func files() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: folder.path).filter { $0.hasSuffix(".plan") }
            .sorted()
    }

    struct Case {
        let sql: String
        let expected: String
    }

    static func read(_ file: String) throws -> [Case] {
        let text = try String(contentsOf: folder.appending(path: file), encoding: .utf8)
        return text.components(separatedBy: "\n====\n").map { block in
            let parts = block.components(separatedBy: "\n----\n")
            return Case(
                sql: parts[0].trimmingCharacters(in: .newlines),
                expected: parts.count > 1 ? parts[1].trimmingCharacters(in: .newlines) : "")
        }
    }

    static func write(_ cases: [Case], to file: String) throws {
        let text = cases.map { "\($0.sql)\n----\n\($0.expected)" }.joined(separator: "\n====\n") + "\n"
        try Data(text.utf8).write(to: folder.appending(path: file))
    }

    static var isRecording: Bool { ProcessInfo.processInfo.environment["RECORD_GOLDENS"] == "1" }

    static let binder = Binder(catalog: TestCatalog.catalog, now: TestCatalog.now)

    /// The outline of a statement's plan, or its fault.
    static func outcome(_ sql: String) -> String {
        do throws(SQLFault) {
            switch try binder.bind(sql) {
            case .select(let query): return query.outline.trimmingCharacters(in: .newlines)
            case .explain(let query, let options):
                let words =
                    [options.analyze ? "analyze" : nil, options.sites ? "sites" : nil]
                    .compactMap(\.self) + [options.format.rawValue]
                return "Explain \(words.joined(separator: " "))\n"
                    + query.outline.trimmingCharacters(in: .newlines)
            }
        } catch {
            return text(error)
        }
    }

    static func text(_ fault: SQLFault) -> String {
        let place = fault.position.map { " at \($0)" } ?? ""
        let hint = fault.hint.map { "\nHINT: \($0)" } ?? ""
        return "ERROR \(fault.sqlstate.rawValue)\(place): \(fault.message)\(hint)"
    }
}
