internal import Exchange
internal import Foundation
internal import Store

/// Why a publication is marked as stale: questions are answered from it all the same, and the mark goes with the answer.
struct Staleness: Sendable {
    /// How long after its time a publication may be late before it counts as missed, in milliseconds.
    static let grace: Int64 = 3_600_000

    let loads: [LoadJournal.Load]
    let cadence: PublicationCadence?

    init(context: NodeContext) throws {
        loads = try context.loads.latest()
        cadence = PublicationCadence(context.configuration.publishEvery)
    }

    /// The sources whose last load did not come to its end.
    var incomplete: [LoadJournal.Load] { loads.filter { $0.outcome == .failed || $0.outcome == .brokenOff } }

    var isLoading: Bool { loads.contains { $0.outcome == nil } }

    /// When the next publication is due, in milliseconds since 1970, UTC; nil where no cadence is set.
    func next(after publication: Publication?) -> Int64? {
        guard let cadence, let publication else { return nil }
        return cadence.next(after: publication.publishedAt)
    }

    /// What goes onto the wire: kinds only, nothing of what is loaded here.
    func marks(_ publication: Publication, at now: Int64) -> [Evidence.Snapshot.Mark] {
        (incomplete.isEmpty ? [] : [.loadFailed]) + (isOverdue(publication, at: now) ? [.overdue] : [])
    }

    private func isOverdue(_ publication: Publication, at now: Int64) -> Bool {
        cadence.map { now > $0.next(after: publication.publishedAt) + Self.grace } ?? false
    }

    /// The same for the controller's own eyes.
    func words(_ publication: Publication, at now: Int64) -> [String] {
        incomplete.map { load in
            let how = load.outcome == .failed ? "failed" : "was broken off"
            return "the last load (\(load.source)) of \(Clock.text(load.startedAt)) \(how): "
                + "publication \(publication.id) is answered from and marked stale"
        }
            + (isOverdue(publication, at: now)
                ? ["publication \(publication.id) is older than 'publishEvery' allows, and marked stale"]
                : [])
    }
}

extension Evidence.Snapshot.Mark {
    /// For a receipt.
    var words: String {
        switch self {
        case .loadFailed: "the last load at the site did not come to its end"
        case .overdue: "the site's next publication is overdue"
        }
    }
}

extension Publication {
    /// What is told of it, with what marks it as stale.
    func note(at now: Int64, _ staleness: Staleness) -> SnapshotNote {
        var note = note(at: now)
        note.stale = staleness.marks(self, at: now).map(\.words)
        return note
    }
}
