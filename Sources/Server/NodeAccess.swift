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
            let context = try await open(home)
            let reply = await CommandRunner(context: context, isServing: false).run(
                command, progress: progress)
            await context.close()
            return reply
        } catch {
            return .failed("\(error)")
        }
    }
}
