/// What a controller holds about one person and did with it: what UK GDPR Article 15 lets a person ask for.
///
/// As JSON it is this value; `PersonLetter` says it in words.
struct PersonReport: Encodable, Sendable {
    struct Organisation: Encodable, Hashable, Sendable {
        let code: String
        let name: String
    }

    /// Records of one kind.
    struct Holding: Encodable, Sendable {
        let dataset: String
        let records: Int
        /// `YYYY-MM-DD`, of the dataset's first column of time; nil where it has none, or no record says when.
        let earliest: String?
        let latest: String?
        /// Which organisations the records came from.
        let sources: [Organisation]
    }

    struct ObjectionNote: Encodable, Sendable {
        let id: Int64
        /// In words.
        let about: String
        let decision: String
        let reason: String
        let recordedOn: String
        let withdrawnOn: String?
    }

    struct OptOutNote: Encodable, Sendable {
        let scheme: String
        /// nil where the controller holds no list: then nothing is known.
        let listedOn: String?
        /// Whether the person is on the list of those who may be counted.
        let mayBeCounted: Bool?
    }

    /// An agreement under which the person's data may be used now.
    struct Use: Encodable, Sendable {
        let agreement: String
        let title: String
        let purpose: String
        let requester: Organisation
        let linker: Organisation?
        let lawfulBasis: [String]
        let until: String
        /// Whether an upheld objection takes the person out of it.
        let isObjectedTo: Bool
    }

    /// A release in which the person was counted.
    struct Release: Encodable, Sendable {
        let on: String
        let requester: Organisation
        let agreement: String
        let purpose: String
        /// What was asked, in words that say nothing of anybody.
        let question: String
        /// False where a code list has changed since, or the records were held under another number then.
        let isCertain: Bool
    }

    /// Records as they are held: one table a dataset.
    struct Records: Encodable, Sendable {
        let dataset: String
        let columns: [String]
        let rows: [[String]]
    }

    let madeOn: String
    let controller: Organisation
    let contact: String
    let retention: String
    let isSynthetic: Bool
    let nhsNumber: String
    /// How the controller's own systems call the person.
    let localIdentifiers: [String]
    let holdings: [Holding]
    /// The day of the copy that questions are answered from, if the person is in it.
    let inPublicationOf: String?
    /// Records that were set aside at ingest and name this person.
    let setAside: Int
    let objections: [ObjectionNote]
    let optOuts: [OptOutNote]
    let uses: [Use]
    let releases: [Release]
    /// Releases of which it cannot be told whether the person was counted.
    let releasesNotKnown: Int
    /// In days.
    let releasesKeptFor: Int
    /// Only where they were asked for.
    let records: [Records]?
}
