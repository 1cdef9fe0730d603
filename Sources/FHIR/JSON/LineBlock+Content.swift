extension LineBlock {
    /// The bytes of a line, copied.
    package func copy(_ line: Line) -> [UInt8] { Array(bytes(line)) }

    /// A 64-bit fingerprint of a line's bytes: tells a repeated record from a changed one.
    ///
    /// FNV-1a over words of eight bytes with a final mix (MurmurHash3's fmix64); the same on every machine.
    package func fingerprint(_ line: Line) -> Int64 {
        let text = UnsafeRawBufferPointer(bytes(line))
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325 ^ UInt64(text.count)
        var place = 0
        while place + 8 <= text.count {
            let word = UInt64(littleEndian: text.loadUnaligned(fromByteOffset: place, as: UInt64.self))
            hash = (hash ^ word) &* 0x9E37_79B9_7F4A_7C15
            hash ^= hash >> 32
            place += 8
        }
        while place < text.count {
            hash = (hash ^ UInt64(text[place])) &* 0x100_0000_01B3
            place += 1
        }
        hash = (hash ^ (hash >> 33)) &* 0xFF51_AFD7_ED55_8CCD
        hash = (hash ^ (hash >> 33)) &* 0xC4CE_B9FE_1A85_EC53
        return Int64(bitPattern: hash ^ (hash >> 33))
    }
}
