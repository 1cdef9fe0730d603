/// The growing right edge of the tree: what is needed to add leaves and to know the root.
///
/// It holds fewer than 256 hashes a level, however long the log; a tile that fills up is handed out.
struct TreeBuilder {
    private(set) var size = 0
    /// Per tile level, the hashes of its last, partial tile.
    private(set) var edges: [[TreeHash]] = []

    /// Adds a leaf.
    ///
    /// - Parameter tileFilled: called with every tile that this leaf completes, lowest level first.
    mutating func append(
        _ leaf: TreeHash, tileFilled: (Tile, [TreeHash]) throws -> Void
    ) rethrows {
        var (level, hash, count) = (0, leaf, size)
        size += 1
        while true {
            if level == edges.count { edges.append([]) }
            edges[level].append(hash)
            guard edges[level].count == Tile.fullWidth else { return }
            let hashes = edges[level]
            edges[level] = []
            let tile = Tile(level: level, index: count / Tile.fullWidth, width: Tile.fullWidth)
            try tileFilled(tile, hashes)
            (level, hash, count) = (level + 1, TreeHash.root(ofPerfect: hashes[...]), count / Tile.fullWidth)
        }
    }

    /// The tree head (RFC 6962, 2.1): the edges' perfect subtrees folded from the right, smallest first.
    var root: TreeHash {
        var root: TreeHash?
        for edge in edges {
            var end = edge.count
            while end > 0 {
                let width = end & -end
                let subtree = TreeHash.root(ofPerfect: edge[end - width..<end])
                root = root.map { TreeHash.node(subtree, $0) } ?? subtree
                end -= width
            }
        }
        return root ?? .empty
    }
}
