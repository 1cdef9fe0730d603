internal import Hummingbird
internal import NIOCore
internal import Node
internal import Store

/// What all requests share.
struct WebHouse: Sendable {
    let context: NodeContext
    let settings: WebSettings
    let desk: WebDesk
    /// nil where no provider is configured.
    let openID: OpenIDDesk?
    let questions: QuestionDesk
    let requests: RateLimit
    let signIns: RateLimit

    /// Of one address.
    private static let signInsPerMinute = 30

    init(context: NodeContext, settings web: WebSettings) throws {
        self.context = context
        settings = web
        desk = try WebDesk(context: context, settings: web)
        openID = try context.configuration.openID.map { [desk] settings in
            try OpenIDDesk(context: context, settings: settings, web: web, desk: desk)
        }
        questions = QuestionDesk(context: context)
        requests = RateLimit(perMinute: web.requestsPerMinute)
        signIns = RateLimit(perMinute: Self.signInsPerMinute)
    }
}

/// A header of a request or an answer.
typealias HTTPField = HTTPFields.Element

/// A request with the connection that it came over.
struct WebRequestContext: RequestContext {
    var coreContext: CoreRequestContextStorage
    let channel: any Channel

    init(source: ApplicationRequestContextSource) {
        coreContext = CoreRequestContextStorage(source: source)
        channel = source.channel
    }

    /// Of the client, or of the proxy before it.
    var address: String { channel.remoteAddress?.ipAddress ?? "unknown" }
}

/// The cookie that a session is known by: no other host, no script and no foreign page gets or sets it.
enum SessionCookie {
    static let name = "__Host-concordat"

    static func secret(_ request: Request) -> String? { request.cookies[name]?.value }

    static func set(_ secret: String, hours: Int) -> String {
        "\(name)=\(secret); Path=/; Max-Age=\(hours * 3_600); Secure; HttpOnly; SameSite=Strict"
    }

    static let away = "__Host-concordat-openid"

    /// Comes back with the browser from another site, once.
    static func remember(_ memory: String) -> String {
        "\(away)=\(memory); Path=/; Max-Age=\(OpenIDDesk.patience / 1_000); Secure; HttpOnly; SameSite=Lax"
    }

    static let forget = "\(away)=; Path=/; Max-Age=0; Secure; HttpOnly; SameSite=Lax"

    static let leaving = "__Host-concordat-leaving"

    /// Comes back with the browser after it was signed out at the provider.
    static func leave(_ state: String) -> String {
        "\(leaving)=\(state); Path=/; Max-Age=\(OpenIDDesk.patience / 1_000); Secure; HttpOnly; SameSite=Lax"
    }

    static let removed = "\(name)=; Path=/; Max-Age=0; Secure; HttpOnly; SameSite=Strict"
}
