import Core
import Foundation
import Store
import Testing

@testable import Node
@testable import Policy

/// A folder of policies of a test: the shipped files, changed.
struct PolicyFolder {
    let path: String

    /// Copies the shipped policies without their cases, and adds rules.
    init(at path: String, adding rules: String = "", keepingCases: Bool = false) throws {
        self.path = path
        let shipped = URL(filePath: NodeHome.shared.root).appending(path: "Policies")
        try FileManager.default.copyItem(at: shipped, to: URL(filePath: path))
        if !keepingCases {
            for name in try FileManager.default.contentsOfDirectory(atPath: path)
            where name.hasSuffix(".cases.yaml") {
                try FileManager.default.removeItem(atPath: "\(path)/\(name)")
            }
        }
        if !rules.isEmpty { try write(rules) }
    }

    /// The rules of the test, in a file of their own.
    func write(_ rules: String) throws {
        try rules.write(toFile: "\(path)/own.cedar", atomically: true, encoding: .utf8)
    }

    /// A rule that refuses everybody.
    static func closed(_ id: String) -> String {
        "@id(\"\(id)\") @reason(\"closed by \(id)\") forbid (principal, action, resource);"
    }
}

extension NodeContext {
    /// What the policies in force say to a question under an agreement of the tests.
    func policyNote() -> PolicyNote { policy.note }

    @discardableResult
    func policyCommand(_ command: PolicyBundleCommand) async throws -> String {
        try await run(.policyBundle(command))
    }
}
