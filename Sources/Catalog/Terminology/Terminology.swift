package import Foundation

/// A release of a terminology with what is below each of its concepts, such as SNOMED CT's is-a: a transitive
/// closure table, sorted by ancestor, in a file of the node's home.
///
/// The file is mapped, not read: a question touches the rows of its concept only. UK SNOMED CT has some 8 million
/// rows, which are about 20 MB of it. Made by `TerminologyWriter`; immutable, so that a question which began with it
/// ends with it.
///
/// All numbers are little-endian: the magic, then `concepts`, `closure bytes`, `term bytes` and `rows` as 64 bits
/// each; `concepts` codes ascending; `concepts + 1` places into the closure and as many into the terms; the closure, of
/// each concept the number of its descendants and the gaps between their places, as LEB128; the terms as UTF-8.
package final class Terminology: Sendable {
    static let magic: [UInt8] = Array("CONCTRM1".utf8)
    static let headerSize = 40

    package let name: String
    package let version: String
    /// SHA-256 of the file, hex: requester and site must hold the same.
    package let digest: String
    package let origin: ReferenceOrigin
    /// How many concepts there are.
    package let count: Int
    /// Pairs of ancestor and descendant; a concept is a descendant of itself.
    package let closureRows: Int
    private let content: Data
    private let closureStart: Int
    private let termsStart: Int

    /// `NAME@VERSION`.
    package var key: String { "\(name)@\(version)" }

    /// Maps a file.
    /// - Throws: `CatalogFault` if it is none of ours, or cut short.
    package convenience init(path: String, manifest: ReferenceManifest) throws(CatalogFault) {
        guard let content = try? Data(contentsOf: URL(filePath: path), options: .alwaysMapped) else {
            throw CatalogFault(path: "", message: "cannot be read")
        }
        try self.init(content, manifest: manifest)
    }

    package init(_ content: Data, manifest: ReferenceManifest) throws(CatalogFault) {
        let damaged = CatalogFault(
            path: "", message: "is damaged or of another version: load the release again")
        guard content.count >= Self.headerSize, content.prefix(8).elementsEqual(Self.magic) else {
            throw damaged
        }
        let numbers = (1...4).map { Self.number(content, at: $0 * 8) }
        guard numbers.allSatisfy({ $0 < 1 << 40 }) else { throw damaged }
        let (count, closure, terms) = (Int(numbers[0]), Int(numbers[1]), Int(numbers[2]))
        closureStart = Self.headerSize + count * 8 + 2 * (count + 1) * 8
        termsStart = closureStart + closure
        guard content.count == termsStart + terms else { throw damaged }
        self.content = content
        self.count = count
        closureRows = Int(numbers[3])
        name = manifest.name
        version = manifest.version
        digest = manifest.digest
        origin = manifest.origin
    }

    /// The codes of a concept and of all below it, ascending; nil if the release has no such active concept.
    package func descendants(of concept: UInt64) -> [UInt64]? {
        guard let place = place(of: concept) else { return nil }
        let from = closureStart + offset(place, in: 0)
        let to = closureStart + offset(place + 1, in: 0)
        guard from <= to, to <= termsStart else { return nil }
        return content.withUnsafeBytes { bytes in
            var reader = VariableIntegers(bytes: bytes, at: from, end: to)
            guard let many = reader.next(), many <= count else { return nil }
            var codes: [UInt64] = []
            codes.reserveCapacity(Int(many))
            var current = -1
            for _ in 0..<many {
                guard let gap = reader.next(), gap <= count, current + Int(gap) < count else { return nil }
                current += Int(gap)
                codes.append(code(at: current))
            }
            return codes
        }
    }

    package func contains(_ concept: UInt64) -> Bool { place(of: concept) != nil }

    /// What the concept is called; nil if the release does not have it.
    package func term(of concept: UInt64) -> String? {
        guard let place = place(of: concept) else { return nil }
        let from = termsStart + offset(place, in: 1)
        let to = termsStart + offset(place + 1, in: 1)
        guard from <= to, to <= content.count else { return nil }
        return content.withUnsafeBytes { String(decoding: $0[from..<to], as: UTF8.self) }
    }

    /// The bytes of the file, to check its digest.
    package func withBytes<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        content.withUnsafeBytes(body)
    }

    private func place(of concept: UInt64) -> Int? {
        var low = 0
        var high = count
        while low < high {
            let middle = (low + high) / 2
            let found = code(at: middle)
            if found == concept { return middle }
            if found < concept { low = middle + 1 } else { high = middle }
        }
        return nil
    }

    private func code(at place: Int) -> UInt64 {
        Self.number(content, at: Self.headerSize + place * 8)
    }

    /// - Parameter table: 0 for the closure, 1 for the terms.
    private func offset(_ place: Int, in table: Int) -> Int {
        let number = Self.number(content, at: Self.headerSize + count * 8 + (table * (count + 1) + place) * 8)
        // A damaged file may say anything: never past its end.
        return Int(min(number, UInt64(content.count)))
    }

    private static func number(_ content: Data, at offset: Int) -> UInt64 {
        content.withUnsafeBytes {
            UInt64(littleEndian: $0.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
        }
    }
}

extension Terminology: Hashable {
    package static func == (left: Terminology, right: Terminology) -> Bool {
        left.key == right.key && left.digest == right.digest
    }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(key)
        hasher.combine(digest)
    }
}

/// Unsigned LEB128.
struct VariableIntegers {
    let bytes: UnsafeRawBufferPointer
    var at: Int
    let end: Int

    mutating func next() -> UInt64? {
        var result: UInt64 = 0
        var shift: UInt64 = 0
        while at < end, shift < 63 {
            let byte = bytes[at]
            at += 1
            result |= UInt64(byte & 0x7F) << shift
            if byte < 0x80 { return result }
            shift += 7
        }
        return nil
    }

    static func append(_ number: UInt64, to bytes: inout [UInt8]) {
        var rest = number
        while rest >= 0x80 {
            bytes.append(UInt8(rest & 0x7F) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }
}
