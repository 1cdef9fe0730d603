import Store

/// The tile files of a log, on plain files below its directory.
struct TileStore: Sendable {
    let directory: String

    func path(_ tile: Tile) -> String { directory + "/" + tile.path }

    /// - Returns: nil when the file is missing; any number of whole hashes otherwise.
    func read(_ tile: Tile) throws -> [TreeHash]? {
        guard let bytes = try PrivateFile.read(path(tile)) else { return nil }
        return stride(from: 0, to: bytes.count, by: TreeHash.size).compactMap { start in
            TreeHash(bytes[start..<min(start + TreeHash.size, bytes.count)])
        }
    }

    /// Not durable by itself: every tile can be made again from the records.
    func write(_ tile: Tile, _ hashes: [TreeHash], isDurable: Bool) throws {
        let path = path(tile)
        if let slash = path.lastIndex(of: "/") {
            try PrivateFile.makeDirectories(String(path[..<slash]))
        }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(hashes.count * TreeHash.size)
        for hash in hashes { hash.withBytes { bytes.append(contentsOf: $0) } }
        try PrivateFile.write(bytes, to: path, isDurable: isDurable)
    }

    /// Makes written tiles durable: the files, and every directory between them and the log's own, in which
    /// they are named.
    func sync(_ written: [Tile]) throws {
        var directories: Set<String> = [directory]
        for tile in written {
            var path = path(tile)
            try PrivateFile.sync(path)
            while let slash = path.lastIndex(of: "/"), slash > path.startIndex {
                path = String(path[..<slash])
                if !directories.insert(path).inserted { break }
            }
        }
        for path in directories { try PrivateFile.sync(path) }
    }
}
