import Foundation

/// A page of `Docs/guides`, as its reader would work through it: what it has people type, and what it says they see.
struct Guide {
    /// A fenced block of commands with the block of output after it.
    struct Step {
        let line: Int
        let commands: String
        /// Whether the page says that the commands are refused.
        let isRefused: Bool
        var expected: [String] = []
    }

    let steps: [Step]

    init(markdown: String) {
        var steps: [Step] = []
        var fence: (kind: Substring, line: Int, text: [String])?
        for (number, line) in markdown.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            if let open = fence {
                guard line == "```" else {
                    fence?.text.append(String(line))
                    continue
                }
                switch open.kind {
                case "sh", "sh refused":
                    steps.append(
                        Step(
                            line: open.line, commands: open.text.joined(separator: "\n"),
                            isRefused: open.kind == "sh refused"))
                case "text": steps[steps.count - 1].expected = open.text
                default: break
                }
                fence = nil
            } else if line.hasPrefix("```") {
                fence = (line.dropFirst(3), number + 1, [])
            }
        }
        self.steps = steps
    }

    /// One script of the shell that runs every step in turn, with what each printed in a file of its own, and stops at
    /// the first that does not do what the page says.
    var script: String {
        let bodies = steps.enumerated().map { place, step in
            let run = "{\n\(step.commands)\n} > step-\(place).out 2>&1"
            guard step.isRefused else { return "step=\(place)\n\(run)" }
            return "step=\(place)\nif \(run)\nthen echo 'line \(step.line): not refused' >&2; exit 1; fi"
        }
        return """
            set -eo pipefail
            trap 'ended=$?; kill $(jobs -p) 2> /dev/null || true
                  [ ! -d demo ] || concordat demo --stop --home demo > /dev/null 2>&1 || true
                  [ $ended = 0 ] || { echo "step $step:" >&2; cat step-$step.out >&2; exit $ended; }' EXIT
            \(bodies.joined(separator: "\n"))
            """
    }

    /// Whether a line of output is the one that the page shows: numbers may differ, "…" stands for anything, and so much
    /// white space for as much.
    static func shows(_ output: String, _ expected: String) -> Bool {
        var pattern = ""
        for part in expected.matches(of: /…|[0-9][0-9.,:]*|\s+|[^…0-9\s]+/) {
            switch part.output {
            case "…": pattern += ".*"
            case let words where words.allSatisfy(\.isWhitespace): pattern += "[\\s|]*"
            case let number where number.first?.isNumber == true: pattern += "[0-9][0-9.,:]*"
            case let words: pattern += NSRegularExpression.escapedPattern(for: String(words))
            }
        }
        return output.range(of: pattern, options: .regularExpression) != nil
    }

    /// Lines that the page shows of a step and that did not come, in this order.
    static func missing(_ expected: [String], in output: String) -> [String] {
        var lines = output.split(separator: "\n").map(String.init)[...]
        return expected.filter { wanted in
            guard !wanted.allSatisfy(\.isWhitespace) else { return false }
            guard let found = lines.firstIndex(where: { shows($0, wanted) }) else { return true }
            lines = lines[(found + 1)...]
            return false
        }
    }
}
