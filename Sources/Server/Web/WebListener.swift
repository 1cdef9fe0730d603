internal import Hummingbird
internal import HummingbirdCore
internal import HummingbirdTLS
internal import Logging
internal import NIOCore
internal import NIOSSL
internal import Node
internal import ServiceLifecycle
internal import Store

/// Serves people and scripts over HTTP.
struct WebListener: Service {
    let context: NodeContext
    let settings: WebSettings

    func run() async throws {
        let house = try WebHouse(context: context, settings: settings)
        let templates = try await ConsoleTemplates(folder: context.pages)
        let application = Application(
            router: router(house, templates), server: try transport(),
            configuration: .init(
                address: .hostname(settings.host, port: settings.port), serverName: "concordat",
                availableConnectionsDelegate: MaximumAvailableConnections(settings.maximumConnections)),
            onServerRunning: { [context, settings] _ in
                context.log.notice(
                    "serving HTTP", metadata: ["listen": "\(settings.host):\(settings.port)"])
            }, logger: context.log)
        try await withGracefulShutdownHandler {
            try await application.run()
        } onGracefulShutdown: {
            // Whoever follows a question would hold the listener open.
            Task { await house.questions.close() }
        }
        await house.questions.close()
        await house.openID?.close()
    }

    private func router(_ house: WebHouse, _ templates: ConsoleTemplates) -> Router<WebRequestContext> {
        let router = Router(context: WebRequestContext.self)
        let console = ConsoleDoor(house: house, templates: templates)
        let door = APIDoor(house: house, routes: APIRoutes.all, console: console)
        router.addMiddleware {
            SecurityHeaders()
            ProblemAnswers(log: context.log, door: door, console: console)
        }
        door.register(in: router)
        console.register(in: router)
        router.get("/healthz") { _, _ in HTTPResponse.Status.ok }
        return router
    }

    /// TLS 1.2 or later, always.
    private func transport() throws -> HTTPServerBuilder {
        let certificate = try context.webCertificate(settings)
        let chain = try NIOSSLCertificate.fromPEMBytes(certificate.certificates)
        guard !chain.isEmpty else {
            throw NodeError(.configuration, "'web.certificate' in concordat.yaml holds no certificate")
        }
        let key = try NIOSSLPrivateKey(bytes: certificate.key, format: certificate.isPEM ? .pem : .der)
        var tls = TLSConfiguration.makeServerConfiguration(
            certificateChain: chain.map { .certificate($0) }, privateKey: .privateKey(key))
        tls.minimumTLSVersion = .tlsv12
        tls.applicationProtocols = ["http/1.1"]
        return try .tls(
            .http1(
                configuration: .init(
                    idleTimeout: .seconds(60),
                    httpDecoderConfiguration: .init(
                        maxHeaderFieldSize: 64 << 10, maxHeaderListSize: 64 << 10, maxHeaderFieldCount: 100))),
            tlsConfiguration: tls)
    }
}

/// What every answer bears, whatever it is about.
struct SecurityHeaders: RouterMiddleware {
    /// Nothing of an answer of the API is shown, framed or run.
    private static let always: [(HTTPField.Name?, String)] = [
        (
            HTTPField.Name("Content-Security-Policy"),
            "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
        ),
        (HTTPField.Name("Strict-Transport-Security"), "max-age=63072000; includeSubDomains"),
        (HTTPField.Name("X-Content-Type-Options"), "nosniff"),
        (HTTPField.Name("X-Frame-Options"), "DENY"),
        (HTTPField.Name("Referrer-Policy"), "no-referrer"),
        (HTTPField.Name("Cross-Origin-Opener-Policy"), "same-origin"),
        (HTTPField.Name("Cross-Origin-Resource-Policy"), "same-origin"),
        (HTTPField.Name("Permissions-Policy"), "camera=(), geolocation=(), microphone=()"),
        (HTTPField.Name("Cache-Control"), "no-store"),
    ]

    func handle(
        _ request: Request, context: WebRequestContext,
        next: (Request, WebRequestContext) async throws -> Response
    ) async throws -> Response {
        var response = try await next(request, context)
        for (name, value) in Self.always {
            guard let name, response.headers[name] == nil else { continue }
            response.headers[name] = value
        }
        return response
    }
}

/// Whatever went wrong, as a problem.
struct ProblemAnswers: RouterMiddleware {
    let log: Logger
    let door: APIDoor
    let console: ConsoleDoor

    func handle(
        _ request: Request, context: WebRequestContext,
        next: (Request, WebRequestContext) async throws -> Response
    ) async throws -> Response {
        do {
            return try await next(request, context)
        } catch let problem as Problem {
            return problem.response
        } catch let error as HTTPError where error.status == .notFound {
            let methods = door.methods(at: request.uri.path)
            guard !methods.isEmpty else {
                guard request.headers[.accept]?.contains("text/html") == true else {
                    return Problem.notFound.response
                }
                return try await console.nothing(at: request, from: context.address)
            }
            var response = Problem("method", .methodNotAllowed, "this cannot be done here").response
            response.headers[.allow] = methods.joined(separator: ", ")
            return response
        } catch {
            log.error("a request failed", metadata: ["error": "\(type(of: error))"])
            return Problem("internal", .internalServerError, "the request failed; the node's log has more")
                .response
        }
    }
}
