/// An IPv4 or IPv6 address or range (CIDR).
package struct CedarAddress: Hashable, Sendable {
    package let isVersion6: Bool
    /// The address in its upper or only 32 or 128 bits.
    let bits: UInt128
    let prefix: Int

    /// How many bits an address has.
    var width: Int { isVersion6 ? 128 : 32 }

    /// Reads `10.0.0.0/8`, `::1`, `2001:db8::/32`; no leading zeros, no IPv4 inside IPv6, as Cedar has it.
    package init?(_ text: String) {
        let bytes = Array(text.utf8)
        let slash = bytes.firstIndex(of: UInt8(ascii: "/"))
        let address = bytes[..<(slash ?? bytes.count)]
        isVersion6 = address.contains(UInt8(ascii: ":"))
        guard let bits = isVersion6 ? Self.version6(address) : Self.version4(address) else { return nil }
        self.bits = bits
        let width = isVersion6 ? 128 : 32
        guard let slash else {
            prefix = width
            return
        }
        guard let length = Self.number(bytes[(slash + 1)...]), length <= width else { return nil }
        prefix = length
    }

    /// A number of up to three digits without leading zeros.
    private static func number(_ text: ArraySlice<UInt8>) -> Int? {
        guard (1...3).contains(text.count), text.count == 1 || text.first != UInt8(ascii: "0"),
            text.allSatisfy(CedarLexer.isDigit)
        else { return nil }
        return text.reduce(0) { $0 * 10 + Int($1 - UInt8(ascii: "0")) }
    }

    private static func version4(_ text: ArraySlice<UInt8>) -> UInt128? {
        let parts = text.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        let bytes = parts.compactMap { number($0).flatMap(UInt8.init(exactly:)) }
        guard parts.count == 4, bytes.count == 4 else { return nil }
        return bytes.reduce(0) { $0 << 8 | UInt128($1) }
    }

    private static func version6(_ text: ArraySlice<UInt8>) -> UInt128? {
        let colon = UInt8(ascii: ":")
        guard
            let gap = text.indices.first(where: {
                $0 + 1 < text.endIndex && text[$0] == colon && text[$0 + 1] == colon
            })
        else {
            guard let all = groups(text), all.count == 8 else { return nil }
            return all.reduce(0) { $0 << 16 | UInt128($1) }
        }
        guard let first = groups(text[..<gap]), let last = groups(text[(gap + 2)...]),
            first.count + last.count < 8
        else { return nil }
        let zeros = Array(repeating: UInt16(0), count: 8 - first.count - last.count)
        return (first + zeros + last).reduce(0) { $0 << 16 | UInt128($1) }
    }

    private static func groups(_ text: ArraySlice<UInt8>) -> [UInt16]? {
        if text.isEmpty { return [] }
        var groups: [UInt16] = []
        for part in text.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false) {
            guard (1...4).contains(part.count) else { return nil }
            var value: UInt16 = 0
            for byte in part {
                guard let nibble = Character(Unicode.Scalar(byte)).hexDigitValue else { return nil }
                value = value << 4 | UInt16(nibble)
            }
            groups.append(value)
        }
        return groups
    }

    var isLoopback: Bool { isVersion6 ? prefix == 128 && bits == 1 : prefix >= 8 && bits >> 24 == 127 }

    var isMulticast: Bool {
        isVersion6 ? prefix >= 8 && bits >> 120 == 0xFF : prefix >= 4 && bits >> 28 == 0xE
    }

    func isInRange(of other: CedarAddress) -> Bool {
        guard isVersion6 == other.isVersion6, prefix >= other.prefix else { return false }
        let rest = width - other.prefix
        return rest >= 128 || bits >> UInt128(rest) == other.bits >> UInt128(rest)
    }
}
