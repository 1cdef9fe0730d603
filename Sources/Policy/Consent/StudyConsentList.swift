package import Core

/// Who consented to a study, as the study team writes it: `NHS number,date,withdrawn` a line.
///
/// The date is that of the consent. The third field is empty, or the date of the withdrawal, or `yes` for one that is
/// withdrawn as of the first date. The first line may be the header. Of a person's events the latest stands; on one
/// day the withdrawal.
package enum StudyConsentList {
    /// A person gave their consent, or withdrew it.
    package struct Event: Hashable, Sendable {
        package let person: NHSNumber
        /// Since 1970-01-01.
        package let day: Int
        package let isGiven: Bool
    }

    /// What is wrong with a line. Says where, never what.
    package struct LineFault: Hashable, Sendable, CustomStringConvertible {
        package enum Kind: String, Sendable {
            case format = "is not 'NHS number,YYYY-MM-DD,withdrawn'"
            case number = "has an NHS number that fails the modulus 11 check"
            case date = "has a date that does not exist or lies in the future"
            case order = "has a withdrawal before its consent"
            case notSynthetic = "has an NHS number outside the 999 range, and this node takes no other"
        }

        package let line: Int
        package let kind: Kind
        package var description: String { "line \(line) \(kind.rawValue)" }
    }

    private static let header = "nhs_number,date,withdrawn"

    /// Reads a file in pieces: memory stays flat however long the list is.
    package struct Reader: Sendable {
        private let today: Int
        private let isSynthetic: Bool
        private var text: [UInt8] = []
        private var line = 1
        /// The first of the lines that are wrong.
        package private(set) var fault: LineFault?
        package private(set) var people = 0

        /// - Parameters:
        ///   - today: the last day that a list can know of.
        ///   - isSynthetic: whether only numbers of the 999 range are people here.
        package init(today: Int, isSynthetic: Bool) {
            self.today = today
            self.isSynthetic = isSynthetic
        }

        package mutating func take(
            _ bytes: some Sequence<UInt8>, _ body: (Event) throws -> Void
        ) rethrows {
            for byte in bytes {
                if byte != UInt8(ascii: "\n") {
                    // Longer than any line that is right: kept long enough to be wrong.
                    if text.count < 64 { text.append(byte) }
                } else {
                    try endLine(body)
                }
            }
        }

        package mutating func finish(_ body: (Event) throws -> Void) rethrows {
            if !text.isEmpty { try endLine(body) }
        }

        private mutating func endLine(_ body: (Event) throws -> Void) rethrows {
            defer {
                text.removeAll(keepingCapacity: true)
                line += 1
            }
            if text.last == UInt8(ascii: "\r") { text.removeLast() }
            if line == 1, text.starts(with: [0xEF, 0xBB, 0xBF]) { text.removeFirst(3) }
            if text.isEmpty || line == 1 && text == Array(header.utf8) { return }
            let fields = text.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false).map {
                String(decoding: $0, as: UTF8.self)
            }
            guard fields.count == 2 || fields.count == 3 else { return fail(.format) }
            guard fields[0].utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return fail(.format) }
            guard let person = NHSNumber(fields[0]) else { return fail(.number) }
            guard !isSynthetic || person.isSynthetic else { return fail(.notSynthetic) }
            guard let day = Civil.parseDate(fields[1]), day <= today else { return fail(.date) }
            people += 1
            switch fields.count == 3 ? fields[2] : "" {
            case "": try body(Event(person: person, day: day, isGiven: true))
            case "yes": try body(Event(person: person, day: day, isGiven: false))
            case let text:
                guard let end = Civil.parseDate(text), end <= today else { return fail(.date) }
                guard end >= day else { return fail(.order) }
                try body(Event(person: person, day: day, isGiven: true))
                try body(Event(person: person, day: end, isGiven: false))
            }
        }

        private mutating func fail(_ kind: LineFault.Kind) {
            if fault == nil { fault = LineFault(line: line, kind: kind) }
        }
    }
}
