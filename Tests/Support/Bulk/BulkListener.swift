import Foundation
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import Synchronization

/// The sockets of a `BulkServer`.
final class BulkListener: Sendable {
    typealias Answer = @Sendable (BulkRequest) async -> BulkReply

    private let channel: any Channel
    private let answer: Responder
    private let open: OpenChannels
    let port: Int

    /// Known once the server is made.
    final class Responder: Sendable {
        let answer = Mutex<Answer?>(nil)

        func reply(to request: BulkRequest) async -> BulkReply? {
            let found = answer.withLock { $0 }
            return await found?(request)
        }
    }

    /// Connections that are still there when the server stops.
    final class OpenChannels: Sendable {
        let all = Mutex<[any Channel]>([])
    }

    init(tls: TLSConfiguration?) async throws {
        let responder = Responder()
        let open = OpenChannels()
        let context = try tls.map { try NIOSSLContext(configuration: $0) }
        channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                open.all.withLock { $0.append(channel) }
                return channel.eventLoop.makeCompletedFuture {
                    let pipeline = channel.pipeline.syncOperations
                    if let context { try pipeline.addHandler(NIOSSLServerHandler(context: context)) }
                    try pipeline.configureHTTPServerPipeline()
                    try pipeline.addHandler(Handler(responder))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        port = channel.localAddress?.port ?? 0
        (answer, self.open) = (responder, open)
    }

    func serve(_ answer: @escaping Answer) async { self.answer.answer.withLock { $0 = answer } }

    func stop() async {
        try? await channel.close()
        for connection in open.all.withLock({ $0 }) { try? await connection.close() }
    }

    /// The members of a form or of a query.
    static func fields(_ text: String) -> [String: String] {
        let pairs = text.split(separator: "&").map { pair in
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map {
                $0.replacing("+", with: " ").removingPercentEncoding ?? ""
            }
            return (parts[0], parts.count > 1 ? parts[1] : "")
        }
        return Dictionary(pairs, uniquingKeysWith: { $1 })
    }

    private final class Handler: ChannelInboundHandler {
        typealias InboundIn = HTTPServerRequestPart
        typealias OutboundOut = HTTPServerResponsePart

        private let responder: Responder
        private var request = BulkRequest(method: "", path: "", query: [:], headers: [:], body: "")

        init(_ responder: Responder) { self.responder = responder }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            switch unwrapInboundIn(data) {
            case .head(let head):
                let parts = head.uri.split(separator: "?", maxSplits: 1).map(String.init)
                request = BulkRequest(
                    method: head.method.rawValue, path: parts[0].removingPercentEncoding ?? "",
                    query: BulkListener.fields(parts.count > 1 ? parts[1] : ""),
                    headers: Dictionary(
                        head.headers.map { ($0.name.lowercased(), $0.value) }, uniquingKeysWith: { $1 }),
                    body: "")
            case .body(let part): request.body += String(buffer: part)
            case .end:
                Self.reply(to: request, on: context.channel, by: responder)
            }
        }

        private static func reply(
            to request: BulkRequest, on channel: any Channel, by responder: Responder
        ) {
            Task {
                guard let reply = await responder.reply(to: request) else { return }
                await write(reply, to: channel)
            }
        }

        private static func write(_ reply: BulkReply, to channel: any Channel) async {
            var headers = HTTPHeaders(reply.headers)
            headers.add(name: "content-length", value: String(reply.body.count))
            let head = HTTPResponseHead(
                version: .http1_1, status: HTTPResponseStatus(statusCode: reply.status), headers: headers)
            let sent = min(reply.body.count, reply.cut ?? reply.stall ?? reply.body.count)
            do {
                try await channel.writeAndFlush(HTTPServerResponsePart.head(head))
                try await channel.writeAndFlush(
                    HTTPServerResponsePart.body(.byteBuffer(ByteBuffer(bytes: reply.body[..<sent]))))
                if reply.stall != nil { return }
                if reply.cut != nil { return try await channel.close() }
                try await channel.writeAndFlush(HTTPServerResponsePart.end(nil))
            } catch {
                try? await channel.close()
            }
        }

        func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
    }
}

enum Compression {
    static func gzip(_ bytes: [UInt8]) throws -> [UInt8] {
        let path = FileManager.default.temporaryDirectory.appending(path: "gzip-\(UUID().uuidString)")
        try Data(bytes).write(to: path)
        defer { try? FileManager.default.removeItem(at: path) }
        let process = Process()
        process.executableURL = URL(filePath: "/bin/gzip")
        process.arguments = ["-c", path.path]
        let pipe = Pipe()
        process.standardOutput = pipe
        try process.run()
        let output = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return Array(output)
    }
}
