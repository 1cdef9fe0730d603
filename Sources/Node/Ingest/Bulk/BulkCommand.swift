/// What a person at a controller asks for of Bulk Data servers.
package enum BulkCommand: Codable, Sendable {
    case ingest(BulkIngestCommand)
    /// Withdraws the export that this command is at or would carry on.
    case withdraw(BulkIngestCommand)
    /// Makes a key (`ES384` or `RS384`) and gives the public ones as a JSON Web Key Set.
    case newKey(algorithm: String)
    /// Takes a key over from a PEM file.
    case importKey(path: String)
    case removeKey(id: String)
    case listKeys
    /// The public keys as a JSON Web Key Set.
    case showKeys
    /// Exports, the oldest first.
    case list
    /// Withdraws an export that is under way.
    case cancel(id: Int64)
}

/// One export that is asked for, or carried on.
package struct BulkIngestCommand: Codable, Sendable {
    package var base: String
    package var level: BulkSource.Level
    /// nil: those that the node's datasets take; empty: all that the server gives.
    package var types: [String]?
    package var since: String?
    /// Everything, whatever was taken before.
    package var isFull: Bool
    /// nil: a server that wants no token.
    package var clientID: String?
    package var tokenURL: String?
    package var scope: String?
    package var key: String?
    /// Origins that get the token besides the server's own.
    package var allowed: [String]
    /// A PEM file of certificates that are trusted besides the machine's.
    package var authorities: String?
    package var proxy: String?
    package var patienceHours: Int

    package init(
        base: String, level: BulkSource.Level = .system, types: [String]? = nil, since: String? = nil,
        isFull: Bool = false, clientID: String? = nil, tokenURL: String? = nil, scope: String? = nil,
        key: String? = nil, allowed: [String] = [], authorities: String? = nil, proxy: String? = nil,
        patienceHours: Int = 12
    ) {
        (self.base, self.level, self.types, self.since, self.isFull) = (base, level, types, since, isFull)
        (self.clientID, self.tokenURL, self.scope, self.key) = (clientID, tokenURL, scope, key)
        (self.allowed, self.authorities, self.proxy) = (allowed, authorities, proxy)
        self.patienceHours = patienceHours
    }

    var client: BulkClient? {
        clientID.map { BulkClient(id: $0, tokenURL: tokenURL, scope: scope, key: key) }
    }
    var settings: BulkConnection.Settings { .init(authorities: authorities, proxy: proxy) }
}
