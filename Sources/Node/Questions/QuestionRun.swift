internal import Core

/// A question that was put over HTTP, as it stands.
package struct QuestionRun: Sendable {
    package enum State: String, Sendable, Codable {
        case running
        case done
        case failed
        case cancelled
    }

    /// Something that whoever follows it is told.
    package enum Event: Sendable {
        case asked([String])
        case site(SiteReceipt)
        /// The last one.
        case ended(State)
    }

    package let id: String
    package let question: Question
    /// Milliseconds since 1970, UTC.
    package let beganAt: Int64
    package internal(set) var endedAt: Int64?
    package internal(set) var state = State.running
    /// Sites that were asked; empty while it is planned, and where nobody is asked.
    package internal(set) var asked: [String] = []
    package internal(set) var sites: [SiteReceipt] = []
    package internal(set) var answer: Answer?
    /// Where it failed.
    package internal(set) var fault: QuestionFault?
}
