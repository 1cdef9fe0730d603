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
        }

        /// From 1.
        package let line: Int
        package let kind: Kind

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
        for byte in bytes {
            if byte != UInt8(ascii: "\n") {
                reader.take(byte)
            } else if let number = reader.endLine() {
                try body(number)
            }
        }
        reader.endFile()
        return Outcome(count: reader.count, faults: reader.faults, faultCount: reader.faultCount)
    }

    private struct Reader {
        var line: [UInt8] = []
        var number = 1
        var count = 0
        var faults: [LineFault] = []
        var faultCount = 0

        mutating func take(_ byte: UInt8) {
            // A line is 12 bytes at most: what is longer is wrong whatever it holds.
            if line.count < 16 { line.append(byte) }
        }

        mutating func endLine() -> NHSNumber? {
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

        mutating func endFile() {
            if !line.isEmpty { _ = fail(.unfinished) }
        }

        private mutating func fail(_ kind: LineFault.Kind) -> NHSNumber? {
            faultCount += 1
            if faults.count < 100 { faults.append(LineFault(line: number, kind: kind)) }
            return nil
        }
    }
}
