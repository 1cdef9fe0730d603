internal import ArgumentParser

extension CommandConfiguration {
    /// - Parameter examples: whole command lines; they stand last in the help and on the manual page.
    init(
        commandName: String, abstract: String, discussion: String = "", examples: [String]
    ) {
        let title = examples.count == 1 ? "Example:" : "Examples:"
        let lines = [title] + examples.map { "  " + CommandExamples.folded($0) }
        self.init(
            commandName: commandName, abstract: abstract,
            discussion: (discussion.isEmpty ? [] : [discussion, ""]).joined(separator: "\n")
                + lines.joined(separator: "\n"))
    }
}

/// Command lines as help shows them.
enum CommandExamples {
    /// Narrower than a terminal of 80 columns, with the indent of an example.
    private static let width = 74

    /// Breaks a line between words of the shell, so that it can still be pasted into one.
    static func folded(_ line: String) -> String {
        var lines: [String] = []
        for group in groups(line) {
            if let last = lines.last, last.count + group.count < width {
                lines[lines.count - 1] += " " + group
            } else {
                lines.append(group)
            }
        }
        return lines.joined(separator: " \\\n      ")
    }

    /// Words of the shell; an option stays with its value.
    private static func groups(_ line: String) -> [String] {
        var groups: [String] = []
        var isOption = false
        for word in line.matches(of: /(?:'[^']*'|[^ '])+/).map({ String($0.output) }) {
            if isOption, !word.hasPrefix("--") {
                groups[groups.count - 1] += " " + word
            } else {
                groups.append(word)
            }
            isOption = word.hasPrefix("--")
        }
        return groups
    }
}
