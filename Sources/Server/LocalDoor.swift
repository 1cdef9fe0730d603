internal import Foundation
internal import Hummingbird
internal import Node

/// The local socket's one route: a command in, events out, a line of JSON each.
///
/// INVARIANT: it listens on a socket of mode 0600 in a directory of mode 0700: only the home's own user gets here.
struct LocalDoor: Sendable {
    let context: NodeContext

    private static let bodyLimit = 8 << 20

    func router() -> Router<BasicRequestContext> {
        let router = Router()
        let runner = CommandRunner(context: context, isServing: true)
        router.post("/local/v1/commands") { request, _ -> Response in
            let body = try await request.body.collect(upTo: Self.bodyLimit)
            let command = try JSONDecoder().decode(NodeCommand.self, from: Data(body.readableBytesView))
            return Response(
                status: .ok, headers: [.contentType: "application/x-ndjson"],
                body: ResponseBody { writer in
                    try await Self.write(command, runner, &writer)
                    try await writer.finish(nil)
                })
        }
        return router
    }

    private static func write(
        _ command: NodeCommand, _ runner: CommandRunner, _ writer: inout any ResponseBodyWriter
    ) async throws {
        let (events, sink) = AsyncStream.makeStream(of: NodeEvent.self, bufferingPolicy: .bufferingNewest(64))
        let work = Task {
            let reply = await runner.run(command) { label, done, total, unit in
                sink.yield(.progress(label: label, done: done, total: total, unit: unit))
            }
            sink.yield(.reply(reply))
            sink.finish()
        }
        do {
            for await event in events {
                try await writer.write(ByteBuffer(bytes: try JSONEncoder().encode(event) + [0x0A]))
            }
        } catch {
            // Whoever asked has gone: the question is cancelled, at the sites as well.
            work.cancel()
            throw error
        }
    }
}
