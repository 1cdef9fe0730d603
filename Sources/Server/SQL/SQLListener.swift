internal import Logging
internal import NIOCore
internal import NIOPosix
internal import Node
internal import ServiceLifecycle
internal import Store

/// Serves PostgreSQL's clients.
struct SQLListener: Service {
    let context: NodeContext
    let settings: SQLSettings

    typealias Connection = NIOAsyncChannel<ByteBuffer, ByteBuffer>

    /// Those that have not signed in yet do not count as connections, but they are not without limit either.
    private static let mostStrangers = 64

    func run() async throws {
        let transport = try SQLTransport(
            context.sqlCertificate(settings), authorities: context.sqlClientAuthorities(settings))
        let catalog = try CatalogAnswers(context: context)
        let house = SQLHouse(
            context: context, settings: settings, transport: transport, desk: SignInDesk(context: context),
            connections: SQLConnections(), local: catalog)
        let listener = try await bind(transport)
        if let port = listener.channel.localAddress?.port {
            context.log.notice("serving SQL", metadata: ["listen": "\(settings.host):\(port)"])
        }
        try await withGracefulShutdownHandler {
            try await serve(listener, house)
        } onGracefulShutdown: {
            listener.channel.close(promise: nil)
            house.connections.endAll()
        }
        await catalog.close()
    }

    private typealias Listener = NIOAsyncChannel<(Connection, EncryptionGate.Outcome), Never>

    private func bind(_ transport: SQLTransport) async throws -> Listener {
        do {
            return try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
                .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
                .childChannelOption(.socketOption(.so_keepalive), value: 1)
                .childChannelOption(.socketOption(.tcp_nodelay), value: 1)
                .bind(host: settings.host, port: settings.port) { channel in
                    channel.eventLoop.makeCompletedFuture {
                        let outcome = EncryptionGate.Outcome()
                        try channel.pipeline.syncOperations.addHandler(
                            EncryptionGate(tls: transport.context, outcome: outcome))
                        return (try Connection(wrappingChannelSynchronously: channel), outcome)
                    }
                }
        } catch let error as any CustomStringConvertible & Error {
            throw NodeError(
                .configuration,
                "cannot listen at \(settings.host):\(settings.port) for SQL (\(error)): set 'sql' in concordat.yaml"
            )
        }
    }

    private func serve(_ listener: Listener, _ house: SQLHouse) async throws {
        let most = settings.maximumConnections + Self.mostStrangers
        await withDiscardingTaskGroup { group in
            do {
                let open = OpenCount()
                try await listener.executeThenClose { connections in
                    for try await (channel, outcome) in connections {
                        guard open.enter(most) else {
                            channel.channel.close(promise: nil)
                            group.addTask { try? await channel.executeThenClose { _, _ in } }
                            continue
                        }
                        group.addTask {
                            await SQLConnection(house: house, encryption: outcome).serve(channel)
                            open.leave()
                        }
                    }
                }
            } catch {
                context.log.error("the SQL listener ended", metadata: ["error": "\(type(of: error))"])
            }
            house.connections.endAll()
        }
    }
}

/// What the connections of a listener share.
struct SQLHouse: Sendable {
    let context: NodeContext
    let settings: SQLSettings
    let transport: SQLTransport
    let desk: SignInDesk
    let connections: SQLConnections
    /// What is answered without asking any site.
    let local: any LocalAnswers
}
