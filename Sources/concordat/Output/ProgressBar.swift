internal import Foundation

/// A progress line on standard error: silent when that is not a terminal.
final class ProgressBar {
    private let label: String
    private let started = ContinuousClock.now
    private var lastDrawn: ContinuousClock.Instant?
    private let isTerminal = isatty(STDERR_FILENO) == 1

    init(_ label: String) { self.label = label }

    /// Draws at most ten times a second.
    func update(_ done: Int, of total: Int, unit: String = "") {
        guard isTerminal, total > 0 else { return }
        let now = ContinuousClock.now
        if let lastDrawn, now - lastDrawn < .milliseconds(100), done < total { return }
        lastDrawn = now
        let share = min(1, Double(done) / Double(total))
        let filled = Int(share * 30)
        let bar = String(repeating: "#", count: filled) + String(repeating: ".", count: 30 - filled)
        let seconds = Double((now - started).components.seconds)
        let left = share > 0.02 && seconds > 1 ? " \(Int(seconds / share - seconds)) s left" : ""
        draw("\(label) [\(bar)] \(Int(share * 100)) %\(unit.isEmpty ? "" : " \(unit)")\(left)")
    }

    /// Clears the line.
    func finish() { if isTerminal { draw("") } }

    private func draw(_ text: String) {
        FileHandle.standardError.write(Data("\r\u{1B}[K\(text)".utf8))
    }
}
