internal import CSodium

/// Turns NHS numbers into pseudonyms of 128 bits: keyed BLAKE2b (RFC 7693) of the ten ASCII digits.
package struct Pseudonymiser: Sendable {
    package static let byteCount = 16
    private static let digits = 10
    private let key: [UInt8]

    init(key: [UInt8]) {
        Sodium.initialise()
        self.key = key
    }

    /// Pseudonyms of numbers held as integers, written one after the other: no allocation a person.
    /// - Precondition: every number has at most ten digits.
    package func pseudonyms(ofNumbers numbers: some Collection<Int64>) -> [UInt8] {
        write(numbers) { number, digits in
            precondition((0..<10_000_000_000).contains(number), "not an NHS number")
            var rest = UInt64(number)
            for index in stride(from: Self.digits - 1, through: 0, by: -1) {
                digits[index] = UInt8(0x30 + rest % 10)
                rest /= 10
            }
        }
    }

    /// Pseudonyms of numbers held as text of ten digits, written one after the other.
    /// - Precondition: every text has ten bytes.
    package func pseudonyms(ofTexts texts: some Collection<String>) -> [UInt8] {
        write(texts) { text, digits in
            precondition(text.utf8.count == Self.digits, "not an NHS number")
            for (index, byte) in text.utf8.enumerated() { digits[index] = byte }
        }
    }

    private func write<T>(
        _ people: some Collection<T>, _ format: (T, UnsafeMutableBufferPointer<UInt8>) -> Void
    ) -> [UInt8] {
        let total = people.count * Self.byteCount
        return [UInt8](unsafeUninitializedCapacity: total) { output, count in
            withUnsafeTemporaryAllocation(of: UInt8.self, capacity: Self.digits) { digits in
                for person in people {
                    format(person, digits)
                    _ = crypto_generichash(
                        output.baseAddress! + count, Self.byteCount, digits.baseAddress!,
                        UInt64(Self.digits), key, key.count)
                    count += Self.byteCount
                }
            }
        }
    }
}

/// libsodium, made ready once.
enum Sodium {
    private static let ready = sodium_init() >= 0

    static func initialise() { precondition(ready, "libsodium does not initialise") }

    /// Keyed BLAKE2b of `message`, 16 bytes.
    static func keyedHash(_ message: [UInt8], key: [UInt8]) -> [UInt8] {
        initialise()
        return [UInt8](unsafeUninitializedCapacity: 16) { output, count in
            _ = crypto_generichash(
                output.baseAddress!, 16, message, UInt64(message.count), key, key.count)
            count = 16
        }
    }
}
