internal import Core
internal import Foundation

/// Texts by their bytes, each with a number: exact, and small for millions of them.
///
/// Open addressing over a seeded hash: who writes the texts cannot choose where they collide.
struct TextIndex {
    private static let free: Int32 = -1
    private static let seed = UInt64.random(in: .min ... .max) | 1

    private var bytes: [UInt8] = []
    private var ends: [Int] = [0]
    private var numbers: [Int32] = []
    private var hashes: [UInt32] = []
    private var slots: [Int32]

    init(capacity: Int = 0) {
        var size = 64
        while size < capacity * 2 { size *= 2 }
        slots = Array(repeating: Self.free, count: size)
    }

    var count: Int { numbers.count }

    /// The number of a text, if it is known.
    func number(of text: UnsafeBufferPointer<UInt8>) -> Int32? {
        let slot = slot(of: text, Self.folded(text))
        let entry = slots[slot]
        return entry == Self.free ? nil : numbers[Int(entry)]
    }

    /// Gives a text a number.
    /// - Returns: the number that it had: that stays.
    mutating func insert(_ text: UnsafeBufferPointer<UInt8>, _ number: Int32) -> Int32? {
        let hash = Self.folded(text)
        var slot = slot(of: text, hash)
        if slots[slot] != Self.free { return numbers[Int(slots[slot])] }
        if numbers.count * 2 >= slots.count {
            grow()
            slot = self.slot(of: text, hash)
        }
        slots[slot] = Int32(numbers.count)
        bytes.append(contentsOf: text)
        ends.append(bytes.count)
        numbers.append(number)
        hashes.append(UInt32(truncatingIfNeeded: hash))
        return nil
    }

    /// Gives a known text another number.
    mutating func update(_ text: UnsafeBufferPointer<UInt8>, _ number: Int32) {
        let entry = slots[slot(of: text, Self.folded(text))]
        if entry != Self.free { numbers[Int(entry)] = number }
    }

    private func slot(of text: UnsafeBufferPointer<UInt8>, _ hash: UInt64) -> Int {
        let mask = slots.count - 1
        var slot = Int(truncatingIfNeeded: hash) & mask
        while slots[slot] != Self.free {
            let entry = Int(slots[slot])
            if hashes[entry] == UInt32(truncatingIfNeeded: hash), isText(entry, text) { return slot }
            slot = (slot + 1) & mask
        }
        return slot
    }

    private func isText(_ entry: Int, _ text: UnsafeBufferPointer<UInt8>) -> Bool {
        let (start, end) = (ends[entry], ends[entry + 1])
        guard end - start == text.count else { return false }
        guard let other = text.baseAddress, !text.isEmpty else { return true }
        return bytes.withUnsafeBufferPointer { memcmp($0.baseAddress! + start, other, text.count) == 0 }
    }

    /// Hashes are kept to 32 bits: larger tables than that many slots do not fit in memory either.
    private mutating func grow() {
        slots = Array(repeating: Self.free, count: slots.count * 2)
        let mask = slots.count - 1
        for (entry, hash) in hashes.enumerated() {
            var slot = Int(hash) & mask
            while slots[slot] != Self.free { slot = (slot + 1) & mask }
            slots[slot] = Int32(entry)
        }
    }

    private static func folded(_ text: UnsafeBufferPointer<UInt8>) -> UInt64 {
        let hash = hash(text)
        return (hash ^ hash >> 32) & 0xFFFF_FFFF
    }

    /// Seeded anew in every process; all 64 bits are of use.
    static func hash(_ text: UnsafeBufferPointer<UInt8>) -> UInt64 {
        let text = UnsafeRawBufferPointer(text)
        var hash = seed ^ UInt64(text.count)
        var place = 0
        while place + 8 <= text.count {
            hash = mixed(hash ^ text.loadUnaligned(fromByteOffset: place, as: UInt64.self))
            place += 8
        }
        var rest: UInt64 = 0
        while place < text.count {
            rest = rest << 8 | UInt64(text[place])
            place += 1
        }
        return mixed(hash ^ rest)
    }

    /// The halves of a product of 128 bits, folded.
    private static func mixed(_ value: UInt64) -> UInt64 {
        let product = value.multipliedFullWidth(by: 0x9E37_79B9_7F4A_7C15 ^ seed &<< 1 | 1)
        return product.high ^ product.low
    }
}
