/// What a client sends.
package enum FrontendMessage: Hashable, Sendable {
    case sslRequest
    case gssEncryptionRequest
    case cancelRequest(process: Int32, secret: [UInt8])
    /// Protocol version 3.`minor`, with parameters such as `user` and `database`.
    case startup(minor: Int, parameters: [String: String])
    /// Of the authentication under way: its content depends on what was asked.
    case authentication([UInt8])
    case query(String)
    case parse(name: String, sql: String, types: [Int32])
    case bind(Binding)
    case describeStatement(String)
    case describePortal(String)
    /// At most `limit` rows; 0 for all.
    case execute(portal: String, limit: Int)
    case closeStatement(String)
    case closePortal(String)
    case sync
    case flush
    case terminate
    /// COPY … FROM is never asked for: what a client sends for it is out of place and is passed over.
    case copyInput
    /// A message that is understood as a frame but not answered, by its type byte.
    case unsupported(UInt8)

    /// A statement with its parameters.
    package struct Binding: Hashable, Sendable {
        package let portal: String
        package let statement: String
        package let formats: [Int]
        package let values: [[UInt8]?]
        package let resultFormats: [Int]

        package init(
            portal: String, statement: String, formats: [Int] = [], values: [[UInt8]?] = [],
            resultFormats: [Int] = []
        ) {
            self.portal = portal
            self.statement = statement
            self.formats = formats
            self.values = values
            self.resultFormats = resultFormats
        }
    }
}

/// Why bytes are not a message.
package enum FrameError: Error, Hashable, Sendable {
    /// Shorter than its own header, longer than the limit, or not as long as its content.
    case badLength
    /// A protocol version that is not 3.x.
    case badVersion
    case notUTF8
    /// A string without its terminating zero.
    case unterminated
}

/// Cuts a stream of bytes into frontend messages.
///
/// Source: PostgreSQL 15, chapter 55.7 "Message Formats"; PostgreSQL 18 for protocol 3.2.
package struct FrontendDecoder: Sendable {
    /// The longest message of somebody who has signed in, in bytes; a statement is at most 64 KB.
    package static let limit = 1 << 20
    /// The longest message before that, as PostgreSQL has it (MAX_STARTUP_PACKET_LENGTH).
    package static let startupLimit = 10_000

    private var buffer: [UInt8] = []
    private var head = 0
    private var started = false
    /// Whether whoever sends has signed in: until then messages are short.
    package var isTrusted = false

    package init() {}

    /// Adds bytes as they arrive.
    package mutating func feed(_ bytes: some Sequence<UInt8>) { buffer.append(contentsOf: bytes) }

    /// The next whole message, or nil if more bytes are needed.
    package mutating func next() throws(FrameError) -> FrontendMessage? {
        let header = started ? 5 : 4
        guard buffer.count - head >= header else { return nil }
        let length = buffer[(head + header - 4)..<(head + header)].reduce(0) { $0 << 8 | Int($1) }
        guard (4...(isTrusted ? Self.limit : Self.startupLimit)).contains(length) else { throw .badLength }
        let end = head + header - 4 + length
        guard buffer.count >= end else { return nil }
        let type = buffer[head]
        let body = WireReader(buffer[(head + header)..<end])
        head = end
        if head == buffer.count || head > 1 << 16 {
            buffer.removeFirst(head)
            head = 0
        }
        return started ? try Self.message(type, body) : try first(body)
    }

    private mutating func first(_ body: WireReader) throws(FrameError) -> FrontendMessage {
        var body = body
        switch try body.integer(UInt32.self) {
        case 80_877_103: return .sslRequest
        case 80_877_104: return .gssEncryptionRequest
        case 80_877_102:
            let process = try body.integer(Int32.self)
            // Four bytes until protocol 3.2, up to 256 since.
            guard (4...256).contains(body.rest.count) else { throw .badLength }
            return .cancelRequest(process: process, secret: body.rest)
        case let version where version >> 16 == 3:
            started = true
            return .startup(minor: Int(version & 0xFFFF), parameters: try Self.parameters(&body))
        default: throw .badVersion
        }
    }

    private static func parameters(_ body: inout WireReader) throws(FrameError) -> [String: String] {
        var result: [String: String] = [:]
        while true {
            let name = try body.string()
            guard !name.isEmpty else { break }
            result[name] = try body.string()
        }
        try body.finish()
        return result
    }

    private static func message(_ type: UInt8, _ body: WireReader) throws(FrameError) -> FrontendMessage {
        var body = body
        let message: FrontendMessage
        switch Unicode.Scalar(type) {
        case "Q": message = .query(try body.string())
        case "P": message = try parse(&body)
        case "B": message = .bind(try binding(&body))
        case "D":
            message = try named(&body, FrontendMessage.describeStatement, FrontendMessage.describePortal)
        case "C": message = try named(&body, FrontendMessage.closeStatement, FrontendMessage.closePortal)
        case "E": message = .execute(portal: try body.string(), limit: max(0, try body.int32()))
        case "S": message = .sync
        case "H": message = .flush
        case "X": message = .terminate
        case "p": return .authentication(body.rest)
        case "d", "c", "f": return .copyInput
        default: return .unsupported(type)
        }
        try body.finish()
        return message
    }

    private static func parse(_ body: inout WireReader) throws(FrameError) -> FrontendMessage {
        let name = try body.string()
        let sql = try body.string()
        let types = try body.list { (reader) throws(FrameError) in try reader.integer(Int32.self) }
        return .parse(name: name, sql: sql, types: types)
    }

    private static func binding(_ body: inout WireReader) throws(FrameError) -> FrontendMessage.Binding {
        let portal = try body.string()
        let statement = try body.string()
        let formats = try body.list { (reader) throws(FrameError) in try reader.int16() }
        let values = try body.list { (reader) throws(FrameError) -> [UInt8]? in
            let length = try reader.int32()
            return length == -1 ? nil : try reader.take(length)
        }
        let results = try body.list { (reader) throws(FrameError) in try reader.int16() }
        return FrontendMessage.Binding(
            portal: portal, statement: statement, formats: formats, values: values, resultFormats: results)
    }

    private static func named(
        _ body: inout WireReader, _ statement: (String) -> FrontendMessage,
        _ portal: (String) -> FrontendMessage
    ) throws(FrameError) -> FrontendMessage {
        switch Unicode.Scalar(try body.byte()) {
        case "S": return statement(try body.string())
        case "P": return portal(try body.string())
        default: throw .badLength
        }
    }
}
