/// A perturbation table of the cell-key method: what is added to a count, by the count and its cell key.
///
/// As the Office for National Statistics publishes them (`cell-key-perturbation` 3.1, columns `pcv`, `ckey`, `pvalue`): rows 1 to
/// 750; counts above 750 use the rows 501 to 750 again and again.
package struct PerturbationTable: Codable, Sendable, Hashable, CustomStringConvertible {
    package static let rows = 750
    package static let keys = 256

    package let name: String
    /// `values[(pcv - 1) * 256 + key]`.
    private let values: [Int8]

    /// - Parameter value: of a count from 1 to 750 and a key from 0 to 255.
    package init(name: String, value: (_ count: Int, _ key: Int) -> Int8) {
        self.name = name
        values = (0..<Self.rows * Self.keys).map { value($0 / Self.keys + 1, $0 % Self.keys) }
    }

    /// The table that is published with the package, `ptable_10_5_rule.csv`: counts below 10 become 0, all others the
    /// nearest multiple of 5, whatever the key.
    package static let tenFive = PerturbationTable(name: "10-5") { count, _ in
        Int8(count < 10 ? -count : (count + 2) / 5 * 5 - count)
    }

    /// What is added to a count; nothing to 0.
    package func value(of count: Int64, key: Int) -> Int64 {
        guard count > 0 else { return 0 }
        let row = count <= 750 ? count : (count - 1) % 250 + 501
        return Int64(values[(Int(row) - 1) * Self.keys + (key & 255)])
    }

    /// Its name with a check sum of its values (FNV-1a, 64 bits): the same for the same table only.
    package var description: String {
        let sum = values.reduce(0xcbf2_9ce4_8422_2325 as UInt64) {
            ($0 ^ UInt64(UInt8(bitPattern: $1))) &* 0x100_0000_01b3
        }
        return "\(name) \(String(sum, radix: 16))"
    }

    /// The most that it moves a count of so many or more.
    package func spread(from count: Int) -> Int {
        let rows = max(0, min(count, 501) - 1)
        return values[(rows * Self.keys)...].reduce(0) { max($0, abs(Int($1))) }
    }
}
