import AsyncHTTPClient
package import Core
import Foundation
import NIOCore
import NIOHTTP1
import NIOSSL

/// Sends sealed messages to peers over mutual TLS 1.3 and gives back what they answer, still sealed.
///
/// The channel is no more than a channel: who answered is told by the envelope alone. Endpoint and
/// certificate come from the directory at each call, so that a new directory holds from the next call on.
package final class PeerClient: Sendable {
    /// What a peer answered.
    package enum Answer: Hashable, Sendable {
        /// A sealed result.
        case sealed([UInt8])
        /// Still at work: ask `queries/{id}` later.
        case pending
    }

    private let client: HTTPClient
    private let tls: TLSMaterial
    private let directory: PeerDirectory
    private let limits: WireLimits

    package init(keys: NodeKeys, directory: PeerDirectory, limits: WireLimits = .standard)
        throws(ExchangeError)
    {
        tls = try TLSMaterial(keys: keys, directory: directory)
        self.directory = directory
        self.limits = limits
        var configuration = HTTPClient.Configuration()
        configuration.httpVersion = .http1Only
        configuration.redirectConfiguration = .disallow
        configuration.decompression = .disabled
        // With the handshake of TLS: a busy node is not one that is down.
        configuration.timeout.connect = .seconds(10)
        // A peer that is down, or presents another certificate, is said so at once: retrying is the caller's.
        configuration.connectionPool.retryConnectionEstablishment = false
        client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    }

    /// Closes the connections; call it once, when the node stops.
    package func shutdown() async throws { try await client.shutdown() }

    /// Asks a peer: `POST /federation/v1/queries` with a sealed request.
    /// - Parameter deadline: how long to wait for the whole answer.
    /// - Throws: `deadlineExceeded`, `unreachable`, `tooManyRequests`, `tooLarge`, `peerProblem`, and what
    /// the
    ///   directory throws. Cancelling the task closes the connection.
    package func ask(
        _ peer: OrganisationCode, sealed bytes: [UInt8], deadline: Duration, at now: WireInstant
    ) async throws -> Answer {
        try await send(.POST, "queries", to: peer, body: bytes, deadline: deadline, at: now)
    }

    /// Fetches a result that was pending: `GET /federation/v1/queries/{id}`.
    package func poll(
        _ peer: OrganisationCode, queryID: String, deadline: Duration, at now: WireInstant
    ) async throws -> Answer {
        try await send(.GET, "queries/" + path(queryID), to: peer, body: nil, deadline: deadline, at: now)
    }

    /// Cancels a query: `DELETE /federation/v1/queries/{id}` with a sealed `QueryCancellation`.
    package func cancel(
        _ peer: OrganisationCode, queryID: String, sealed bytes: [UInt8], deadline: Duration,
        at now: WireInstant
    ) async throws {
        _ = try await send(
            .DELETE, "queries/" + path(queryID), to: peer, body: bytes, deadline: deadline, at: now)
    }

    /// Whether a peer is there: `GET /healthz` at the port for nodes, twice. The second goes over the connection that the
    /// first has opened, so that it tells how far away the peer is.
    /// - Parameter patience: for both together.
    /// - Returns: how long a round trip takes.
    /// - Throws: `unreachable`, `deadlineExceeded`, `peerProblem`, `unknownSender` where the two do not take each other's
    ///   certificates, and what the directory throws.
    package func probe(
        _ peer: OrganisationCode, within patience: Duration, at now: WireInstant
    ) async throws -> Duration {
        let end = ContinuousClock.now + patience
        var began = ContinuousClock.now
        for _ in 0..<2 {
            began = .now
            let request = try request(.GET, "healthz", to: peer, at: now)
            do {
                let response = try await client.execute(request, timeout: Self.amount(end - .now))
                guard response.status == .ok else { throw ExchangeError(.peerProblem) }
                _ = try await response.body.collect(upTo: Self.mostOfProbe)
            } catch is NIOSSLError {
                throw ExchangeError(.unknownSender, "TLS")
            } catch {
                throw try Self.cause(error)
            }
        }
        return .now - began
    }

    /// Bytes of an answer that bears nothing.
    private static let mostOfProbe = 1_024

    private func path(_ id: String) -> String {
        id.addingPercentEncoding(withAllowedCharacters: .alphanumerics.union(CharacterSet(charactersIn: "-")))
            ?? ""
    }

    private func send(
        _ method: HTTPMethod, _ path: String, to peer: OrganisationCode, body: [UInt8]?, deadline: Duration,
        at now: WireInstant
    ) async throws -> Answer {
        var request = try request(method, "federation/v1/\(path)", to: peer, at: now)
        request.headers.add(name: "content-type", value: Self.mediaType)
        if let body { request.body = .bytes(ByteBuffer(bytes: body)) }
        do {
            let response = try await client.execute(request, timeout: Self.amount(deadline))
            return try await read(response)
        } catch {
            throw try Self.cause(error)
        }
    }

    /// To the peer's endpoint, over TLS with the certificates that the directory has of it now.
    private func request(
        _ method: HTTPMethod, _ path: String, to peer: OrganisationCode, at now: WireInstant
    ) throws(ExchangeError) -> HTTPClientRequest {
        let endpoint = try directory.member(peer).endpoint
        guard endpoint.hasPrefix("https://") else { throw ExchangeError(.malformed, "endpoint") }
        var request = HTTPClientRequest(url: "\(endpoint)/\(path)")
        request.method = method
        request.tlsConfiguration = try tls.clientConfiguration(to: peer, at: now)
        return request
    }

    private static func amount(_ duration: Duration) -> TimeAmount {
        let (seconds, attoseconds) = duration.components
        return .nanoseconds(max(1, seconds * 1_000_000_000 + attoseconds / 1_000_000_000))
    }

    /// What a failed request comes to.
    /// - Throws: `CancellationError` where nobody waits any longer.
    private static func cause(_ error: any Error) throws -> any Error {
        switch error {
        case let error as ExchangeError: return error
        case is CancellationError: return error
        case let error as HTTPClientError where isTimeout(error): return ExchangeError(.deadlineExceeded)
        default:
            try Task.checkCancellation()
            return ExchangeError(.unreachable)
        }
    }

    private func read(_ response: HTTPClientResponse) async throws -> Answer {
        switch response.status.code {
        case 200:
            do {
                let body = try await response.body.collect(upTo: limits.bytes)
                return .sealed(Array(body.readableBytesView))
            } catch is NIOTooManyBytesError {
                throw ExchangeError(.tooLarge, "answer of a peer")
            }
        case 202, 204: return .pending
        case 429, 503: throw ExchangeError(.tooManyRequests)
        default: throw ExchangeError(.peerProblem)
        }
    }

    private static func isTimeout(_ error: HTTPClientError) -> Bool {
        error == .deadlineExceeded || error == .readTimeout || error == .connectTimeout
    }

    /// The media type of sealed messages.
    package static let mediaType = "application/vnd.concordat.sealed"
}
