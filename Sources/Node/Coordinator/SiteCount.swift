internal import Synchronization

/// How many of the sites that were asked have answered, as a command's progress.
final class SiteCount: Sendable {
    private let progress: ProgressSink
    private let counts = Mutex((asked: 0, heard: 0))

    init(_ progress: @escaping ProgressSink) { self.progress = progress }

    func take(_ step: QuestionProgress) {
        let now = counts.withLock { counts in
            switch step {
            case .asked(let sites): counts.asked = sites.count
            case .heard: counts.heard += 1
            }
            return counts
        }
        progress("asking", now.heard, now.asked, "of \(now.asked) sites")
    }
}
