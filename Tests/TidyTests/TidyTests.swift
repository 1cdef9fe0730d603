import Foundation
import Testing

/// The house's style, checked over every file of `Sources` and `Tests`.
@Suite struct TidyTests {
    /// Words of rules are put together here, so that this file does not break them.
    private static let unfinished = ["TO" + "DO", "FIX" + "ME"]
    private static let traps = ["try" + "!", "as" + "!", "fatal" + "Error("]
    private static let machinePaths = ["/wo" + "rk/", "/ro" + "ot/", "/ho" + "me/"]
    /// Examples of the NHS Data Dictionary and of governance guidance, and what NHSNumberTests makes of them.
    private static let publishedNumbers: Set<String> = ["9434765919", "9000543664", "1111111111"]
    /// What programs write and happens to pass modulus 11: 2^31, and the ten digits in order.
    private static let programNumbers: Set<String> = ["2147483648", "0123456789"]

    private func expectNone(_ violations: [Violation]) {
        #expect(violations.isEmpty, "\(violations.map { "\n  \($0)" }.joined())")
    }

    private func swiftFiles() throws -> [SourceTree.File] {
        try SourceTree.files(in: ["Sources", "Tests"]).filter(\.isSwift)
    }

    @Test func filesAreShort() throws {
        expectNone(
            try swiftFiles().filter { $0.lines.count > 601 }.map {
                Violation(file: $0.path, line: nil, rule: "\($0.lines.count - 1) lines, 600 is the end")
            })
    }

    /// Governance people read their own words (ARCHITECTURE.md): tags of templates and of HTML are not read.
    @Test func pagesForGovernanceBearNoJargon() throws {
        let jargon = ["cedar", "fragment", "predicate", "obligation", "leaf", "aggregate"]
        let pages = try SourceTree.files(in: ["Pages"]).filter {
            $0.path.contains("Pages/desk") || $0.path.contains("Pages/part-")
        }
        #expect(pages.count > 10)
        expectNone(
            pages.flatMap { page in
                page.lines.enumerated().flatMap { place, line in
                    let read = line.replacing(/\{\{[^}]*\}\}|<[^>]*>/, with: " ").lowercased()
                    return jargon.filter(read.contains).map {
                        Violation(file: page.path, line: place + 1, rule: "'\($0)' is jargon")
                    }
                }
            })
    }

    @Test func functionsAreShort() throws {
        expectNone(
            try swiftFiles().flatMap { file in
                functions(in: file).filter { $0.lines > 70 }.map {
                    Violation(
                        file: file.path, line: $0.start + 1,
                        rule: "a function of \($0.lines) lines, 70 is the end")
                }
            })
    }

    private func functions(in file: SourceTree.File) -> [(start: Int, lines: Int)] {
        file.lines.indices.compactMap { start in
            let line = file.lines[start]
            let words = line.split(separator: " ")
            let isFunction =
                words.contains("func") || words.contains { $0.hasPrefix("init(") || $0.hasPrefix("init?(") }
            guard isFunction, !line.trimmed.hasPrefix("//"), !line.trimmed.hasPrefix("\""),
                !line.hasSuffix("}")
            else { return nil }
            let closing = String(line.prefix { $0 == " " }) + "}"
            let end = file.lines[start...].dropFirst().firstIndex { $0.hasPrefix(closing) }
            // A requirement of a protocol has no body: the brace found is the protocol's.
            guard let end, file.lines[start...end].contains(where: { $0.hasSuffix("{") }) else { return nil }
            return (start, end - start + 1)
        }
    }

    @Test func nothingIsLeftUnfinished() throws {
        expectNone(
            try SourceTree.files(in: ["Sources", "Tests"]).flatMap { file in
                file.violations(of: "unfinished") { line in Self.unfinished.contains { line.contains($0) } }
            })
    }

    @Test func nothingTraps() throws {
        expectNone(
            try swiftFiles().flatMap { file in
                file.violations(of: "a trap where an error belongs") { line in
                    !line.trimmed.hasPrefix("//") && Self.traps.contains { line.contains($0) }
                }
            })
    }

    @Test func uncheckedSendableHasAnInvariant() throws {
        let claim = "@unchecked " + "Sendable"
        expectNone(
            try swiftFiles().flatMap { file in
                file.lines.indices.filter { place in
                    file.lines[place].contains(claim) && !file.lines[place].trimmed.hasPrefix("//")
                        && !file.lines[max(0, place - 6)..<place].contains { line in
                            line.trimmed.hasPrefix("// INVARIANT:")
                                || line.trimmed.hasPrefix("/// INVARIANT:")
                        }
                }.map { Violation(file: file.path, line: $0 + 1, rule: "\(claim) without an INVARIANT") }
            })
    }

    @Test func everyRoomSaysWhatItPromises() throws {
        let rooms = try SourceTree.rooms()
        #expect(rooms.contains("Core"))
        expectNone(
            rooms.compactMap { room in
                let path = "Sources/\(room)/README.md"
                let text = try? String(contentsOf: SourceTree.root.appending(path: path), encoding: .utf8)
                guard let text, text.split(separator: "\n").count > 3 else {
                    return Violation(file: path, line: nil, rule: "missing, or says nothing")
                }
                return nil
            })
    }

    @Test func noMachineIsNamed() throws {
        expectNone(
            try SourceTree.files(in: ["Sources", "Tests", "Docs", "Infra", "Policies", "Schemas"]).flatMap {
                file in
                file.violations(of: "a path of one machine") { line in
                    Self.machinePaths.contains { startsAPath($0, in: line) }
                }
            })
    }

    /// Whether the folder stands at the root, and not further down a path.
    private func startsAPath(_ folder: String, in line: Substring) -> Bool {
        line.ranges(of: folder).contains { range in
            guard range.lowerBound > line.startIndex else { return true }
            let before = line[line.index(before: range.lowerBound)]
            return !before.isLetter && !before.isNumber && !"._-~})".contains(before)
        }
    }

    /// Ten digits with a valid check digit, outside the range that is never issued, may be somebody.
    @Test func noNumberCouldBeAPatient() throws {
        expectNone(
            try SourceTree.files(in: ["Sources", "Tests"]).flatMap { file in
                file.violations(of: "an NHS number outside the 999 range") { line in
                    tenDigits(in: line).contains(where: couldBeAPatient)
                }
            })
    }

    /// Words of ten digits and nothing else.
    private func tenDigits(in line: Substring) -> [String] {
        line.utf8.split { byte in
            let isLetter = (0x41...0x5A).contains(byte & 0xDF)
            return !(isLetter || (0x30...0x39).contains(byte) || byte == 0x2E || byte == 0x5F)
        }
        .filter { $0.count == 10 && $0.allSatisfy { (0x30...0x39).contains($0) } }
        .map { String(decoding: $0, as: UTF8.self) }
    }

    /// Written anew, for the rule must hold whatever becomes of the program's own check.
    private func couldBeAPatient(_ text: String) -> Bool {
        guard !text.hasPrefix("999"), !Self.publishedNumbers.contains(text),
            !Self.programNumbers.contains(text)
        else { return false }
        let digits = text.utf8.map { Int($0) - 0x30 }
        let sum = (0..<9).reduce(0) { $0 + digits[$1] * (10 - $1) }
        return (11 - sum % 11) % 11 == digits[9]
    }
}

extension Substring {
    fileprivate var trimmed: String { trimmingCharacters(in: .whitespaces) }
}
