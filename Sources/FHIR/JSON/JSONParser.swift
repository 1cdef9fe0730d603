internal import CSimdJSON

/// Owner of a simdjson parser; not shared between threads.
struct JSONParser: ~Copyable {
    /// Nesting deeper than this is refused: no FHIR resource comes near it.
    static let depthLimit = 64

    private let handle: OpaquePointer

    /// - Parameter capacity: bytes of the longest document; it grows by itself.
    init(capacity: Int) {
        guard let handle = csimdjson_new(max(capacity, 1024), Self.depthLimit) else {
            preconditionFailure("out of memory for a JSON parser")
        }
        self.handle = handle
    }

    deinit { csimdjson_free(handle) }

    /// Parses one document that is followed by `LineBlock.padding` readable bytes.
    mutating func parse(_ bytes: Tape.Text) throws(LineFault.Reason) -> Tape {
        var tape: UnsafePointer<UInt64>?
        var strings: UnsafePointer<UInt8>?
        let status = csimdjson_parse(handle, bytes.baseAddress, bytes.count, &tape, &strings)
        switch UInt32(status) {
        case CSIMDJSON_OK.rawValue: break
        case CSIMDJSON_TOO_DEEP.rawValue: throw .tooDeep
        case CSIMDJSON_TOO_LARGE.rawValue: throw .tooLong
        case CSIMDJSON_NOT_UTF8.rawValue: throw .notUTF8
        default: throw .badJSON
        }
        guard let tape, let strings else { throw .badJSON }
        return Tape(words: tape, strings: strings, source: bytes)
    }
}
