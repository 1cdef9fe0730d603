internal import Foundation

/// Colours, on a terminal that shows them and nowhere else.
enum Paint {
    /// `NO_COLOR` set to anything turns them off (no-color.org).
    private static let isOn =
        isatty(STDOUT_FILENO) == 1 && ProcessInfo.processInfo.environment["NO_COLOR"] == nil

    static func bad(_ text: String) -> String { wrap(text, "31;1") }
    static func caution(_ text: String) -> String { wrap(text, "33;1") }
    static func good(_ text: String) -> String { wrap(text, "32;1") }
    static func strong(_ text: String) -> String { wrap(text, "1") }
    static func faint(_ text: String) -> String { wrap(text, "2") }

    private static func wrap(_ text: String, _ code: String) -> String {
        isOn ? "\u{1B}[\(code)m\(text)\u{1B}[0m" : text
    }
}
