internal import Core
internal import Hummingbird
internal import HummingbirdCore
internal import HummingbirdTLS
internal import NIOCore
internal import NIOSSL
internal import Node

/// The routes between nodes: sealed bytes in, sealed bytes out; problems bear no detail (RFC 9457).
struct FederationServer: Sendable {
    let context: NodeContext

    private static let bodyLimit = 64 << 20
    private static let sealed = "application/vnd.concordat.sealed"

    /// Mutual TLS 1.3. The directory is asked at every handshake, so that a new one needs no restart.
    func transport() throws -> HTTPServerBuilder {
        let context = context
        return try .tls(
            .http1(),
            configuration: TLSChannelConfiguration(
                tlsConfiguration: context.serverTLS(),
                customAsyncVerificationCallback: { certificates in
                    await context.admit(certificates) == nil ? .failed : .certificateVerified
                }))
    }

    /// The door for whoever is at the other end, if the directory in force still knows it: connections are kept
    /// open, and TLS sessions resumed, while directories change.
    private func door(_ request: PeerRequestContext) async throws(FederationDoor.Problem) -> FederationDoor {
        let certificate = try? await request.channel.nioSSL_peerCertificate().get()
        guard let peer = await context.admit(certificate.map { [$0] } ?? []) else { throw .refused }
        return FederationDoor(context: context, peer: peer)
    }

    func router() -> Router<PeerRequestContext> {
        let router = Router(context: PeerRequestContext.self)
        router.get("/healthz") { _, _ in HTTPResponse.Status.ok }
        router.get("/readyz") { _, _ in HTTPResponse.Status.ok }
        router.post("/federation/v1/queries") { request, connection -> Response in
            let body = try await request.body.collect(upTo: Self.bodyLimit)
            do {
                let answer = try await door(connection).handle(Array(body.readableBytesView))
                return Response(
                    status: .ok, headers: [.contentType: Self.sealed],
                    body: .init(byteBuffer: ByteBuffer(bytes: answer)))
            } catch let problem as FederationDoor.Problem {
                return Self.problem(problem)
            }
        }
        router.delete("/federation/v1/queries/:id") { request, connection -> Response in
            let body = try await request.body.collect(upTo: Self.bodyLimit)
            do {
                try await door(connection).cancel(Array(body.readableBytesView))
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

/// A request with the connection that it came over.
struct PeerRequestContext: RequestContext {
    var coreContext: CoreRequestContextStorage
    let channel: any Channel

    init(source: ApplicationRequestContextSource) {
        coreContext = CoreRequestContextStorage(source: source)
        channel = source.channel
    }
}
