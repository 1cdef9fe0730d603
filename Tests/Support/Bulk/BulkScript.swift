/// What a `BulkServer` does, and how it fails.
package struct BulkScript: Sendable {
    /// Lines of NDJSON by resource type.
    package var resources: [String: [String]] = [:]
    /// Files of a type.
    package var filesPerType = 1
    /// Lines of NDJSON, a transaction Bundle each.
    package var deleted: [String] = []
    /// Lines of NDJSON, an OperationOutcome each.
    package var errors: [String] = []
    package var transactionTime = "2026-11-20T01:02:03.456Z"

    // MARK: Waiting

    /// How often the state is "not yet".
    package var polls = 1
    /// Given with "not yet": Retry-After, X-Progress.
    package var retryAfter: String?
    package var progress: [String] = []
    /// Parts of the manifest.
    package var pages = 1
    /// In the place of a manifest: what ended the export.
    package var failure: BulkReply?
    /// An export that is asked for by a token but not known any more.
    package var forgetsExports = false

    // MARK: Authorisation

    /// Whether there is any.
    package var isGuarded = true
    package var clientID = "concordat-test"
    /// What the client registered: a JSON Web Key Set.
    package var keySet = #"{"keys":[]}"#
    package var algorithms: [String]? = ["ES384", "RS384"]
    package var capabilities: [String] = ["client-confidential-asymmetric", "permission-v2"]
    /// How often a token is good.
    package var tokenUses = Int.max
    package var expiresIn = 300
    /// In the place of what was asked for.
    package var grantedScope: String?

    // MARK: Files

    package var requiresToken = true
    package var isCompressed = false
    /// Strong ETags and ranges.
    package var hasRanges = true
    /// Whether files change after each answer.
    package var changes = false
    /// Whether addresses of files differ each time that the manifest is read.
    package var signsAddresses = false
    /// Where the manifest says that files are; nil: here.
    package var fileOrigin: String?
    /// Whether files of exports that nobody asked for are given.
    package var servesAnyExport = false
    /// Path -> where each answer breaks off, in bytes.
    package var cuts: [String: [Int]] = [:]
    /// Path -> what is answered first.
    package var first: [String: [BulkReply]] = [:]
    /// Path -> kept waiting for ever after so many bytes.
    package var stalls: [String: Int] = [:]

    package init() {}
}

/// An answer of HTTP.
package struct BulkReply: Sendable {
    package var status: Int
    package var headers: [(String, String)]
    package var body: [UInt8]
    /// The connection breaks after so many bytes.
    package var cut: Int?
    /// Nothing more comes after so many bytes.
    package var stall: Int?

    package init(_ status: Int, _ headers: [(String, String)] = [], _ text: String = "") {
        (self.status, self.headers, body) = (status, headers, Array(text.utf8))
    }

    package static func json(_ text: String, status: Int = 200) -> BulkReply {
        BulkReply(status, [("content-type", "application/json")], text)
    }

    package static func outcome(_ status: Int, _ code: String, _ words: String) -> BulkReply {
        BulkReply(
            status, [("content-type", "application/fhir+json")],
            #"{"resourceType":"OperationOutcome","issue":[{"severity":"error","code":"\#(code)","diagnostics":"\#(words)"}]}"#
        )
    }
}

/// A request as it came.
package struct BulkRequest: Sendable {
    package var method: String
    /// Without the query.
    package var path: String
    package var query: [String: String]
    /// Lower-case names.
    package var headers: [String: String]
    package var body: String

    package var line: String { "\(method) \(path)" }
}
