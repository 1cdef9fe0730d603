internal import Foundation

/// A progress line on standard error: silent when that is not a terminal.
final class ProgressBar {
    private let label: String
    private let started = ContinuousClock.now
    private var lastDrawn: ContinuousClock.Instant?
    private let isTerminal = isatty(STDERR_FILENO) == 1

    init(_ label: String) { self.label = label }

    /// Draws at most ten times a second.
    /// - Parameters:
    ///   - total: 0 where it is not known.
    ///   - unit: what is counted (``ProgressWords``), or other words to show.
    func update(_ done: Int, of total: Int, unit: String = "") {
        guard isTerminal else { return }
        let now = ContinuousClock.now
        if let lastDrawn, now - lastDrawn < .milliseconds(100), total == 0 || done < total { return }
        lastDrawn = now
        let seconds = (now - started) / .seconds(1)
        let text = ProgressWords.line(label, done, of: total, unit: unit, seconds: seconds)
        draw(String(text.prefix(max(20, (Terminal.width(of: STDERR_FILENO) ?? 80) - 1))))
    }

    /// Clears the line.
    func finish() { if isTerminal { draw("") } }

    private func draw(_ text: String) {
        FileHandle.standardError.write(Data("\r\u{1B}[K\(text)".utf8))
    }
}

/// What a progress line says: how far it is, how fast, how long it will take.
enum ProgressWords {
    /// Units of which there are so many that their rate means something.
    private static let counted: Set = ["bytes", "rows"]
    private static let width = 24

    static func line(_ label: String, _ done: Int, of total: Int, unit: String, seconds: Double) -> String {
        var words = [label]
        if total > 0 {
            let share = min(1, Double(done) / Double(total))
            let filled = Int(share * Double(width))
            words.append(
                "[" + String(repeating: "#", count: filled) + String(repeating: ".", count: width - filled)
                    + "]")
            words.append("\(Int(share * 100)) %")
            if counted.contains(unit) { words.append(amount(Double(done), unit)) }
            if let rate = rate(done, unit, seconds) { words.append(rate) }
            if !counted.contains(unit), !unit.isEmpty { words.append(unit) }
            if share > 0.02, share < 1, seconds > 1 {
                words.append("\(time(seconds / share - seconds)) left")
            }
        } else {
            words.append(counted.contains(unit) ? amount(Double(done), unit) : unit)
            if let rate = rate(done, unit, seconds) { words.append(rate) }
        }
        return words.filter { !$0.isEmpty }.joined(separator: " ")
    }

    private static func rate(_ done: Int, _ unit: String, _ seconds: Double) -> String? {
        guard counted.contains(unit), seconds > 1 else { return nil }
        return amount(Double(done) / seconds, unit) + "/s"
    }

    private static func amount(_ number: Double, _ unit: String) -> String {
        guard unit == "bytes" else { return "\(Int(number)) \(unit)" }
        let powers: [(Double, String)] = [(1e9, "GB"), (1e6, "MB"), (1e3, "kB")]
        guard let (size, name) = powers.first(where: { number >= $0.0 }) else { return "\(Int(number)) B" }
        return String(format: number < size * 10 ? "%.1f %@" : "%.0f %@", number / size, name)
    }

    private static func time(_ seconds: Double) -> String {
        let whole = Int(seconds.rounded(.up))
        switch whole {
        case ..<60: return "\(whole) s"
        case ..<3_600: return "\(whole / 60) min \(whole % 60) s"
        default: return "\(whole / 3_600) h \(whole % 3_600 / 60) min"
        }
    }
}
