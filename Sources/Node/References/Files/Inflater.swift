internal import CZlib

/// One stream of zlib's, inflated piece by piece.
///
/// INVARIANT: zlib keeps the address of its state, so it stands in memory of its own until `deinit`.
final class Inflater {
    enum Form {
        /// As it stands in a ZIP file: no header, no sum.
        case raw
        case gzip

        fileprivate var windowBits: Int32 {
            switch self {
            case .raw: -MAX_WBITS
            case .gzip: MAX_WBITS + 16
            }
        }
    }

    private let stream: UnsafeMutablePointer<z_stream>
    private var output = [UInt8](repeating: 0, count: 256 << 10)
    /// Whether the stream has come to its end.
    private(set) var isAtEnd = false

    init(_ form: Form) throws {
        stream = .allocate(capacity: 1)
        stream.initialize(to: z_stream())
        let size = Int32(MemoryLayout<z_stream>.size)
        guard inflateInit2_(stream, form.windowBits, ZLIB_VERSION, size) == Z_OK else {
            stream.deallocate()
            throw NodeError(.configuration, "zlib cannot be used")
        }
    }

    deinit {
        inflateEnd(stream)
        stream.deallocate()
    }

    /// Inflates a piece; what comes of it is handed on in pieces of its own. A gzip file may have several members.
    /// - Throws: `NodeError` if the bytes are damaged; what `body` throws.
    func inflate(_ piece: [UInt8], _ body: (ArraySlice<UInt8>) throws -> Void) throws {
        var input = piece
        let total = input.count
        var taken = 0
        // Where the room for output was filled, there may be more of what was taken already.
        var isFull = false
        while taken < total || isFull {
            let (code, used, made) = input.withUnsafeMutableBufferPointer { bytes -> (Int32, Int, Int) in
                stream.pointee.next_in = bytes.baseAddress.map { $0 + taken }
                stream.pointee.avail_in = UInt32(total - taken)
                return output.withUnsafeMutableBufferPointer { space in
                    stream.pointee.next_out = space.baseAddress
                    stream.pointee.avail_out = UInt32(space.count)
                    let code = CZlib.inflate(stream, Z_NO_FLUSH)
                    return (
                        code, total - taken - Int(stream.pointee.avail_in),
                        space.count - Int(stream.pointee.avail_out)
                    )
                }
            }
            guard code == Z_OK || code == Z_STREAM_END || code == Z_BUF_ERROR else {
                throw NodeError(.input, "is damaged: it cannot be inflated")
            }
            taken += used
            if made > 0 { try body(output[..<made]) }
            isFull = made == output.count && code != Z_STREAM_END
            isAtEnd = code == Z_STREAM_END
            // The end of a member may be told without a byte of the next: that is no standstill.
            if isAtEnd, taken < total {
                inflateReset(stream)
                continue
            }
            if used == 0, made == 0 { break }
        }
    }

    /// The CRC-32 of what came before and this piece; it begins with 0.
    static func checksum(_ sum: UInt32, _ piece: ArraySlice<UInt8>) -> UInt32 {
        piece.withUnsafeBufferPointer { UInt32(crc32(UInt(sum), $0.baseAddress, UInt32($0.count))) }
    }
}
