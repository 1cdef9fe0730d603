/// What a client sends.
package enum FrontendMessage: Hashable, Sendable {
    case sslRequest
    case gssEncryptionRequest
    case cancelRequest(process: Int32, secret: Int32)
    /// Protocol version 3, with parameters such as `user` and `database`.
    case startup(parameters: [String: String])
    case query(String)
    case sync
    case flush
    case terminate
    /// A message that is understood as a frame but not answered yet, by its type byte.
    case unsupported(UInt8)
}

/// Why bytes are not a message.
package enum FrameError: Error, Hashable, Sendable {
    /// Shorter than its own header, or longer than the limit.
    case badLength
    /// A protocol version that is not 3.x.
    case badVersion
    case notUTF8
    /// A string without its terminating zero.
    case unterminated
}

/// Cuts a stream of bytes into frontend messages.
///
/// Source: PostgreSQL 15, chapter 55.7 "Message Formats".
package struct FrontendDecoder: Sendable {
    /// The longest message that is read, in bytes; a statement is at most 64 KB.
    package static let limit = 1 << 20

    private var buffer: [UInt8] = []
    private var started = false

    package init() {}

    /// Adds bytes as they arrive.
    package mutating func feed(_ bytes: some Sequence<UInt8>) { buffer.append(contentsOf: bytes) }

    /// The next whole message, or nil if more bytes are needed.
    package mutating func next() throws(FrameError) -> FrontendMessage? {
        let header = started ? 5 : 4
        guard buffer.count >= header else { return nil }
        let length = Int(integer(at: header - 4))
        guard (4...Self.limit).contains(length) else { throw .badLength }
        guard buffer.count >= header - 4 + length else { return nil }
        let type = buffer[0]
        let body = Array(buffer[header..<(header - 4 + length)])
        buffer.removeFirst(header - 4 + length)
        return started ? try message(type, body) : try first(body)
    }

    private func integer(at offset: Int) -> Int32 {
        buffer[offset..<(offset + 4)].reduce(0) { $0 << 8 | Int32($1) }
    }

    private mutating func first(_ body: [UInt8]) throws(FrameError) -> FrontendMessage {
        guard body.count >= 4 else { throw .badLength }
        func word(_ place: Int) -> Int32 {
            body[place..<(place + 4)].reduce(0) { $0 << 8 | Int32($1) }
        }
        switch word(0) {
        case 80_877_103: return .sslRequest
        case 80_877_104: return .gssEncryptionRequest
        case 80_877_102:
            guard body.count == 12 else { throw .badLength }
            return .cancelRequest(process: word(4), secret: word(8))
        case let version where version >> 16 == 3:
            started = true
            return .startup(parameters: try Self.parameters(Array(body.dropFirst(4))))
        default: throw .badVersion
        }
    }

    private static func parameters(_ bytes: [UInt8]) throws(FrameError) -> [String: String] {
        guard bytes.last == 0 else { throw .unterminated }
        var texts: [String] = []
        for part in bytes.dropLast().split(separator: 0, omittingEmptySubsequences: false) {
            guard let text = String(validating: part, as: UTF8.self) else { throw .notUTF8 }
            texts.append(text)
        }
        if texts.last == "" { texts.removeLast() }
        guard texts.count % 2 == 0 else { throw .unterminated }
        var result: [String: String] = [:]
        for place in stride(from: 0, to: texts.count, by: 2) { result[texts[place]] = texts[place + 1] }
        return result
    }

    private func message(_ type: UInt8, _ body: [UInt8]) throws(FrameError) -> FrontendMessage {
        switch type {
        case UInt8(ascii: "Q"):
            guard body.last == 0 else { throw .unterminated }
            guard let text = String(validating: body.dropLast(), as: UTF8.self) else { throw .notUTF8 }
            return .query(text)
        case UInt8(ascii: "S"): return .sync
        case UInt8(ascii: "H"): return .flush
        case UInt8(ascii: "X"): return .terminate
        default: return .unsupported(type)
        }
    }
}
