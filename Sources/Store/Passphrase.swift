import CSodium

/// The words or bytes that open the vault, and where they came from.
struct Passphrase {
    let bytes: [UInt8]
    let source: PassphraseSource

    static let variable = "CONCORDAT_PASSPHRASE"
    static let credential = "concordat-passphrase"

    /// The environment first, then systemd's credentials, then the home's unlock file.
    static func find(_ layout: HomeLayout, environment: [String: String]) throws -> Passphrase? {
        if let text = environment[variable], !text.isEmpty {
            return Passphrase(bytes: Array(text.utf8), source: .environment)
        }
        if let directory = environment["CREDENTIALS_DIRECTORY"],
            let content = try PrivateFile.read(directory + "/" + credential)
        {
            return try Passphrase(bytes: trimmed(content), source: .credential).checked()
        }
        guard let content = try PrivateFile.read(unlockPath(layout)) else { return nil }
        return try Passphrase(bytes: trimmed(content), source: .unlockFile).checked()
    }

    /// Writes 256 random bits, in hexadecimal, to the home's unlock file.
    static func generate(_ layout: HomeLayout) throws -> Passphrase {
        guard sodium_init() >= 0 else { throw StoreError(.cryptography, "libsodium could not start.") }
        var random = [UInt8](repeating: 0, count: 32)
        randombytes_buf(&random, random.count)
        let text = Hexadecimal.encode(random)
        try PrivateFile.write((text + "\n").utf8, to: unlockPath(layout))
        return Passphrase(bytes: Array(text.utf8), source: .unlockFile)
    }

    static func unlockPath(_ layout: HomeLayout) -> String { layout.keysDirectory + "/unlock" }

    private func checked() throws -> Passphrase {
        guard !bytes.isEmpty else {
            throw StoreError(.passphraseMissing, "the \(source.rawValue) holds an empty passphrase.")
        }
        return self
    }

    private static func trimmed(_ content: [UInt8]) -> [UInt8] {
        var content = content
        while let last = content.last, last == 0x0A || last == 0x0D { content.removeLast() }
        return content
    }
}

/// Where a vault's passphrase came from, for the operator to be told.
package enum PassphraseSource: String, Sendable {
    /// The variable `CONCORDAT_PASSPHRASE`.
    case environment = "variable CONCORDAT_PASSPHRASE"
    /// The systemd credential `concordat-passphrase`.
    case credential = "systemd credential concordat-passphrase"
    /// The file `keys/unlock` in the home: whoever can read the home can open the vault.
    case unlockFile = "file keys/unlock in the home"
}

/// Lower-case hexadecimal.
enum Hexadecimal {
    static func encode(_ bytes: some Sequence<UInt8>) -> String {
        let digits = Array("0123456789abcdef".utf8)
        var text: [UInt8] = []
        for byte in bytes {
            text.append(digits[Int(byte >> 4)])
            text.append(digits[Int(byte & 15)])
        }
        return String(decoding: text, as: UTF8.self)
    }

    static func decode(_ text: String) -> [UInt8]? {
        let digits = text.utf8.map { Character(UnicodeScalar($0)).hexDigitValue }
        guard digits.count.isMultiple(of: 2) else { return nil }
        var bytes: [UInt8] = []
        for position in stride(from: 0, to: digits.count, by: 2) {
            guard let high = digits[position], let low = digits[position + 1] else { return nil }
            bytes.append(UInt8(high << 4 | low))
        }
        return bytes
    }
}
