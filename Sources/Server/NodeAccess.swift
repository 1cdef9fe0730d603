internal import Foundation
package import Node
package import Store

/// The way to a node, for commands: through the socket of the process that serves its home, or by opening the
/// home in this process when none does.
package enum NodeAccess {
    /// Makes a node's context from its home; given by the command line, which knows the concrete engines.
    package typealias Opener = @Sendable (Home) async throws -> NodeContext

    /// Runs one command wherever the node is.
    package static func run(
        _ command: NodeCommand, home root: String, open: Opener, progress: @escaping ProgressSink
    ) async throws -> NodeReply {
        do {
            let home = try Home.open(at: root)
            if LocalClient.isServed(home.layout.socketPath) {
                return try await LocalClient(socketPath: home.layout.socketPath).run(
                    command, progress: progress)
            }
            guard let context = try await opened(home, open) else {
                return try await LocalClient(socketPath: home.layout.socketPath).run(
                    command, progress: progress)
            }
            let reply = await CommandRunner(context: context, isServing: false).run(
                command, progress: progress)
            await context.close()
            return reply
        } catch {
            return .failed("\(error)")
        }
    }

    /// - Returns: nil where a node has begun to serve the home meanwhile: it is asked then.
    private static func opened(_ home: Home, _ open: Opener) async throws -> NodeContext? {
        do {
            return try await open(home)
        } catch let error as StoreError where error.code == .homeInUse {
            guard LocalClient.isServed(home.layout.socketPath) else { throw error }
            return nil
        }
    }
}
