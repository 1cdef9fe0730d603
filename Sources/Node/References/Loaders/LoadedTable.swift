internal import Catalog
internal import Core
internal import Foundation

/// A reference table or codelist as its files have it, in the columns of the shared data model.
struct LoadedTable {
    let kind: ReferenceTable.Kind
    let name: String
    /// As the files say; nil where they do not.
    var version: String?
    var origin = ReferenceOrigin()
    /// What a person should know of what was not taken.
    var notes: [String] = []
    /// RFC 4180, with a header.
    private(set) var csv: [UInt8] = []

    init(kind: ReferenceTable.Kind, name: String, header: [String]) {
        self.kind = kind
        self.name = name
        append(header)
    }

    mutating func append(_ fields: [String]) {
        for (place, field) in fields.enumerated() {
            if place > 0 { csv.append(0x2C) }
            csv.append(contentsOf: CSVQuoting.field(field).utf8)
        }
        csv.append(0x0A)
    }
}

/// The header of a file from outside, whose columns are found by what they are called.
struct OutsideHeader {
    let file: String
    private let names: [String]

    init(_ file: ReleaseFile, _ fields: [String]) {
        self.file = file.name
        names = fields.map { name in
            name.lowercased().split { !$0.isLetter && !$0.isNumber }.joined(separator: " ")
        }
    }

    /// The first column whose name has all of these words.
    func find(_ words: String...) -> Int? { find(words) }

    func find(_ words: [String]) -> Int? {
        names.firstIndex { name in words.allSatisfy { " \(name) ".contains(" \($0) ") } }
    }

    /// The first column that is called one of these, in their order.
    func called(_ candidates: String...) -> Int? {
        for candidate in candidates {
            if let place = names.firstIndex(of: candidate) { return place }
        }
        return nil
    }

    func require(_ place: Int?, _ what: String) throws -> Int {
        guard let place else {
            throw CatalogFault(file: file, path: "line 1", message: "has no column for \(what)")
        }
        return place
    }
}

/// Where a value of an outside file is at fault.
struct OutsideRecord {
    let file: String
    let line: Int
    let fields: [String]

    func text(_ place: Int) -> String {
        place < fields.count ? fields[place].trimmingCharacters(in: .whitespacesAndNewlines) : ""
    }

    /// A whole number, with commas between thousands or without, `29,199`; nil for an empty field.
    func number(_ place: Int, _ what: String) throws -> Int? {
        let text = text(place).replacing(",", with: "")
        if text.isEmpty { return nil }
        // Spreadsheets write whole numbers with a fraction of zero.
        guard let number = Int(text.hasSuffix(".0") ? String(text.dropLast(2)) : text), number >= 0 else {
            throw fault("'\(text.prefix(24))' is no \(what)")
        }
        return number
    }

    func require(_ number: Int?, _ what: String) throws -> Int {
        guard let number else { throw fault("has no \(what)") }
        return number
    }

    func fault(_ message: String) -> CatalogFault {
        CatalogFault(file: file, path: "line \(line)", message: message)
    }
}

/// Days as English files write them.
enum OutsideDate {
    private static let months = [
        "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
    ]

    /// `2026-04-01` of that, of `20260401`, `01APR2026`, `01-Apr-2026` or `01/04/2026`; nil for anything else.
    static func iso(_ text: String) -> String? {
        let parts = runs(text)
        let numbers: (year: Int, month: Int, day: Int)?
        switch parts.count {
        case 1 where parts[0].count == 8:
            numbers = Int(parts[0]).map { ($0 / 10_000, $0 / 100 % 100, $0 % 100) }
        case 3:
            let month = months.firstIndex(of: parts[1].lowercased().prefix(3).description).map { $0 + 1 }
            let isYearFirst = parts[0].count == 4
            guard let first = Int(parts[0]), let last = Int(parts[2]), let month = month ?? Int(parts[1])
            else {
                return nil
            }
            numbers = isYearFirst ? (first, month, last) : (last, month, first)
        default: numbers = nil
        }
        guard let numbers, numbers.year > 1800, (1...12).contains(numbers.month),
            (1...31).contains(numbers.day)
        else { return nil }
        let iso = String(format: "%04d-%02d-%02d", numbers.year, numbers.month, numbers.day)
        return Civil.parseDate(iso) == nil ? nil : iso
    }

    /// Runs of digits and runs of letters.
    private static func runs(_ text: String) -> [String] {
        var runs: [String] = []
        var last: Character?
        for character in text {
            defer { last = character }
            guard character.isLetter || character.isNumber else { continue }
            if let last, last.isLetter == character.isLetter, last.isLetter || last.isNumber, !runs.isEmpty {
                runs[runs.count - 1].append(character)
            } else {
                runs.append(String(character))
            }
        }
        return runs
    }
}
