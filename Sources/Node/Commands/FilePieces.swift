internal import Crypto
internal import Exchange
internal import Foundation

/// A file read in pieces, with its digest: memory stays flat however long it is.
struct FilePieces {
    private static let pieceSize = 1 << 20

    private let handle: FileHandle
    private var hash = SHA256()

    /// - Throws: `NodeError` if the file cannot be opened.
    init(path: String) throws {
        guard let handle = FileHandle(forReadingAtPath: path) else {
            throw NodeError(.input, "cannot read '\(path)'")
        }
        self.handle = handle
    }

    /// The next bytes; nil at the end.
    mutating func next() throws -> Data? {
        guard let piece = try handle.read(upToCount: Self.pieceSize), !piece.isEmpty else {
            try handle.close()
            return nil
        }
        hash.update(data: piece)
        return piece
    }

    /// Of what was read.
    var digest: Exchange.Digest { Exchange.Digest(hash.finalize()) }
}
