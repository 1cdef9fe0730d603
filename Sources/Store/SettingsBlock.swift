import Yams

/// The names of the lines that a block may have.
protocol SettingsLine: RawRepresentable<String>, CaseIterable, Hashable, Sendable {
    /// What the block is called.
    static var block: String { get }
}

/// The lines of one block of `concordat.yaml`, with the environment's above them.
///
/// A line `idleMinutes` of the block `web` is overridden by `CONCORDAT_WEB_IDLE_MINUTES`.
struct SettingsBlock<Line: SettingsLine> {
    private let lines: [Line: String]

    var isEmpty: Bool { lines.isEmpty }

    /// - Parameter example: a line to write, for the remedy.
    /// - Throws: ``StoreError/Code/configuration`` for a block that is no mapping, or has a line that is not known.
    init(example: String, yaml: [UInt8], environment: [String: String]) throws {
        let key = Line.block
        var lines: [Line: String] = [:]
        let root = try? Yams.compose(yaml: String(decoding: yaml, as: UTF8.self))
        if let block = root?.mapping?[Node(key)] {
            guard let mapping = block.mapping else {
                throw StoreError(
                    .configuration, "'\(key)' in concordat.yaml: write lines such as '\(example)' below it.")
            }
            for (name, value) in mapping {
                guard let line = name.string.flatMap(Line.init(rawValue:)), let text = value.scalar?.string
                else {
                    throw StoreError(
                        .configuration,
                        "'\(key)' in concordat.yaml has a line that is not known: write some of "
                            + "\(Line.allCases.map(\.rawValue).joined(separator: ", ")).")
                }
                lines[line] = text
            }
        }
        for line in Line.allCases { lines[line] = environment[Self.variable(line)] ?? lines[line] }
        self.lines = lines
    }

    func has(_ line: Line) -> Bool { lines[line] != nil }

    func text(_ line: Line, _ otherwise: String = "") -> String { lines[line] ?? otherwise }

    func number(_ line: Line, _ otherwise: Int) throws(StoreError) -> Int {
        guard let text = lines[line] else { return otherwise }
        guard let number = Int(text) else { throw Self.fault(line, "write a whole number.") }
        return number
    }

    static func require(_ isFine: Bool, _ line: Line, _ remedy: String) throws(StoreError) {
        if !isFine { throw fault(line, remedy) }
    }

    static func fault(_ line: Line, _ remedy: String) -> StoreError {
        StoreError(
            .configuration,
            "'\(Line.block).\(line.rawValue)' in concordat.yaml (or \(variable(line))): \(remedy)")
    }

    /// `clientCA` of `sql` as `CONCORDAT_SQL_CLIENT_CA`.
    private static func variable(_ line: Line) -> String {
        var name = "CONCORDAT_\(Line.block.uppercased())_"
        var wasSmall = false
        for letter in line.rawValue {
            if letter.isUppercase, wasSmall { name += "_" }
            name += letter.uppercased()
            wasSmall = letter.isLowercase
        }
        return name
    }

    /// The block as `concordat init` writes it, under a comment of its own.
    /// - Parameter isThere: false where the block is left out: its lines are commented out.
    static func written(_ words: String, _ lines: [String], isThere: Bool) -> String {
        let mark = isThere ? "" : "# "
        return "\n# \(words)\n" + (["\(Line.block):"] + lines).map { mark + $0 }.joined(separator: "\n")
    }
}
