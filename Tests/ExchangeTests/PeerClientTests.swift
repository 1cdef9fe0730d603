import Core
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import Store
import Testing

@testable import Exchange

/// Real sockets, real TLS 1.3: a server with one organisation's material, a client with another's.
@Suite("Peer client")
struct PeerClientTests {
    private let federation: Federation

    init() throws { federation = try Federation.shared.get() }

    /// A directory, kept in a store, that puts the trust at `port`.
    private func peers(_ path: String, port: Int) async throws -> PeerDirectory {
        let peers = try PeerDirectory(
            store: ControlStore(path: path, migrations: ExchangeStore.migrations), root: federation.root)
        let endpoint = "https://127.0.0.1:\(port)"
        let directory = try federation.directory(
            version: (peers.current?.version ?? 0) + 1,
            members: [
                federation.member(Federation.requester),
                federation.member(Federation.trust, endpoint: endpoint),
                federation.member(Federation.otherTrust, endpoint: endpoint),
            ])
        try await peers.install(federation.signed(directory), at: Federation.now)
        return peers
    }

    private func ask(
        as keys: NodeKeys, _ peer: OrganisationCode = Federation.trust, answer: UInt, limit: Int = 1 << 20
    ) async throws -> PeerClient.Answer {
        try await withControlStore { path in
            let server = try await EchoServer(
                tls: TLSMaterial(
                    keys: federation.keys(of: Federation.trust), directory: peers(path, port: 1)
                ).serverConfiguration(), status: HTTPResponseStatus(statusCode: Int(answer)))
            var limits = WireLimits()
            limits.bytes = limit
            let client = try await PeerClient(
                keys: keys, directory: peers(path, port: server.port), limits: limits)
            let result: Result<PeerClient.Answer, any Error>
            do {
                result = .success(
                    try await client.ask(
                        peer, sealed: [1, 2, 3], deadline: .seconds(20), at: Federation.now))
            } catch {
                result = .failure(error)
            }
            try await client.shutdown()
            try await server.stop()
            return try result.get()
        }
    }

    @Test func carriesMessagesBothWays() async throws {
        let keys = try federation.keys(of: Federation.requester)
        #expect(try await ask(as: keys, answer: 200) == .sealed([1, 2, 3]))
        #expect(try await ask(as: keys, answer: 202) == .pending)
    }

    @Test func namesWhatWentWrong() async throws {
        let keys = try federation.keys(of: Federation.requester)
        #expect(await code { _ = try await ask(as: keys, answer: 429) } == .tooManyRequests)
        #expect(await code { _ = try await ask(as: keys, answer: 500) } == .peerProblem)
        #expect(await code { _ = try await ask(as: keys, answer: 200, limit: 2) } == .tooLarge)
    }

    /// A sign of life, and why there is none.
    @Test func aPeerIsLookedFor() async throws {
        func probe(_ peer: OrganisationCode, answer: UInt = 200, port: Int? = nil) async throws -> Duration {
            try await withControlStore { path in
                let server = try await EchoServer(
                    tls: TLSMaterial(
                        keys: federation.keys(of: Federation.trust), directory: peers(path, port: 1)
                    ).serverConfiguration(), status: HTTPResponseStatus(statusCode: Int(answer)))
                let client = try await PeerClient(
                    keys: federation.keys(of: Federation.requester),
                    directory: peers(path, port: port ?? server.port))
                let result: Result<Duration, any Error>
                do {
                    result = .success(
                        try await client.probe(peer, within: .seconds(20), at: Federation.now))
                } catch {
                    result = .failure(error)
                }
                try await client.shutdown()
                try await server.stop()
                return try result.get()
            }
        }
        #expect(try await probe(Federation.trust) > .zero)
        #expect(await code { _ = try await probe(Federation.trust, answer: 503) } == .peerProblem)
        // Nobody listens at port 1; the other trust's certificate is not what is shown.
        #expect(await code { _ = try await probe(Federation.trust, port: 1) } == .unreachable)
        #expect(await code { _ = try await probe(Federation.otherTrust) } == .unknownSender)
    }

    /// A client whose certificate is not in the directory, under the right organisation's name.
    @Test func aStrangersCertificateIsRefused() async throws {
        let stranger = try NodeKeys.generate(
            organisation: Federation.requester, validFrom: Federation.now, validForDays: 36_500)
        #expect(await code { _ = try await ask(as: stranger, answer: 200) } == .unreachable)
    }

    /// The trust's server cannot stand in for the other trust, though both are in the directory.
    @Test func anotherMembersCertificateIsRefused() async throws {
        let keys = try federation.keys(of: Federation.requester)
        let refused = await code { _ = try await ask(as: keys, Federation.otherTrust, answer: 200) }
        #expect(refused == .unreachable)
    }
}

/// Answers every request with its own body, over TLS.
private struct EchoServer {
    private let channel: any Channel
    let port: Int

    init(tls: TLSConfiguration, status: HTTPResponseStatus) async throws {
        let context = try NIOSSLContext(configuration: tls)
        channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: context))
                    try channel.pipeline.syncOperations.configureHTTPServerPipeline()
                    try channel.pipeline.syncOperations.addHandler(EchoHandler(status: status))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        port = channel.localAddress?.port ?? 0
    }

    func stop() async throws { try await channel.close() }
}

private final class EchoHandler: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private let status: HTTPResponseStatus
    private var body = ByteBuffer()

    init(status: HTTPResponseStatus) { self.status = status }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head: body = ByteBuffer()
        case .body(var part): body.writeBuffer(&part)
        case .end:
            var headers = HTTPHeaders()
            headers.add(name: "content-length", value: String(body.readableBytes))
            context.write(
                wrapOutboundOut(.head(HTTPResponseHead(version: .http1_1, status: status, headers: headers))),
                promise: nil)
            context.write(wrapOutboundOut(.body(.byteBuffer(body))), promise: nil)
            context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}
