/// An IPv4 or IPv6 address or range (CIDR).
package struct CedarAddress: Hashable, Sendable {
    package let isVersion6: Bool
    /// 4 or 16 bytes.
    let bytes: [UInt8]
    let prefix: Int

    /// Reads `10.0.0.0/8`, `::1`, `2001:db8::/32`; no leading zeros, no IPv4 inside IPv6, as Cedar has it.
    package init?(_ text: String) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let address = parts.first else { return nil }
        isVersion6 = address.contains(":")
        guard let bytes = isVersion6 ? Self.version6(address) : Self.version4(address) else { return nil }
        self.bytes = bytes
        guard parts.count == 2 else {
            prefix = bytes.count * 8
            return
        }
        guard let length = Self.number(parts[1], digits: 3), length <= bytes.count * 8 else { return nil }
        prefix = length
    }

    private static func number(_ text: Substring, digits: Int) -> Int? {
        guard (1...digits).contains(text.utf8.count), text == "0" || !text.hasPrefix("0"),
            text.utf8.allSatisfy({ (0x30...0x39).contains($0) })
        else { return nil }
        return Int(text)
    }

    private static func version4(_ text: Substring) -> [UInt8]? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        let bytes = parts.compactMap { number($0, digits: 3).flatMap(UInt8.init(exactly:)) }
        return parts.count == 4 && bytes.count == 4 ? bytes : nil
    }

    private static func version6(_ text: Substring) -> [UInt8]? {
        let halves = Array(text).split(separator: [":", ":"], omittingEmptySubsequences: false)
        guard (1...2).contains(halves.count) else { return nil }
        let groups = halves.map { String($0).split(separator: ":", omittingEmptySubsequences: false) }
        let read = groups.map { half -> [UInt16]? in
            if halves.count == 2, half == [""] { return [] }
            let values = half.compactMap { (1...4).contains($0.utf8.count) ? UInt16($0, radix: 16) : nil }
            return values.count == half.count && !half.contains { $0.hasPrefix("+") } ? values : nil
        }
        guard let first = read[0] else { return nil }
        guard halves.count == 2 else { return first.count == 8 ? bytes(first) : nil }
        guard let last = read[1], first.count + last.count < 8 else { return nil }
        return bytes(first + Array(repeating: 0, count: 8 - first.count - last.count) + last)
    }

    private static func bytes(_ groups: [UInt16]) -> [UInt8] {
        groups.flatMap { [UInt8($0 >> 8), UInt8($0 & 255)] }
    }

    var isLoopback: Bool {
        isVersion6
            ? prefix == 128 && bytes.dropLast().allSatisfy { $0 == 0 } && bytes.last == 1
            : prefix >= 8 && bytes[0] == 127
    }

    var isMulticast: Bool {
        isVersion6 ? prefix >= 8 && bytes[0] == 0xFF : prefix >= 4 && bytes[0] >> 4 == 0xE
    }

    func isInRange(of other: CedarAddress) -> Bool {
        guard isVersion6 == other.isVersion6, prefix >= other.prefix else { return false }
        let (whole, rest) = (other.prefix / 8, other.prefix % 8)
        guard bytes.prefix(whole) == other.bytes.prefix(whole) else { return false }
        return rest == 0 || bytes[whole] >> (8 - rest) == other.bytes[whole] >> (8 - rest)
    }
}
