internal import Core
internal import Foundation
internal import Hummingbird
internal import Logging
internal import NIOCore
internal import Node

/// Serves the routes of the table: who may, how often, with what; nothing is done that no route names.
struct APIDoor: Sendable {
    let house: WebHouse
    let routes: [APIRoute]
    /// Shows browsers what went wrong.
    let console: ConsoleDoor

    private static let bodyLimit = 1 << 20
    func register(in router: Router<WebRequestContext>) {
        for route in routes {
            router.on(RouterPath(APIRoute.root + route.path), method: route.method) { request, context in
                try await serve(route, request, context)
            }
        }
    }

    /// What may be done at an address, for who tries something else; empty where there is nothing.
    func methods(at path: String) -> [String] {
        let parts = path.split(separator: "/")
        let found = routes.filter { route in
            let own = (APIRoute.root + route.path).split(separator: "/")
            return own.count == parts.count
                && zip(own, parts).allSatisfy { $0.hasPrefix("{") || $0 == $1 }
        }
        return found.map(\.method.rawValue).sorted()
    }

    private func serve(
        _ route: APIRoute, _ request: Request, _ context: WebRequestContext
    ) async throws -> Response {
        do {
            let caller = try await Authentication(house: house, request: request, address: context.address)
                .caller(for: route.right)
            let call = APICall(
                house: house, request: request, signedIn: caller, address: context.address,
                items: try APIReading.items(route, context.parameters),
                query: try APIReading.query(route, request.uri.queryParameters),
                body: try await body(route, request))
            if route.isPrivileged, let caller {
                try await house.desk.record(
                    route.operation, of: caller, isAllowed: true, from: context.address)
            }
            return Self.response(try await route.handle(call), to: request, route)
        } catch {
            let problem = try Self.problem(error, route, house.context.log)
            if route.isForBrowsers, request.headers[.accept]?.contains("text/html") == true {
                return try console.page(of: problem, at: request)
            }
            return problem.response
        }
    }

    /// - Throws: what is no problem of the client's.
    private static func problem(_ error: any Error, _ route: APIRoute, _ log: Logger) throws -> Problem {
        switch error {
        case let problem as Problem: return problem
        case let fault as SQLFault: return .of(fault)
        case let fault as QuestionFault: return .of(fault.fault, sites: fault.sites)
        case let error as OpenIDError: return .of(error)
        case let error as NodeError:
            log.info("a request was not carried out", metadata: ["operation": "\(route.operation)"])
            return .of(error, isItem: !route.items.isEmpty && route.method != .put)
        default:
            log.error(
                "a request failed",
                metadata: ["operation": "\(route.operation)", "error": "\(type(of: error))"])
            throw error
        }
    }

    // MARK: Bodies

    private func body(_ route: APIRoute, _ request: Request) async throws -> JSONTree {
        guard let schema = route.body else { return .null }
        let bytes: ByteBuffer
        do {
            bytes = try await request.body.collect(upTo: Self.bodyLimit)
        } catch {
            throw Problem("too-large", .contentTooLarge, "the body is larger than \(Self.bodyLimit) bytes")
        }
        let type = request.headers[.contentType]?.split(separator: ";").first.map(String.init) ?? ""
        guard type.lowercased() == APIAnswer.json else {
            throw Problem(
                "media-type", .unsupportedMediaType, "a body must be JSON",
                detail: "send Content-Type: application/json")
        }
        guard let tree = try? JSONTree.parse(bytes.readableBytesView) else {
            throw Problem.invalid("the body is no JSON")
        }
        if let fault = schema.fault(in: tree) {
            throw Problem.invalid(
                "\(fault.place.isEmpty ? "the body" : fault.place) \(fault.words)", at: fault.place)
        }
        return tree
    }

    // MARK: Answers

    private static func response(_ answer: APIAnswer, to request: Request, _ route: APIRoute) -> Response {
        var headers = answer.headers
        switch answer.body {
        case .none: return Response(status: answer.status, headers: headers)
        case .text(let text, let type):
            headers[.contentType] = type
            return tagged(ByteBuffer(string: text), answer.status, headers, request, route)
        case .bytes(let bytes, let type):
            headers[.contentType] = type
            return tagged(ByteBuffer(bytes: bytes), answer.status, headers, request, route)
        case .events(let events):
            headers[.contentType] = "text/event-stream"
            return Response(status: answer.status, headers: headers, body: stream(events))
        }
    }

    /// What is read bears a tag of its bytes, and is not sent again to who has it (RFC 9110, 8.8.3 and 13.1.2).
    private static func tagged(
        _ body: ByteBuffer, _ status: HTTPResponse.Status, _ headers: HTTPFields, _ request: Request,
        _ route: APIRoute
    ) -> Response {
        guard !route.isChange, status == .ok else {
            return Response(status: status, headers: headers, body: .init(byteBuffer: body))
        }
        var headers = headers
        let tag = "\"\(APIPage.digest(body.readableBytesView))\""
        headers[.eTag] = tag
        let known = request.headers[.ifNoneMatch]?.split(separator: ",").map {
            $0.trimmingCharacters(in: .whitespaces).replacing("W/", with: "")
        }
        guard let known, known.contains(tag) || known.contains("*") else {
            return Response(status: status, headers: headers, body: .init(byteBuffer: body))
        }
        headers[.contentType] = nil
        return Response(status: .notModified, headers: headers)
    }

    /// A line now and then, so that who has gone is noticed, and nobody between ends a quiet connection.
    private static func stream(_ events: AsyncStream<String>) -> ResponseBody {
        ResponseBody { writer in
            let (merged, sink) = AsyncStream.makeStream(of: String.self)
            let beat = Task {
                while !Task.isCancelled {
                    try? await Task.sleep(for: .seconds(15))
                    sink.yield(": waiting\n\n")
                }
            }
            let source = Task {
                for await event in events { sink.yield(event) }
                sink.finish()
            }
            defer {
                beat.cancel()
                source.cancel()
            }
            for await event in merged { try await writer.write(ByteBuffer(string: event)) }
            try await writer.finish(nil)
        }
    }
}
