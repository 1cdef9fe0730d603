/// Settings that a client sends when it connects: by name, and in `options` as for a server's command line
/// (`-c name=value`, `--name=value`; a backslash keeps the next character).
struct StartupOptions {
    /// In the order in which they count.
    let settings: [(name: String, value: String)]

    init(_ startup: [String: String]) {
        var found: [(name: String, value: String)] = []
        for (name, value) in startup.sorted(by: { $0.key < $1.key }) where name != "options" {
            found.append((name.lowercased(), value))
        }
        var words = Self.words(startup["options"] ?? "")[...]
        while let word = words.popFirst() {
            var setting = word[...]
            if word == "-c" {
                guard let next = words.popFirst() else { break }
                setting = next[...]
            } else if word.hasPrefix("--") || word.hasPrefix("-c") {
                setting = word.dropFirst(2)
            } else {
                continue
            }
            guard let mark = setting.firstIndex(of: "=") else { continue }
            let name = setting[..<mark].lowercased().replacing("-", with: "_")
            found.append((name, String(setting[setting.index(after: mark)...])))
        }
        settings = found
    }

    private static func words(_ text: String) -> [String] {
        var words: [String] = []
        var word = ""
        var isEscaped = false
        for character in text {
            if isEscaped {
                word.append(character)
                isEscaped = false
            } else if character == "\\" {
                isEscaped = true
            } else if character.isWhitespace {
                if !word.isEmpty { words.append(word) }
                word = ""
            } else {
                word.append(character)
            }
        }
        if !word.isEmpty { words.append(word) }
        return words
    }
}
