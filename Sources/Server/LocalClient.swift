internal import AsyncHTTPClient
internal import Foundation
internal import NIOCore
internal import NIOHTTP1
internal import Node

/// Talks to the node that serves a home, over its local socket.
package struct LocalClient: Sendable {
    let socketPath: String

    /// Whether somebody listens there: a socket file that a dead process left does not count.
    package static func isServed(_ path: String) -> Bool {
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let bytes = Array(path.utf8)
        guard bytes.count < MemoryLayout.size(ofValue: address.sun_path) else { return false }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size)) == 0
            }
        }
    }

    /// Sends a command and follows its events, a line of JSON each, to the reply.
    func run(_ command: NodeCommand, progress: ProgressSink) async throws -> NodeReply {
        guard let url = URL(httpURLWithSocketPath: socketPath, uri: "/local/v1/commands") else {
            return .failed("the socket's path cannot be used")
        }
        var request = HTTPClientRequest(url: url.absoluteString)
        request.method = .POST
        request.body = .bytes(ByteBuffer(bytes: try JSONEncoder().encode(command)))
        let response = try await HTTPClient.shared.execute(request, timeout: .hours(24))
        guard response.status == .ok else { return .failed("the node answered \(response.status.code)") }
        var line = ByteBuffer()
        var reply: NodeReply?
        for try await var part in response.body {
            line.writeBuffer(&part)
            while let end = line.readableBytesView.firstIndex(of: 0x0A) {
                let count = end - line.readerIndex + 1
                guard let bytes = line.readBytes(length: count) else { break }
                switch try JSONDecoder().decode(NodeEvent.self, from: Data(bytes)) {
                case .progress(let label, let done, let total, let unit): progress(label, done, total, unit)
                case .reply(let final): reply = final
                }
            }
        }
        return reply ?? .failed("the node stopped before it replied")
    }
}
