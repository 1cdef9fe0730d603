internal import Core
internal import Foundation
internal import Hummingbird
internal import Logging
internal import NIOCore
internal import Node
internal import Store

/// Serves the console's pages: who may, how often, with what form. A page has no way to the data but the node's commands.
struct ConsoleDoor: Sendable {
    let house: WebHouse
    let templates: ConsoleTemplates

    private static let formLimit = 256 << 10
    /// Says once, on the next page, what was done.
    private static let notice = "__Host-concordat-notice"

    private static let policy =
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; "
        + "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

    func register(in router: Router<WebRequestContext>) {
        for page in ConsoleSections.pages {
            router.on(RouterPath(page.path), method: page.method) { request, context in
                try await serve(page, request, context)
            }
        }
        router.get("/assets/{name}") { request, context in
            if let seconds = house.requests.take("assets \(context.address)") {
                throw Problem.tooMany(seconds: seconds)
            }
            return try templates.assets.answer(context.parameters.get("name") ?? "", to: request)
        }
    }

    private func serve(
        _ page: ConsolePage, _ request: Request, _ context: WebRequestContext
    ) async throws -> Response {
        var caller: Caller?
        do {
            let form = try await form(page, request)
            caller = try await Authentication(
                house: house, request: request, address: context.address,
                formToken: form["change_token"] ?? "none"
            ).caller(for: page.right)
            let call = ConsoleCall(
                house: house, request: request, signedIn: caller, address: context.address,
                items: items(context.parameters), query: ConsoleForm(request.uri.query ?? ""), form: form)
            if page.isPrivileged, let caller {
                try await house.desk.record(
                    page.operation, of: caller, isAllowed: true, from: context.address)
            }
            return try response(try await page.handle(call), caller, request)
        } catch let problem as Problem where problem.status == .unauthorized && page.method == .get {
            return Self.leading(to: "/sign-in?" + AddressText.pairs([("next", request.uri.string)]))
        } catch {
            let problem = Self.problem(error, page, house.context.log)
            if caller == nil {
                caller = try? await Authentication(house: house, request: request, address: context.address)
                    .known()
            }
            return try response(Self.answer(to: problem), caller, request)
        }
    }

    /// For whoever asks for a page that there is not.
    func nothing(at request: Request, from address: String) async throws -> Response {
        if let seconds = house.requests.take("address \(address)") {
            return Problem.tooMany(seconds: seconds).response
        }
        let caller = try? await Authentication(house: house, request: request, address: address).known()
        return try response(Self.answer(to: .notFound), caller, request)
    }

    private func items(_ parameters: Parameters) -> [String: String] {
        parameters.reduce(into: [:]) { items, pair in
            items[String(pair.key)] = pair.value.removingPercentEncoding ?? ""
        }
    }

    private func form(_ page: ConsolePage, _ request: Request) async throws -> ConsoleForm {
        guard page.method != .get else { return .empty }
        let type = request.headers[.contentType]?.split(separator: ";").first.map(String.init) ?? ""
        guard type.lowercased() == ConsoleForm.type else {
            throw Problem("media-type", .unsupportedMediaType, "this is not a form of a page")
        }
        do {
            let bytes = try await request.body.collect(upTo: Self.formLimit)
            return ConsoleForm(String(buffer: bytes))
        } catch {
            throw Problem("too-large", .contentTooLarge, "what was written is too long")
        }
    }

    // MARK: Problems

    private static func problem(_ error: any Error, _ page: ConsolePage, _ log: Logger) -> Problem {
        switch error {
        case let problem as Problem: return problem
        case let fault as SQLFault: return .of(fault)
        case let fault as QuestionFault: return .of(fault.fault, sites: fault.sites)
        case let error as NodeError: return .of(error, isItem: page.method == .get && page.path.contains("{"))
        default:
            log.error(
                "a page failed",
                metadata: ["operation": "\(page.operation)", "error": "\(type(of: error))"])
            return Problem(
                "internal", .internalServerError, "this did not work",
                detail:
                    "The fault is on our side. The node's log has more; tell its operator when it happened.")
        }
    }

