/// Bytes of JSON under construction: appends without making strings.
struct ByteText: Sendable {
    var bytes: [UInt8] = []

    mutating func add(_ text: StaticString) {
        text.withUTF8Buffer { bytes.append(contentsOf: $0) }
    }

    mutating func add(_ text: String) { bytes.append(contentsOf: text.utf8) }

    mutating func add(_ number: Int) {
        if number < 0 {
            bytes.append(0x2D)
            return add(-number)
        }
        if number >= 10 { add(number / 10) }
        bytes.append(UInt8(0x30 + number % 10))
    }

    /// A number with `places` decimals, given in units of the last place.
    mutating func add(units: Int, places: Int) {
        var scale = 1
        for _ in 0..<places { scale *= 10 }
        add(units / scale)
        guard places > 0 else { return }
        bytes.append(0x2E)
        var rest = units % scale
        scale /= 10
        while scale > 0 {
            bytes.append(UInt8(0x30 + rest / scale))
            rest %= scale
            scale /= 10
        }
    }

    mutating func add(twoDigits number: Int) {
        bytes.append(UInt8(0x30 + number / 10))
        bytes.append(UInt8(0x30 + number % 10))
    }
}
