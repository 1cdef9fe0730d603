import Yams

/// The lines of one block of `concordat.yaml`, with the environment's above them.
///
/// A line `idleMinutes` of the block `web` is overridden by `CONCORDAT_WEB_IDLE_MINUTES`.
struct SettingsBlock {
    let key: String
    private let lines: [String: String]

    var isEmpty: Bool { lines.isEmpty }

    /// - Parameters:
    ///   - known: names of lines that the block may have.
    ///   - example: a line to write, for the remedy.
    /// - Throws: ``StoreError/Code/configuration`` for a block that is no mapping, or has a line that is not known.
    init(
        _ key: String, known: [String], example: String, yaml: [UInt8], environment: [String: String]
    ) throws {
        self.key = key
        var lines: [String: String] = [:]
        let root = try? Yams.compose(yaml: String(decoding: yaml, as: UTF8.self))
        if let block = root?.mapping?[Node(key)] {
            guard let mapping = block.mapping else {
                throw StoreError(
                    .configuration, "'\(key)' in concordat.yaml: write lines such as '\(example)' below it.")
            }
            for (name, value) in mapping {
                guard let name = name.string, known.contains(name), let text = value.scalar?.string else {
                    throw StoreError(
                        .configuration,
                        "'\(key)' in concordat.yaml has a line that is not known: write some of "
                            + "\(known.joined(separator: ", ")).")
                }
                lines[name] = text
            }
        }
        for name in known { lines[name] = environment[Self.variable(key, name)] ?? lines[name] }
        self.lines = lines
    }

    func text(_ line: String) -> String? { lines[line] }

    func number(_ line: String) throws(StoreError) -> Int? {
        guard let text = lines[line] else { return nil }
        guard let number = Int(text) else { throw fault(line, "write a whole number.") }
        return number
    }

    func fault(_ line: String, _ remedy: String) -> StoreError { Self.fault(key, line, remedy) }

    static func fault(_ key: String, _ line: String, _ remedy: String) -> StoreError {
        StoreError(
            .configuration,
            "'\(key).\(line)' in concordat.yaml (or \(variable(key, line))): \(remedy)")
    }

    /// `clientCA` of `sql` as `CONCORDAT_SQL_CLIENT_CA`.
    static func variable(_ key: String, _ line: String) -> String {
        var name = "CONCORDAT_\(key.uppercased())_"
        var wasSmall = false
        for letter in line {
            if letter.isUppercase, wasSmall { name += "_" }
            name += letter.uppercased()
            wasSmall = letter.isLowercase
        }
        return name
    }
}
