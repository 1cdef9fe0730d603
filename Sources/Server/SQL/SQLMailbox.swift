internal import NIOCore
internal import PostgresWire
internal import Synchronization

/// What comes to a session from outside: the client's messages, in order, and the ends that time or the node set.
struct SQLMailbox: Sendable {
    enum Event: Sendable {
        case message(FrontendMessage)
        case broken(FrameError)
        /// The client sent more than is kept while a statement runs.
        case overflow
        case idle
        case shutdown
    }

    /// Bytes of messages that wait, at most.
    static let most = 16 << 20

    let events: AsyncStream<Event>
    private let sink: AsyncStream<Event>.Continuation

    init() { (events, sink) = AsyncStream.makeStream(of: Event.self) }

    func put(_ event: Event) { sink.yield(event) }
    func close() { sink.finish() }

    /// Reads what the client sends until it has gone.
    /// - Parameter isTrusted: whether it has signed in; until then messages are short.
    func read(
        _ bytes: NIOAsyncChannelInboundStream<ByteBuffer>, waiting: WaitingBytes,
        isTrusted: @Sendable () -> Bool
    ) async {
        defer { close() }
        var decoder = FrontendDecoder()
        do {
            for try await buffer in bytes {
                guard waiting.add(buffer.readableBytes) <= Self.most else { return put(.overflow) }
                decoder.isTrusted = isTrusted()
                decoder.feed(buffer.readableBytesView)
                while let message = try decoder.next() { put(.message(message)) }
            }
        } catch let error as FrameError {
            put(.broken(error))
        } catch {
            // The connection broke: whoever was there has gone.
        }
    }
}

/// How much has come since the session last waited for something.
final class WaitingBytes: Sendable {
    private let count = Mutex(0)

    func add(_ bytes: Int) -> Int {
        count.withLock { count in
            count += bytes
            return count
        }
    }

    func forget() { count.withLock { $0 = 0 } }
}
