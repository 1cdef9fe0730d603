internal import CSimdJSON

/// The bytes of a file, plain or gzip (told by its first bytes), in pieces.
package final class StoredBytes {
    private let file: UnsafeMutableRawPointer
    private let room = UnsafeMutableRawPointer.allocate(byteCount: StoredBytes.size, alignment: 8)
    private let path: String
    private var read = 0

    private static let size = 1 << 18

    /// - Throws: `ReadFault` if the file cannot be opened.
    package init(path: String) throws(ReadFault) {
        guard let file = cgzip_open(path) else {
            room.deallocate()
            throw ReadFault(code: .cannotOpen, path: path, byteOffset: 0)
        }
        (self.file, self.path) = (file, path)
    }

    deinit {
        cgzip_close(file)
        room.deallocate()
    }

    /// - Returns: whether there was a piece.
    /// - Throws: `ReadFault` for what is damaged or cut off; what `body` throws.
    package func next(_ body: (UnsafeRawBufferPointer) throws -> Void) throws -> Bool {
        let count = cgzip_read(file, room, UInt32(Self.size))
        guard count >= 0 else { throw ReadFault(code: .damaged, path: path, byteOffset: read) }
        guard count > 0 else { return false }
        read += count
        try body(UnsafeRawBufferPointer(start: room, count: count))
        return true
    }
}
