/// What a server says once an export is complete.
///
/// Source: Bulk Data Access IG 2.0.0, "Response - Complete Status"; `link` as of 3.0.0.
struct BulkManifest: Codable, Hashable, Sendable {
    struct Item: Codable, Hashable, Sendable {
        var type: String?
        var url: String
        /// Resources in the file, where the server counts them.
        var count: Int?

        private enum Key: String, CodingKey { case type, url, count }

        init(from decoder: any Decoder) throws {
            let values = try decoder.container(keyedBy: Key.self)
            url = try values.decode(String.self, forKey: .url)
            type = try? values.decode(String.self, forKey: .type)
            count = try? values.decode(Int.self, forKey: .count)
        }
    }

    struct Link: Codable, Hashable, Sendable {
        var relation: String
        var url: String
    }

    /// As of when the data are.
    var transactionTime: String
    /// Whether files are fetched with the access token.
    var requiresAccessToken: Bool
    var output: [Item]
    var deleted: [Item]
    var error: [Item]
    var link: [Link]

    private enum Key: String, CodingKey {
        case transactionTime, requiresAccessToken, output, deleted, error, link
    }

    /// `transactionTime` and `output` must be there. Where `requiresAccessToken` is not, it counts as true: that sends
    /// the token to no other origin than the server's.
    init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: Key.self)
        transactionTime = try values.decode(String.self, forKey: .transactionTime)
        requiresAccessToken = try values.decodeIfPresent(Bool.self, forKey: .requiresAccessToken) ?? true
        output = try values.decode([Item].self, forKey: .output)
        deleted = try values.decodeIfPresent([Item].self, forKey: .deleted) ?? []
        error = try values.decodeIfPresent([Item].self, forKey: .error) ?? []
        link = try values.decodeIfPresent([Link].self, forKey: .link) ?? []
    }

    /// Where the next part of the manifest lies, if it has several.
    var next: String? { link.first { $0.relation == "next" }?.url }
}

/// One file of an export.
struct BulkFile: Codable, Hashable, Sendable {
    enum Kind: String, Codable, Sendable {
        case output
        /// NDJSON of Bundles whose entries delete.
        case deleted
        /// NDJSON of OperationOutcome.
        case error
    }

    let kind: Kind
    /// As the manifest says; nil where it does not, or says what cannot be a type.
    let type: String?
    let url: String
    let needsToken: Bool
    let count: Int?
    /// In the export's folder. The same file of the next export has the same name: the quarantine knows a record that
    /// comes again by it.
    let name: String

    /// All files of a manifest's pages, in their order.
    static func all(_ pages: [BulkManifest]) -> [BulkFile] {
        var numbers: [String: Int] = [:]
        var files: [BulkFile] = []
        func add(_ items: [BulkManifest.Item], _ kind: Kind, _ page: BulkManifest) {
            for item in items {
                let type = item.type.flatMap { BulkSource.isType($0) ? $0 : nil }
                let stem = kind == .output ? type ?? "resources" : kind.rawValue
                numbers[stem, default: 0] += 1
                files.append(
                    BulkFile(
                        kind: kind, type: type, url: item.url, needsToken: page.requiresAccessToken,
                        count: item.count, name: "bulk-\(stem)-\(numbers[stem] ?? 1).ndjson"))
            }
        }
        for page in pages {
            add(page.output, .output, page)
            add(page.deleted, .deleted, page)
            add(page.error, .error, page)
        }
        return files
    }

    /// Whether both are one file, wherever it lies by now.
    func isSame(as other: BulkFile) -> Bool {
        (kind, type, count, name) == (other.kind, other.type, other.count, other.name)
    }

    /// For people.
    var words: String { "file \(name.dropFirst(5).dropLast(7)) of the export" }
}
