internal import NIOCore
internal import NIOSSL
internal import NIOTLS
internal import PostgresWire
internal import Synchronization

/// The first handler of a connection: brings TLS in when the client asks for it, then lets everything pass.
final class EncryptionGate: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// Whether the connection is encrypted, for whoever serves it.
    final class Outcome: Sendable {
        private let encrypted = Mutex(false)
        var isEncrypted: Bool {
            get { encrypted.withLock { $0 } }
            set { encrypted.withLock { $0 = newValue } }
        }
    }

    private let tls: NIOSSLContext
    private let outcome: Outcome
    private var negotiation = EncryptionNegotiation()
    private var isOpen = false
    private var needsProtocol = false

    init(tls: NIOSSLContext, outcome: Outcome) {
        self.tls = tls
        self.outcome = outcome
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        if isOpen { return context.fireChannelRead(data) }
        for action in negotiation.receive(unwrapInboundIn(data).readableBytesView) {
            carryOut(action, context)
        }
    }

    private func carryOut(_ action: EncryptionNegotiation.Action, _ context: ChannelHandlerContext) {
        switch action {
        case .reply(let byte):
            context.writeAndFlush(wrapOutboundOut(ByteBuffer(bytes: [byte])), promise: nil)
        case .startTLS(let bytes, let isDirect):
            isOpen = true
            needsProtocol = isDirect
            outcome.isEncrypted = true
            do {
                try context.pipeline.syncOperations.addHandler(
                    NIOSSLServerHandler(context: tls), position: .before(self))
            } catch {
                return context.close(promise: nil)
            }
            // From the beginning of the pipeline, so that they reach the handler of TLS.
            if !bytes.isEmpty { context.pipeline.fireChannelRead(ByteBuffer(bytes: bytes)) }
        case .goOnInTheClear(let bytes):
            isOpen = true
            context.fireChannelRead(wrapInboundOut(ByteBuffer(bytes: bytes)))
        case .close: context.close(promise: nil)
        }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        // Without it, bytes of another protocol could be passed off as a session (ALPACA).
        if needsProtocol, case .handshakeCompleted(let name)? = event as? TLSUserEvent,
            name != SQLTransport.applicationProtocol
        {
            return context.close(promise: nil)
        }
        context.fireUserInboundEventTriggered(event)
    }
}
