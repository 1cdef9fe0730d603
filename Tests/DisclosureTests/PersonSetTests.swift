import Testing

@testable import Disclosure

/// A set of people behaves as a `Set`, whatever its shape, and comes back from its bytes.
@Suite struct PersonSetTests {
    /// How the numbers of a random set lie.
    enum Shape: String, CaseIterable, Sendable, CustomTestStringConvertible {
        case few, scattered, half, nearlyAll, runs, farApart

        var testDescription: String { rawValue }

        func people(using random: inout SeededGenerator) -> Set<UInt32> {
            switch self {
            case .few: return Set((0..<5).map { _ in UInt32.random(in: 0...1_000_000, using: &random) })
            case .scattered:
                return Set((0..<3_000).map { _ in UInt32.random(in: 0...200_000, using: &random) })
            case .half: return Set((0..<140_000).filter { _ in Bool.random(using: &random) })
            case .nearlyAll:
                return Set((0..<140_000).filter { _ in UInt8.random(in: 0...255, using: &random) > 0 })
            case .runs:
                return Set(
                    (0..<40).flatMap { _ in
                        let start = UInt32.random(in: 0...300_000, using: &random)
                        return Array(start..<(start + UInt32.random(in: 1...9_000, using: &random)))
                    })
            case .farApart:
                return Set([
                    0, 0xFFFF, 0x1_0000, .max, .max - 1, UInt32.random(in: 0 ... .max, using: &random),
                ])
            }
        }
    }

    @Test(arguments: Shape.allCases, [1 as UInt64, 20_261_123])
    func agreesWithSet(_ shape: Shape, _ seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let people = shape.people(using: &random)
        let set = PersonSet(people.shuffled(using: &random) + Array(people.prefix(3)))
        #expect(set.count == people.count)
        #expect(set.people == people.sorted())
        let near = people.flatMap { [$0 &- 1, $0, $0 &+ 1] }
        let asked = near + (0..<1_000).map { _ in UInt32.random(in: 0 ... .max, using: &random) }
        #expect(asked.allSatisfy { set.contains($0) == people.contains($0) }, "seed \(seed)")
        #expect(try PersonSet(bytes: set.bytes) == set)
        #expect(PersonSet(people.sorted(by: >)).bytes == set.bytes)
        // Never more than 8 KiB and 5 bytes for 65,536 numbers, nor than 2 bytes a number and 5 a chunk.
        let chunks = Set(people.map { $0 >> 16 }).count
        #expect(set.bytes.count <= 1 + chunks * (5 + 8_192))
        #expect(set.bytes.count <= 1 + chunks * 5 + people.count * 2)
    }

    @Test func everybodyInARowIsAFewBytes() {
        #expect(PersonSet(1...1_000_000).bytes.count < 200)
        #expect(PersonSet([]).bytes == [1])
        #expect(PersonSet([]).isEmpty)
    }

    @Test func bytesThatAreNoSetAreRefused() throws {
        var random = SeededGenerator(seed: 7)
        let bytes = PersonSet(Shape.scattered.people(using: &random)).bytes
        for length in 0..<bytes.count where length % 97 == 0 && length != 1 {
            #expect(throws: PersonSet.Malformed.self) { try PersonSet(bytes: bytes.prefix(length)) }
        }
        let wrong: [[UInt8]] = [
            [2], [1, 0, 0, 3, 0, 0, 0, 0],  // a version, a kind that does not exist
            [1, 0, 0, 0, 1, 0, 5, 0, 5, 0],  // a number twice
            [1, 1, 0, 0, 0, 0, 5, 0, 0, 0, 0, 0, 0, 5, 0],  // chunks out of order
            [1, 0, 0, 2, 0, 0, 5, 0, 4, 0],  // a run that ends before it begins
            [1, 0, 0, 2, 1, 0, 1, 0, 2, 0, 3, 0, 4, 0],  // two runs that are one
            [1, 0, 0, 1, 0, 0, 0, 0],  // too few words
        ]
        for bytes in wrong {
            #expect(throws: PersonSet.Malformed.self, "\(bytes)") { try PersonSet(bytes: bytes) }
        }
    }
}
