internal import Hummingbird
internal import NIOCore
internal import Node

/// The routes between nodes: sealed bytes in, sealed bytes out; problems bear no detail (RFC 9457).
struct FederationServer: Sendable {
    let context: NodeContext

    private static let bodyLimit = 64 << 20
    private static let sealed = "application/vnd.concordat.sealed"

    func router() -> Router<BasicRequestContext> {
        let router = Router()
        let door = FederationDoor(context: context)
        router.get("/healthz") { _, _ in HTTPResponse.Status.ok }
        router.get("/readyz") { _, _ in HTTPResponse.Status.ok }
        router.post("/federation/v1/queries") { request, _ -> Response in
            let body = try await request.body.collect(upTo: Self.bodyLimit)
            do {
                let answer = try await door.handle(Array(body.readableBytesView))
                return Response(
                    status: .ok, headers: [.contentType: Self.sealed],
                    body: .init(byteBuffer: ByteBuffer(bytes: answer)))
            } catch let problem as FederationDoor.Problem {
                return Self.problem(problem)
            }
        }
        router.delete("/federation/v1/queries/:id") { request, _ -> Response in
            let body = try await request.body.collect(upTo: Self.bodyLimit)
            do {
                try await door.cancel(Array(body.readableBytesView))
                return Response(status: .noContent)
            } catch let problem as FederationDoor.Problem {
                return Self.problem(problem)
            }
        }
        return router
    }

    private static func problem(_ problem: FederationDoor.Problem) -> Response {
        let (status, title): (HTTPResponse.Status, String) =
            switch problem {
            case .refused: (.forbidden, "the message was not accepted")
            case .busy: (.tooManyRequests, "too many questions: try again later")
            case .failed: (.internalServerError, "the message could not be answered")
            }
        var headers: HTTPFields = [.contentType: "application/problem+json"]
        if problem == .busy { headers[.retryAfter] = "2" }
        let body = #"{"type":"about:blank","title":"\#(title)","status":\#(status.code)}"#
        return Response(status: status, headers: headers, body: .init(byteBuffer: ByteBuffer(string: body)))
    }
}
