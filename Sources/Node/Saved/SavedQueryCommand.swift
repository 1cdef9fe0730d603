/// Questions that are kept with the agreement and purpose that they are asked under.
package enum SavedQueryCommand: Codable, Sendable {
    /// Keeps a question under a name; one of that name keeps its place, and its last result until it is asked again.
    case add(name: String, Question, comment: String?)
    case list
    /// The question with its last result; nil arguments do not exist: a name that is not there fails.
    case show(name: String)
    /// Asks it now; what is released takes the place of the result before.
    /// - Parameter user: who asks; nil: whoever kept it.
    case run(name: String, user: String? = nil)
    /// The question and its result.
    case remove(name: String)

    /// Whether it only reads the node's state, or asks what each controller decides at its own door.
    var isReading: Bool {
        switch self {
        case .list, .show, .run: true
        case .add, .remove: false
        }
    }
}
