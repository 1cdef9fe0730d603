import Foundation

/// The environment variables of this process.
package enum ProcessEnvironment {
    package static var current: [String: String] { ProcessInfo.processInfo.environment }
}
