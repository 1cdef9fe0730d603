internal import Audit
internal import Exchange
internal import Foundation
internal import Hummingbird
internal import HummingbirdCore
internal import HummingbirdTLS
internal import Logging
package import Node
internal import ServiceLifecycle
internal import Store
internal import UnixSignals

/// Serves a node until it is told to stop: the federation's port over mutual TLS, and the local socket.
package struct NodeService: Sendable {
    let context: NodeContext

    package init(context: NodeContext) { self.context = context }

    /// Returns after SIGTERM or SIGINT, when what was under way has ended.
    /// - Throws: `NodeError` where the node has no directory yet.
    package func run() async throws {
        let configuration = context.configuration
        guard context.directory.current != nil else {
            await context.close()
            throw NodeError(
                .directory,
                "this node is in no federation yet: take a directory over with 'concordat federation join'")
        }
        do { try await context.prepareToAnswer() } catch {
            await context.close()
            throw error
        }
        await context.sweepExports()
        let socket = context.home.layout.socketPath
        try? FileManager.default.removeItem(atPath: socket)
        let server = FederationServer(context: context)
        let federation = Application(
            router: server.router(), server: try server.transport(),
            configuration: .init(
                address: .hostname(configuration.listenHost, port: configuration.listenPort),
                serverName: "concordat"), logger: context.log)
        let local = Application(
            router: LocalDoor(context: context).router(),
            configuration: .init(address: .unixDomainSocket(path: socket), serverName: "concordat"),
            onServerRunning: { _ in chmod(socket, 0o600) }, logger: context.log)
        var services: [any Service] = [
            federation, local, CheckpointService(context: context), NoticeService(context: context),
            PublicationService(context: context), MeasureService(context: context),
        ]
        if let sql = configuration.sql { services.append(SQLListener(context: context, settings: sql)) }
        if let web = configuration.web { services.append(WebListener(context: context, settings: web)) }
        let group = ServiceGroup(
            configuration: .init(
                services: services.map {
                    .init(service: $0, successTerminationBehavior: .gracefullyShutdownGroup)
                }, gracefulShutdownSignals: [.sigterm, .sigint], logger: context.log))
        context.log.notice(
            "serving",
            metadata: [
                "organisation": "\(configuration.organisation)",
                "listen": "\(configuration.listenHost):\(configuration.listenPort)",
            ])
        defer { try? FileManager.default.removeItem(atPath: socket) }
        do { try await group.run() } catch {
            await context.close()
            throw error
        }
        await context.close()
    }
}

/// Signs the log's head once a minute.
private struct CheckpointService: Service {
    let context: NodeContext

    func run() async {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                try? await Task.sleep(for: .seconds(60))
                _ = try? await context.audit.checkpoint()
            }
        }
    }
}

/// Publishes when it is time.
private struct PublicationService: Service {
    let context: NodeContext

    func run() async {
        await cancelWhenGracefulShutdown { await ScheduledPublication(context: context).run() }
    }
}

/// Asks for measures' periods once they have ended.
private struct MeasureService: Service {
    let context: NodeContext

    func run() async {
        await cancelWhenGracefulShutdown { await ScheduledMeasures(context: context).run() }
    }
}

/// Tells other nodes what was done with agreements, until each has heard it.
private struct NoticeService: Service {
    let context: NodeContext

    func run() async {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                await context.deliverNotices()
                try? await Task.sleep(for: .seconds(10))
            }
        }
    }
}
