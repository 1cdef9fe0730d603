package import Core

/// The reply of the MESH opt-out check: the NHS numbers that may be used, an allow-list.
///
/// A `.dat` file, workflow `SPINE_NTT_UPHOLDING`: one NHS number, a comma and a line end (LF or CRLF) a line;
/// the list that was asked about, less those who opted out. Who is not on it is out.
package struct OptOutList: Sendable {
    /// A line that is not an NHS number and a comma. Says where, never what.
    package struct LineFault: Hashable, Sendable, CustomStringConvertible {
        package enum Kind: String, Sendable {
            case format = "is not ten digits and a comma"
            case checkDigit = "fails the modulus 11 check"
            case unfinished = "does not end"
            case neverAsked = "has a number that the export did not ask about"
        }

        /// From 1.
        package let line: Int
        package let kind: Kind

        package init(line: Int, kind: Kind) {
            self.line = line
            self.kind = kind
        }

        package var description: String { "line \(line) \(kind.rawValue)" }
    }

    /// What became of reading a file.
    package struct Outcome: Hashable, Sendable {
        package let count: Int
        /// The first hundred.
        package let faults: [LineFault]
        package let faultCount: Int
    }

    /// Reads a file, handing every valid number to `body` as it comes.
    ///
    /// A list with faults must not be put to use: those it lacks would count as opted out without
    /// having done so.
    package static func read(
        _ bytes: some Sequence<UInt8>, _ body: (NHSNumber) throws -> Void
    ) rethrows -> Outcome {
        var reader = Reader()
        try reader.take(bytes) { number, _ in try body(number) }
        return reader.finish()
    }

    /// Reads a file in pieces: memory stays flat however long the list is.
    package struct Reader: Sendable {
        private var line: [UInt8] = []
        private var number = 1
        private var count = 0
        private var faults: [LineFault] = []
        private var faultCount = 0

        package init() {}

        /// Takes the next bytes, handing over every valid number with its line, from 1.
        package mutating func take(
            _ bytes: some Sequence<UInt8>, _ body: (NHSNumber, Int) throws -> Void
        ) rethrows {
            for byte in bytes {
                if byte != UInt8(ascii: "\n") {
                    // A line is 12 bytes at most: what is longer is wrong whatever it holds.
                    if line.count < 16 { line.append(byte) }
                } else if let person = endLine() {
                    try body(person, number - 1)
                }
            }
        }

        /// What became of the file.
        package mutating func finish() -> Outcome {
            if !line.isEmpty { _ = fail(.unfinished) }
            return Outcome(count: count, faults: faults, faultCount: faultCount)
        }

        private mutating func endLine() -> NHSNumber? {
            defer {
                line.removeAll(keepingCapacity: true)
                number += 1
            }
            if line.last == UInt8(ascii: "\r") { line.removeLast() }
            guard line.count == 11, line.last == UInt8(ascii: ","),
                line.dropLast().allSatisfy({ (0x30...0x39).contains($0) })
            else { return fail(.format) }
            guard let person = NHSNumber(String(decoding: line.dropLast(), as: UTF8.self)) else {
                return fail(.checkDigit)
            }
            count += 1
            return person
        }

        private mutating func fail(_ kind: LineFault.Kind) -> NHSNumber? {
            faultCount += 1
            if faults.count < 100 { faults.append(LineFault(line: number, kind: kind)) }
            return nil
        }
    }
}
