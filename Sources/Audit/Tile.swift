/// The coordinates of a hash tile of height 8 (C2SP tlog-tiles, "Merkle Tree").
///
/// The tile at level L and index N holds the roots of up to 256 perfect subtrees of 256^L leaves each; fewer
/// than 256 make it partial.
package struct Tile: Hashable, Sendable {
    /// Hashes in a full tile.
    package static let fullWidth = 256
    static let height = 8

    package let level: Int
    package let index: Int
    /// 1 to 256.
    package let width: Int

    /// The path below the log's directory, such as `tile/0/x001/x234/067.p/8`.
    package var path: String {
        var groups = [Self.threeDigits(index % 1000)]
        var rest = index / 1000
        while rest > 0 {
            groups.append("x" + Self.threeDigits(rest % 1000))
            rest /= 1000
        }
        let full = "tile/\(level)/" + groups.reversed().joined(separator: "/")
        return width == Self.fullWidth ? full : full + ".p/\(width)"
    }

    /// The tiles, full and partial, that a log of this size consists of.
    static func all(size: Int) -> [Tile] {
        var tiles: [Tile] = []
        var (level, count) = (0, size)
        while count > 0 {
            tiles += (0..<count / fullWidth).map { Tile(level: level, index: $0, width: fullWidth) }
            tiles += partial(level: level, count: count)
            (level, count) = (level + 1, count / fullWidth)
        }
        return tiles
    }

    /// The partial tiles alone: at most one a level.
    static func partials(size: Int) -> [Tile] {
        var tiles: [Tile] = []
        var (level, count) = (0, size)
        while count > 0 {
            tiles += partial(level: level, count: count)
            (level, count) = (level + 1, count / fullWidth)
        }
        return tiles
    }

    private static func partial(level: Int, count: Int) -> [Tile] {
        let width = count % fullWidth
        return width == 0 ? [] : [Tile(level: level, index: count / fullWidth, width: width)]
    }

    private static func threeDigits(_ number: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: 3 - digits.count) + digits
    }
}
