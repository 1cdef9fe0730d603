/// What comes before a session: whether the connection is encrypted. Bytes in, actions out.
///
/// A client asks for TLS with SSLRequest, or begins with TLS at once (PostgreSQL 17, "direct"). Nothing else than
/// a CancelRequest is served without: libpq sends that in the clear until version 17.
/// Source: PostgreSQL 15, 55.2.9 to 55.2.11.
package struct EncryptionNegotiation: Sendable {
    package enum Action: Hashable, Sendable {
        /// One byte in the clear.
        case reply(UInt8)
        /// TLS begins with these bytes, which are the client's first.
        case startTLS([UInt8], isDirect: Bool)
        /// There is no TLS: the session's own messages begin.
        case goOnInTheClear([UInt8])
        case close
    }

    private var buffer: [UInt8] = []
    private var requests = 0
    private var isDone = false

    package init() {}

    /// - Returns: empty while more bytes are needed.
    package mutating func receive(_ bytes: some Sequence<UInt8>) -> [Action] {
        guard !isDone else { return [] }
        buffer += bytes
        guard let first = buffer.first else { return [] }
        // A TLS record of the handshake; a packet that long would be far beyond the limit.
        if first == 0x16 { return end([.startTLS(buffer, isDirect: true)]) }
        guard buffer.count >= 8 else { return [] }
        let length = buffer[..<4].reduce(0) { $0 << 8 | Int($1) }
        let code = buffer[4..<8].reduce(0) { $0 << 8 | UInt32($1) }
        switch (length, code) {
        case (8, 80_877_103), (8, 80_877_104):
            // What follows an answer in the clear would be read as if it had been encrypted: CVE-2021-23222.
            requests += 1
            guard buffer.count == 8, requests <= 2 else { return end([.close]) }
            buffer = []
            guard code == 80_877_103 else { return [.reply(UInt8(ascii: "N"))] }
            return end([.reply(UInt8(ascii: "S")), .startTLS([], isDirect: false)])
        default: return end([.goOnInTheClear(buffer)])
        }
    }

    private mutating func end(_ actions: [Action]) -> [Action] {
        isDone = true
        buffer = []
        return actions
    }
}