    private static func answer(to problem: Problem) -> ConsoleAnswer {
        var title = problem.title.prefix(1).uppercased() + problem.title.dropFirst()
        var detail = problem.detail
        switch problem.code {
        case Problem.foreignPage.code:
            detail =
                "The page was open for too long, or you signed in again since. Go back, reload it and try again."
        case Problem.unauthenticated.code:
            title = "You are signed out"
            detail =
                "Nothing came from you for a while. Go back: what you wrote is still there to copy. Then sign in again."
        default: break
        }
        if let seconds = problem.retryAfter { detail = "Try again in \(seconds) seconds." }
        if problem.code.hasPrefix("openid-"), let words = detail {
            detail = words.prefix(1).uppercased() + words.dropFirst() + "."
        }
        return .page("problem", title: title, ["detail": detail], status: problem.status)
    }

    // MARK: Answers

    private func response(_ answer: ConsoleAnswer, _ caller: Caller?, _ request: Request) throws -> Response {
        switch answer {
        case .page(let template, let title, let values, let status):
            let visitor = ConsoleVisitor(
                caller: caller,
                changeToken: SessionCookie.secret(request).map(house.desk.changeToken) ?? "",
                organisation: house.context.configuration.name, path: request.uri.path, said: said(request))
            let text = try templates.page(template, title: title, values, for: visitor)
            var headers = Self.headers("text/html; charset=utf-8")
            if visitor.said != nil { headers[.setCookie] = Self.notice(nil) }
            return Response(
                status: status, headers: headers, body: .init(byteBuffer: ByteBuffer(string: text)))
        case .away(let path, let words, let cookie):
            var response = Self.leading(to: path)
            for line in [words.map { Self.notice($0) }, cookie].compactMap(\.self) {
                response.headers.append(HTTPField(name: .setCookie, value: line))
            }
            return response
        case .onward(let farewell): return try leaving(farewell, request)
        case .file(let bytes, let type, let name):
            var headers = Self.headers(type)
            headers[.contentDisposition] =
                "attachment; filename=\"\(name.replacing(/[^A-Za-z0-9._-]/, with: "_"))\""
            return Response(status: .ok, headers: headers, body: .init(byteBuffer: ByteBuffer(bytes: bytes)))
        }
    }

    /// The page with the form that a browser sends to the provider. Only this page may send one elsewhere: wherever the
    /// provider leads on to is within the form's way, and is not known here, so that it may be any place with https.
    private func leaving(_ farewell: OpenIDDesk.Farewell, _ request: Request) throws -> Response {
        let visitor = ConsoleVisitor(
            caller: nil, changeToken: "", organisation: house.context.configuration.name, path: "/sign-out")
        let fields: [[String: any Sendable]] = farewell.fields.map { ["name": $0.name, "value": $0.value] }
        let text = try templates.page(
            "signing-out", title: "Signing out", ["address": farewell.address, "fields": fields], for: visitor
        )
        var headers = Self.headers("text/html; charset=utf-8")
        var places = "form-action 'self' https:"
        if OpenIDSettings.isLocal(farewell.address), let url = URL(string: farewell.address) {
            places += " http://\(url.host() ?? "localhost"):\(url.port ?? 80)"
        }
        if let name = HTTPField.Name("Content-Security-Policy") {
            headers[name] = Self.policy.replacing("form-action 'self'", with: places)
        }
        for line in [SessionCookie.removed, SessionCookie.leave(farewell.state)] {
            headers.append(HTTPField(name: .setCookie, value: line))
        }
        return Response(status: .ok, headers: headers, body: .init(byteBuffer: ByteBuffer(string: text)))
    }

    /// What stands in the way of a browser that came for no page of the console, as a page.
    func page(of problem: Problem, at request: Request) throws -> Response {
        try response(Self.answer(to: problem), nil, request)
    }

    private static func headers(_ type: String) -> HTTPFields {
        var headers: HTTPFields = [.contentType: type]
        if let name = HTTPField.Name("Content-Security-Policy") { headers[name] = policy }
        // With `no-referrer` browsers would not say from whose page a form comes.
        if let name = HTTPField.Name("Referrer-Policy") { headers[name] = "same-origin" }
        return headers
    }

    private static func leading(to path: String) -> Response {
        var headers = headers("text/html; charset=utf-8")
        headers[.location] = path
        return Response(status: .seeOther, headers: headers)
    }

    private static func notice(_ words: String?) -> String {
        "\(notice)=\(words.map(AddressText.escaped) ?? ""); Path=/; Max-Age=\(words == nil ? 0 : 60); "
            + "Secure; HttpOnly; SameSite=Strict"
    }

    private func said(_ request: Request) -> String? {
        guard let value = request.cookies[Self.notice]?.value, !value.isEmpty else { return nil }
        return value.removingPercentEncoding
    }
}
