internal import AsyncHTTPClient
internal import Foundation
internal import NIOCore
internal import NIOHTTP1
internal import NIOSSL

/// Speaks HTTP with one Bulk Data server: over TLS, with no redirection that would carry a token elsewhere.
final class BulkConnection: Sendable {
    struct Request: Sendable {
        var method: HTTPMethod
        var url: URL
        /// Named in errors in the place of the address.
        var what: String
        var accept: String
        var token: String?
        var prefer: String?
        var form: [(String, String)]?
        var headers: [(String, String)] = []
        /// Whether a redirection to another origin is followed, without the token.
        var mayLeave = false
    }

    struct Answer: Sendable {
        let status: Int
        let headers: HTTPHeaders
        let body: [UInt8]
        /// Of what was asked last, after redirections: relative addresses are relative to it.
        let url: URL
    }

    /// Trust and way: nil for what the machine trusts, and for no proxy.
    struct Settings: Codable, Hashable, Sendable {
        /// A PEM file of certificates that are trusted besides the machine's.
        var authorities: String?
        /// `http://[user:password@]host:port`
        var proxy: String?
    }

    /// A manifest can name many files.
    private static let bodyLimit = 64 << 20
    private static let redirectionLimit = 5

    let reach: BulkReach
    private let client: HTTPClient

    init(reach: BulkReach, settings: Settings) throws {
        self.reach = reach
        var configuration = HTTPClient.Configuration()
        configuration.redirectConfiguration = .disallow
        configuration.decompression = .disabled
        configuration.timeout.connect = .seconds(15)
        // Of silence, not of the whole: a server may take its time between two blocks of a file.
        configuration.timeout.read = .seconds(120)
        configuration.connectionPool.retryConnectionEstablishment = false
        if let authorities = settings.authorities {
            guard let found = try? NIOSSLCertificate.fromPEMFile(authorities), !found.isEmpty else {
                throw BulkError(.address, "'--ca-file' takes a file of certificates in PEM")
            }
            var tls = TLSConfiguration.makeClientConfiguration()
            tls.additionalTrustRoots = [.certificates(found)]
            configuration.tlsConfiguration = tls
        }
        if let proxy = settings.proxy { configuration.proxy = try Self.proxy(proxy) }
        client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    }

    func shutdown() async { try? await client.shutdown() }

    private static func proxy(_ text: String) throws -> HTTPClient.Configuration.Proxy {
        guard let parts = URLComponents(string: text), parts.scheme == "http", let host = parts.host,
            !host.isEmpty
        else {
            throw BulkError(.address, "'--proxy' takes http://host:port or http://user:password@host:port")
        }
        guard let user = parts.user else { return .server(host: host, port: parts.port ?? 8080) }
        return .server(
            host: host, port: parts.port ?? 8080,
            authorization: .basic(username: user, password: parts.password ?? ""))
    }

    // MARK: - Asking

    /// The whole answer, whatever its status.
    /// - Throws: `BulkError` of codes `address`, `answer` and `unreachable`; `CancellationError`.
    func send(_ request: Request) async throws -> Answer {
        let (response, url) = try await open(request)
        do {
            let body = try await response.body.collect(upTo: Self.bodyLimit)
            return Answer(
                status: Int(response.status.code), headers: response.headers,
                body: Array(body.readableBytesView),
                url: url)
        } catch is NIOTooManyBytesError {
            throw BulkError(.answer, "\(request.what) answered with more than \(Self.bodyLimit >> 20) MiB")
        } catch {
            throw try Self.fault(error, request)
        }
    }

    /// The head of an answer, its body still to come.
    func open(_ request: Request) async throws -> (response: HTTPClientResponse, url: URL) {
        var request = request
        for _ in 0...Self.redirectionLimit {
            try reach.check(request.url, request.what)
            if request.token != nil, !reach.mayHaveToken(request.url) {
                throw BulkError(
                    .address,
                    "\(request.what) lies at another origin and wants the access token: "
                        + BulkReach.remedy(request.url))
            }
            let response = try await execute(request)
            guard (300..<400).contains(response.status.code), response.status != .notModified else {
                return (response, request.url)
            }
            request = try redirected(request, response)
        }
        throw BulkError(.answer, "\(request.what) redirects again and again")
    }

    private func redirected(_ request: Request, _ response: HTTPClientResponse) throws -> Request {
        guard request.method == .GET, let place = response.headers.first(name: "location"),
            let url = URL(string: place, relativeTo: request.url)?.absoluteURL
        else {
            throw BulkError(.answer, "\(request.what) redirects (\(response.status.code)) where it may not")
        }
        var next = request
        next.url = url
        guard WebOrigin(url) != WebOrigin(request.url) else { return next }
        if request.token != nil, !reach.mayHaveToken(url) {
            // A file may lie elsewhere under an address that opens it by itself; everything else may not.
            guard request.mayLeave else {
                throw BulkError(
                    .address, "\(request.what) redirects to another origin: " + BulkReach.remedy(url))
            }
            next.token = nil
        }
        return next
    }

    private func execute(_ request: Request) async throws -> HTTPClientResponse {
        var message = HTTPClientRequest(url: request.url.absoluteString)
        message.method = request.method
        message.headers.add(name: "accept", value: request.accept)
        message.headers.add(name: "user-agent", value: "concordat")
        if let token = request.token { message.headers.add(name: "authorization", value: "Bearer \(token)") }
        if let prefer = request.prefer { message.headers.add(name: "prefer", value: prefer) }
        for (name, value) in request.headers { message.headers.add(name: name, value: value) }
        if let form = request.form {
            message.headers.add(name: "content-type", value: "application/x-www-form-urlencoded")
            message.body = .bytes(ByteBuffer(string: AddressText.pairs(form)))
        }
        do {
            return try await client.execute(message, deadline: .distantFuture)
        } catch {
            throw try Self.fault(error, request)
        }
    }

    /// The words of an error of the network, without any address that could open something.
    static func fault(_ error: any Error, _ request: Request) throws -> BulkError {
        if error is CancellationError || Task.isCancelled { throw CancellationError() }
        if let error = error as? BulkError { return error }
        let host = WebOrigin(request.url).map(\.description) ?? "it"
        let why: String
        switch error {
        case let error as HTTPClientError where error == .connectTimeout || error == .readTimeout:
            why = "it does not answer in time"
        case let error as HTTPClientError where error == .proxyAuthenticationRequired:
            why = "the proxy wants a user name and password"
        case is NIOSSLError, is NIOSSLExtraError:
            why = "TLS failed: is its certificate by an authority that this machine trusts? ('--ca-file')"
        case let error as HTTPClientError: why = "the connection broke (\(error.shortDescription))"
        default: why = "no connection (\(type(of: error)))"
        }
        return BulkError(.unreachable, "\(request.what) could not be reached at \(host): \(why)")
    }
}
