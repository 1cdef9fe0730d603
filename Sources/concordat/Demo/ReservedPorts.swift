internal import Foundation

/// Ports of the loopback interface that are kept free for the nodes until they listen.
///
/// Their sockets are bound and never listen, so nobody else is given the ports, neither another demonstration that
/// looks for free ones nor an outgoing connection; and both sides reuse addresses, so a node may bind them still
/// (socket(7), `SO_REUSEADDR`).
final class ReservedPorts {
    let numbers: [Int]
    private let sockets: [Int32]

    init(_ count: Int) throws {
        var made: [(socket: Int32, port: Int)] = []
        do {
            while made.count < count { made.append(try Self.bound()) }
        } catch {
            made.forEach { _ = close($0.socket) }
            throw error
        }
        numbers = made.map(\.port)
        sockets = made.map(\.socket)
    }

    deinit { sockets.forEach { _ = close($0) } }

    private static func bound() throws -> (socket: Int32, port: Int) {
        let kind = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)
        let descriptor = socket(AF_INET, kind, 0)
        guard descriptor >= 0 else { throw ChildProcess.Failure(description: "no socket to be had") }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, length) == 0 && getsockname(descriptor, $0, &length) == 0
            }
        }
        // Not before it is bound: a port that another keeps free would be as good as any.
        var reuses: Int32 = 1
        let isShared = setsockopt(
            descriptor, SOL_SOCKET, SO_REUSEADDR, &reuses, socklen_t(MemoryLayout<Int32>.size))
        guard isBound, isShared == 0 else {
            close(descriptor)
            throw ChildProcess.Failure(description: "no free port to be had")
        }
        return (descriptor, Int(UInt16(bigEndian: address.sin_port)))
    }
}
